#include "reports/viewer/address.h"

#include <algorithm>
#include <optional>

#include "harness/base/utf8.h"
#include "reports/html_page.h"

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
