#include "reports/viewer/address.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "harness/base/utf8.h"
#include "harness/record/outcome.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  if (!IsUtf8(out)) return std::nullopt;
  return out;
}

// Calls `each` with every part of `text` between `separator`s.
template <class Each>
bool ForParts(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    if (!part.empty() && !each(part)) return false;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return true;
}

// What numbers a page reads from the query.
struct Asked {
  const char* name;
  double least, most;
  bool whole;
};
constexpr double kMostInt = std::numeric_limits<int>::max();
constexpr double kMostId = 9.3e18;  // more than an id can be
constexpr Asked kNumbers[] = {{"epoch", 1, kMostInt, true},    {"after_epoch", 0, kMostInt, true}, {"attempt", 1, kMostId, true},
                              {"call", 0, kMostInt, true},     {"event", 0, kMostInt, true},       {"to", -1, 1, false},
                              {"apart", 0, 2, false}};
constexpr Asked kLeadFrom = {"from", -1, 1, false};       // of a list of samples
constexpr Asked kPlaceFrom = {"from", 0, kMostInt, true};  // of all else: an event, a call, a byte

template <class T>
std::optional<T> NumberIn(const std::string& text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool Fits(const Asked& asked, const std::string& text) {
  if (asked.whole && !NumberIn<int64_t>(text)) return false;
  const std::optional<double> number = NumberIn<double>(text);
  return number && *number >= asked.least && *number <= asked.most;
}

std::string Bound(double number) { return std::to_string(static_cast<int64_t>(number)); }

}  // namespace

const std::string& Address::Get(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return kNone;
}

std::vector<std::string> Address::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query) {
    if (key == name && !value.empty()) values.push_back(value);
  }
  return values;
}

std::optional<int64_t> Address::Whole(std::string_view name) const { return NumberIn<int64_t>(Get(name)); }
std::optional<double> Address::Decimal(std::string_view name) const { return NumberIn<double>(Get(name)); }

std::string Address::With(std::string_view name, std::string_view value) const {
  Address other = *this;
  std::erase_if(other.query, [&](const auto& one) { return one.first == name; });
  if (!value.empty()) other.query.emplace_back(name, value);
  return AddressText(other);
}

Result<Address> ParseAddress(std::string_view target) {
  const Error problem = BadInput("address", "cannot be read", "follow a link of the page, or start at /");
  if (!target.starts_with('/') || target.size() > kLongestAddress) return problem;
  target = target.substr(0, target.find('#'));
  const size_t question = target.find('?');
  Address address;
  const bool path = ForParts(target.substr(0, question), '/', [&](std::string_view part) {
    std::optional<std::string> decoded = Decoded(part, false);
    if (decoded) address.path.push_back(std::move(*decoded));
    return decoded.has_value();
  });
  if (!path) return problem;
  const std::string_view asked = question == std::string_view::npos ? "" : target.substr(question + 1);
  const bool query = ForParts(asked, '&', [&](std::string_view part) {
    const size_t equals = part.find('=');
    std::optional<std::string> name = Decoded(part.substr(0, equals), true);
    std::optional<std::string> value =
        equals == std::string_view::npos ? std::string() : Decoded(part.substr(equals + 1), true);
    if (!name || !value) return false;
    address.query.emplace_back(std::move(*name), std::move(*value));
    return true;
  });
  if (!query || AddressText(address).size() > kLongestAddress) return problem;
  return address;
}

Result<void> CheckQuery(const Address& address) {
  const auto problem = [](const std::string& name, const std::string& value, const std::string& mend) {
    return BadInput("", name + "=" + Excerpt(value, 40) + " means nothing", mend);
  };
  const bool list = !address.path.empty() && address.path.back() == "samples";
  for (const auto& [name, value] : address.query) {
    if (value.empty()) continue;
    const Asked* asked = name == "from" ? list ? &kLeadFrom : &kPlaceFrom : nullptr;
    for (const Asked& one : kNumbers) {
      if (name == one.name) asked = &one;
    }
    if (asked && !Fits(*asked, value)) {
      return problem(name, value, std::string("give a ") + (asked->whole ? "whole number" : "number") + " from " + Bound(asked->least) +
                                      (asked->most <= 2 ? " to " + Bound(asked->most) : " on"));
    }
    if (name == "rank" && value != "leads" && value != "trails" && value != "even") return problem(name, value, "choose leads, trails or even");
    if (name == "outcome" && !OutcomeFromName(value)) return problem(name, value, "choose one of the form of the list of samples");
  }
  return {};
}

std::string AddressText(const Address& address) {
  std::string out;
  for (const std::string& part : address.path) out += "/" + AddressPart(part);
  if (out.empty()) out = "/";
  char separator = '?';
  for (const auto& [name, value] : address.query) {
    out += separator + AddressPart(name) + "=" + AddressPart(value);
    separator = '&';
  }
  return out;
}

}  // namespace axiometer
