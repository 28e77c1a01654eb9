// The typed readings of a YAML tree; yaml_reader.cc builds the tree.
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {
namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool IsCoreFloat(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent = text.substr(e + 1);
    if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) exponent.remove_prefix(1);
    if (!AllDigits(exponent)) return false;
    text = text.substr(0, e);
  }
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return AllDigits(text);
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = text.substr(dot + 1);
  if (whole.empty()) return AllDigits(fraction);
  return AllDigits(whole) && (fraction.empty() || AllDigits(fraction));
}

bool IsInfinityOrNan(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

enum class PlainKind { kText, kBoolean, kInteger, kFloat, kOutOfRange };

struct Plain {
  PlainKind kind = PlainKind::kText;
  Json json;
};

Plain ReadInteger(std::string_view digits, bool negative, int base) {
  if (negative) {
    const std::string text = "-" + std::string(digits);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc()) return {PlainKind::kOutOfRange, Json()};
    return {PlainKind::kInteger, Json(value)};
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc()) return {PlainKind::kOutOfRange, Json()};
  if (value <= static_cast<uint64_t>(INT64_MAX)) return {PlainKind::kInteger, Json(static_cast<int64_t>(value))};
  return {PlainKind::kInteger, Json(value)};
}

// A plain scalar by the core schema; null is a kind of its own in the tree.
Plain ReadPlain(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return {PlainKind::kBoolean, Json(true)};
  if (text == "false" || text == "False" || text == "FALSE") return {PlainKind::kBoolean, Json(false)};
  if (text.substr(0, 2) == "0x" && text.size() > 2 &&
      text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos) {
    return ReadInteger(text.substr(2), false, 16);
  }
  if (text.substr(0, 2) == "0o" && text.size() > 2 &&
      text.find_first_not_of("01234567", 2) == std::string_view::npos) {
    return ReadInteger(text.substr(2), false, 8);
  }
  const bool sign = !text.empty() && (text[0] == '-' || text[0] == '+');
  const std::string_view unsigned_text = sign ? text.substr(1) : text;
  if (AllDigits(unsigned_text)) return ReadInteger(unsigned_text, text[0] == '-', 10);
  if (IsInfinityOrNan(text)) return {PlainKind::kOutOfRange, Json()};
  if (IsCoreFloat(text)) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(unsigned_text.data(), unsigned_text.data() + unsigned_text.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return {PlainKind::kOutOfRange, Json()};
    return {PlainKind::kFloat, Json(text[0] == '-' ? -value : value)};
  }
  return {PlainKind::kText, Json(std::string(text))};
}

std::string ShowNumber(double value) { return DumpJson(Json(value)); }
std::string ShowBound(double value) {
  return value == std::floor(value) && std::fabs(value) < 1e15 ? std::to_string(static_cast<int64_t>(value))
                                                               : ShowNumber(value);
}

// "1 to 5", "1 or more"; `whole` for whole numbers only.
std::string RangeText(double low, double high, bool whole) {
  constexpr double kUnbounded = 9e15;
  if (std::fabs(low) >= kUnbounded) return whole ? "a whole number" : "a number";
  const std::string kind = whole ? "a whole number from " : "";
  if (std::fabs(high) >= kUnbounded) return kind + ShowBound(low) + " or more";
  return kind + ShowBound(low) + " to " + ShowBound(high);
}

}  // namespace

YamlView::YamlView(std::shared_ptr<const YamlNode> root, std::shared_ptr<const std::string> file,
                   const YamlNode* node, std::string path)
    : root_(std::move(root)), file_(std::move(file)), node_(node), path_(std::move(path)) {}

YamlView YamlView::Child(const YamlNode& node, std::string path) const {
  return YamlView(root_, file_, &node, std::move(path));
}

std::string YamlView::MemberPath(std::string_view key) const {
  return (path_.empty() ? "" : path_ + ".") + ForTerminal(key);
}

std::string YamlView::Place(int line, int column) const {
  return *file_ + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Error YamlView::Wrong(std::string what, std::string hint) const {
  return BadInput(Place(node_->line, node_->column), path_.empty() ? what : path_ + ": " + what,
                  std::move(hint));
}

Error YamlView::Unexpected(std::string_view expected, std::string hint) const {
  std::string got;
  switch (kind()) {
    case YamlNode::Kind::kNull: got = "nothing"; break;
    case YamlNode::Kind::kScalar:
      got = node_->quoted || ReadPlain(node_->text).kind == PlainKind::kText ? Quoted(node_->text, 40)
                                                                           : ForTerminal(node_->text);
      break;
    case YamlNode::Kind::kSequence: got = "a list"; break;
    case YamlNode::Kind::kMapping: got = "a mapping"; break;
  }
  return Wrong("expected " + std::string(expected) + ", got " + got, std::move(hint));
}

Result<std::string> YamlView::Text() const {
  if (!is_scalar()) return Unexpected("text");
  return node_->text;
}

Result<bool> YamlView::Boolean() const {
  if (is_scalar() && !node_->quoted) {
    const Plain plain = ReadPlain(node_->text);
    if (plain.kind == PlainKind::kBoolean) return plain.json.get<bool>();
  }
  return Unexpected("true or false");
}

Result<int64_t> YamlView::Integer(int64_t low, int64_t high) const {
  if (is_scalar() && !node_->quoted) {
    const Plain plain = ReadPlain(node_->text);
    if (plain.kind == PlainKind::kInteger && plain.json.type() == Json::value_t::number_integer) {
      const int64_t value = plain.json.get<int64_t>();
      if (value >= low && value <= high) return value;
    }
  }
  return Unexpected(RangeText(static_cast<double>(low), static_cast<double>(high), true));
}

Result<double> YamlView::Number(double low, double high) const {
  if (is_scalar() && !node_->quoted) {
    const Plain plain = ReadPlain(node_->text);
    if (plain.kind == PlainKind::kInteger || plain.kind == PlainKind::kFloat) {
      const double value = plain.json.get<double>();
      if (value >= low && value <= high) return value;
    }
  }
  return Unexpected(RangeText(low, high, false));
}

Result<std::vector<YamlView>> YamlView::Items() const {
  if (!is_sequence()) return Unexpected("a list");
  std::vector<YamlView> items;
  items.reserve(node_->items.size());
  for (size_t i = 0; i < node_->items.size(); ++i) {
    items.push_back(Child(node_->items[i], path_ + "[" + std::to_string(i) + "]"));
  }
  return items;
}

Result<std::vector<std::pair<std::string, YamlView>>> YamlView::Members() const {
  if (!is_mapping()) return Unexpected("a mapping");
  std::vector<std::pair<std::string, YamlView>> members;
  members.reserve(node_->members.size());
  for (const auto& [key, value] : node_->members) {
    members.emplace_back(key, Child(value, MemberPath(key)));
  }
  return members;
}

Result<Json> YamlView::ToJson() const {
  switch (kind()) {
    case YamlNode::Kind::kNull: return Json(nullptr);
    case YamlNode::Kind::kScalar: {
      if (node_->quoted) return Json(node_->text);
      Plain plain = ReadPlain(node_->text);
      if (plain.kind == PlainKind::kOutOfRange) {
        return Wrong("number " + ForTerminal(node_->text) + " cannot be held", "quote it to make it text");
      }
      return std::move(plain.json);
    }
    case YamlNode::Kind::kSequence: {
      Json array = Json::array();
      const auto items = Items();
      for (const YamlView& item : *items) {
        Result<Json> json = item.ToJson();
        if (!json) return json;
        array.push_back(std::move(*json));
      }
      return array;
    }
    case YamlNode::Kind::kMapping: {
      Json object = Json::object();
      const auto members = Members();
      for (const auto& [key, value] : *members) {
        Result<Json> json = value.ToJson();
        if (!json) return json;
        object.emplace(key, std::move(*json));
      }
      return object;
    }
  }
  return Json(nullptr);
}

YamlFields::YamlFields(const YamlView& view, std::span<const std::string> known_keys) : view_(view) {
  if (!view.is_mapping()) {
    Fail(view.Unexpected("a mapping", "write lines of \"key: value\""));
    return;
  }
  for (size_t i = 0; i < view.node().members.size(); ++i) {
    const std::string& key = view.node().members[i].first;
    bool known = false;
    for (const std::string& candidate : known_keys) known = known || candidate == key;
    if (known) continue;
    const auto [line, column] = view.node().key_places[i];
    std::string what = "unknown key " + Quoted(key);
    if (!view.path().empty()) what = view.path() + ": " + what;
    std::string all;
    for (const std::string& candidate : known_keys) all += (all.empty() ? "" : ", ") + candidate;
    Fail(BadInput(view.Place(line, column), std::move(what),
                  DidYouMean(key, known_keys, "known here: " + all)));
    return;
  }
}

bool YamlFields::Has(std::string_view key) const { return Find(key).has_value(); }

std::optional<YamlView> YamlFields::Find(std::string_view key) const {
  if (error_) return std::nullopt;
  for (const auto& [name, value] : view_.node().members) {
    if (name == key) return view_.Child(value, view_.MemberPath(key));
  }
  return std::nullopt;
}

std::optional<YamlView> YamlFields::Need(std::string_view key) {
  std::optional<YamlView> found = Find(key);
  if (!found && !error_) Fail(view_.Wrong(Quoted(key) + " is missing"));
  return found;
}

void YamlFields::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

template <class T>
T YamlFields::Take(Result<T> result, T fallback) {
  if (result) return std::move(*result);
  Fail(std::move(result).error());
  return fallback;
}

std::string YamlFields::NeedText(std::string_view key) {
  const std::optional<YamlView> found = Need(key);
  if (!found) return "";
  std::string text = Take(found->Text(), std::string());
  if (!error_ && TrimPython(text).empty()) Fail(found->Wrong("expected text, got an empty one"));
  return text;
}

std::string YamlFields::TextOr(std::string_view key, std::string fallback) {
  const std::optional<YamlView> found = Find(key);
  return found ? Take(found->Text(), std::string()) : fallback;
}

bool YamlFields::BooleanOr(std::string_view key, bool fallback) {
  const std::optional<YamlView> found = Find(key);
  return found ? Take(found->Boolean(), false) : fallback;
}

int64_t YamlFields::IntegerOr(std::string_view key, int64_t low, int64_t high, int64_t fallback) {
  const std::optional<YamlView> found = Find(key);
  return found ? Take(found->Integer(low, high), low) : fallback;
}

double YamlFields::NumberOr(std::string_view key, double low, double high, double fallback) {
  const std::optional<YamlView> found = Find(key);
  return found ? Take(found->Number(low, high), low) : fallback;
}

std::vector<YamlView> YamlFields::ItemsOr(std::string_view key) {
  const std::optional<YamlView> found = Find(key);
  return found ? Take(found->Items(), std::vector<YamlView>()) : std::vector<YamlView>();
}

std::vector<std::string> YamlFields::TextsOr(std::string_view key) {
  std::vector<std::string> texts;
  for (const YamlView& item : ItemsOr(key)) texts.push_back(Take(item.Text(), std::string()));
  return texts;
}

}  // namespace axiometer
