#include "tasks/match.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/utf8.h"
#include "tasks/pattern.h"

namespace axiometer {
namespace {

const std::string kMatchKeys[] = {"contains", "matches", "one_of", "at_least", "at_most", "exists", "has"};

// Text exactly, numbers by value (1 and 1.0), containers member by member, keys in any order.
bool Equal(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a == b;
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) {
    return std::equal(a.begin(), a.end(), b.begin(), [](const Json& x, const Json& y) { return Equal(x, y); });
  }
  if (a.is_object()) {
    for (const auto& [key, member] : a.items()) {
      const auto other = b.find(key);
      if (other == b.end() || !Equal(member, *other)) return false;
    }
    return true;
  }
  return a == b;
}

// Full case folding needs tables; lower-case letters of the common scripts with case are enough to
// find a word that a task's author wrote.
std::u32string CaseFolded(const std::string& text) {
  std::u32string points = CodePoints(text);
  for (char32_t& c : points) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
        (c >= 0x410 && c <= 0x42F)) {
      c += 0x20;
    } else if (c >= 0x400 && c <= 0x40F) {
      c += 0x50;
    } else if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x1E00 && c <= 0x1EFF)) {
      c |= 1;
    }
  }
  return points;
}

bool Contains(const Json& wanted, const Json& value) {
  if (value.is_array()) {
    return std::any_of(value.begin(), value.end(), [&](const Json& item) { return Equal(wanted, item); });
  }
  if (!value.is_string() || !wanted.is_string()) return false;
  return CaseFolded(value.get<std::string>()).find(CaseFolded(wanted.get<std::string>())) != std::u32string::npos;
}

std::optional<bool> OneMatches(const std::string& key, const Json& operand, const Json* value) {
  if (key == "exists") return operand.get<bool>() == (value != nullptr);
  if (value == nullptr) return false;
  if (key == "contains") return Contains(operand, *value);
  if (key == "one_of") {
    return std::any_of(operand.begin(), operand.end(), [&](const Json& item) { return Equal(item, *value); });
  }
  if (key == "at_least") return value->is_number() && *value >= operand;
  if (key == "at_most") return value->is_number() && *value <= operand;
  if (key == "matches") {
    if (!value->is_string()) return false;
    const std::optional<Pattern> pattern = Pattern::Compile(operand.get<std::string>());
    return pattern ? pattern->FoundIn(value->get<std::string>()) : std::nullopt;
  }
  // has
  if (!value->is_object()) return false;
  bool undecided = false;
  for (const auto& [name, match] : operand.items()) {
    const auto member = value->find(name);
    const std::optional<bool> matches = Matches(match, member == value->end() ? nullptr : &*member);
    if (matches && !*matches) return false;
    undecided = undecided || !matches;
  }
  if (undecided) return std::nullopt;
  return true;
}

}  // namespace

Result<Json> ReadMatch(const YamlView& view) {
  if (!view.is_mapping()) return view.ToJson();
  YamlFields fields(view, kMatchKeys);
  Json match = Json::object();
  for (const std::string& key : kMatchKeys) {
    const std::optional<YamlView> operand = fields.Find(key);
    if (!operand) continue;
    if (key == "has") {
      const auto members = operand->Members();
      if (!members) return members.error();
      Json has = Json::object();
      for (const auto& [name, nested] : *members) {
        Result<Json> read = ReadMatch(nested);
        if (!read) return read;
        has.emplace(name, std::move(*read));
      }
      match.emplace(key, std::move(has));
      continue;
    }
    Result<Json> value = operand->ToJson();
    if (!value) return value;
    if (key == "matches") {
      std::string problem;
      if (!value->is_string()) return operand->Unexpected("a pattern");
      if (!Pattern::Compile(value->get<std::string>(), &problem)) {
        return operand->Wrong("not a valid pattern", problem);
      }
    } else if (key == "one_of" && (!value->is_array() || value->empty())) {
      return operand->Unexpected("a list of values");
    } else if ((key == "at_least" || key == "at_most") && !value->is_number()) {
      return operand->Unexpected("a number");
    } else if (key == "exists" && !value->is_boolean()) {
      return operand->Unexpected("true or false");
    } else if (key == "contains" && (value->is_null() || value->is_object() || value->is_array())) {
      return operand->Unexpected("text or a value");
    }
    match.emplace(key, std::move(*value));
  }
  if (fields.error()) return *fields.error();
  return match;
}

std::optional<bool> Matches(const Json& match, const Json* value) {
  if (!match.is_object()) return value != nullptr && Equal(match, *value);
  if (value == nullptr && !match.contains("exists")) return false;
  bool undecided = false;
  for (const auto& [key, operand] : match.items()) {
    const std::optional<bool> matches = OneMatches(key, operand, value);
    if (matches && !*matches) return false;
    undecided = undecided || !matches;
  }
  if (undecided) return std::nullopt;
  return true;
}

std::string DescribeMatch(const Json& match) {
  if (!match.is_object()) return DumpJsonAsPython(match);
  if (match.empty()) return "anything";
  std::string words;
  for (const auto& [key, operand] : match.items()) {
    if (!words.empty()) words += " and ";
    if (key == "exists") {
      words += operand.get<bool>() ? "there" : "absent";
    } else if (key == "one_of") {
      words += "one of ";
      for (size_t i = 0; i < operand.size(); ++i) {
        if (i > 0) words += ", ";
        words += DumpJsonAsPython(operand[i]);
      }
    } else if (key == "has") {
      words += "with ";
      bool first = true;
      for (const auto& [name, nested] : operand.items()) {
        if (!first) words += ", ";
        first = false;
        words += name;
        words += ' ';
        words += DescribeMatch(nested);
      }
    } else if (key == "contains") {
      words += "containing " + DumpJsonAsPython(operand);
    } else if (key == "matches") {
      words += "matching " + DumpJsonAsPython(operand);
    } else {
      words += key == "at_least" ? "at least " : "at most ";
      words += DumpJsonAsPython(operand);
    }
  }
  return words;
}

bool LooksAtError(const Json& match) {
  if (!match.is_object()) return false;
  const auto has = match.find("has");
  return has != match.end() && has->contains("error");
}

}  // namespace axiometer
