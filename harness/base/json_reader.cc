#include "harness/base/json_reader.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

std::string Show(const Json& value) {
  constexpr size_t kShown = 42;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  const std::u32string points = CodePoints(DumpJson(value));
  if (points.size() <= kShown) return ForTerminal(EncodeUtf8(points));
  return ForTerminal(EncodeUtf8(points.substr(0, kShown))) + "…";
}

std::string Index(size_t i) {
  std::string text(1, '[');
  text += std::to_string(i);
  text += ']';
  return text;
}

}  // namespace

JsonFields::JsonFields(const Json& object, std::string where, std::string path)
    : object_(&object), where_(std::move(where)), path_(std::move(path)) {
  if (!object.is_object()) Fail(Unexpected("", "an object", object));
}

const Json* JsonFields::Find(std::string_view key) const {
  if (error_) return nullptr;
  const auto found = object_->find(std::string(key));
  return found == object_->end() ? nullptr : &*found;
}

const Json* JsonFields::Need(std::string_view key) {
  const Json* found = Find(key);
  if (found == nullptr) Fail(Wrong("", Quoted(key) + " is missing"));
  return found;
}

std::string JsonFields::NeedText(std::string_view key) {
  const Json* found = Need(key);
  if (found == nullptr) return "";
  if (!found->is_string()) {
    Fail(Unexpected(key, "text", *found));
    return "";
  }
  return found->get<std::string>();
}

std::string JsonFields::TextOr(std::string_view key, std::string fallback) {
  return Find(key) == nullptr ? fallback : NeedText(key);
}

bool JsonFields::BooleanOr(std::string_view key, bool fallback) {
  const Json* found = Find(key);
  if (found == nullptr) return fallback;
  if (found->is_boolean()) return found->get<bool>();
  Fail(Unexpected(key, "true or false", *found));
  return fallback;
}

int64_t JsonFields::NeedInteger(std::string_view key, int64_t low, int64_t high) {
  const Json* found = Need(key);
  if (found == nullptr) return low;
  const bool fits = found->is_number_integer() &&
                    (!found->is_number_unsigned() ||
                     found->get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX));
  if (fits && found->get<int64_t>() >= low && found->get<int64_t>() <= high) {
    return found->get<int64_t>();
  }
  const std::string range = high == INT64_MAX
                                ? std::to_string(low) + " or more"
                                : std::to_string(low) + " to " + std::to_string(high);
  Fail(Unexpected(key, low == INT64_MIN ? "a whole number" : range, *found));
  return low;
}

int64_t JsonFields::IntegerOr(std::string_view key, int64_t low, int64_t high, int64_t fallback) {
  return Find(key) == nullptr ? fallback : NeedInteger(key, low, high);
}

double JsonFields::NumberOr(std::string_view key, double fallback) {
  const Json* found = Find(key);
  if (found == nullptr) return fallback;
  if (found->is_number() && std::isfinite(found->get<double>())) return found->get<double>();
  Fail(Unexpected(key, "a number", *found));
  return fallback;
}

const Json* JsonFields::NeedObject(std::string_view key) {
  const Json* found = Need(key);
  if (found == nullptr || found->is_object()) return found;
  Fail(Unexpected(key, "an object", *found));
  return nullptr;
}

const Json* JsonFields::NeedArray(std::string_view key) {
  const Json* found = Need(key);
  if (found == nullptr || found->is_array()) return found;
  Fail(Unexpected(key, "an array", *found));
  return nullptr;
}

std::vector<std::string> JsonFields::NeedTexts(std::string_view key) {
  std::vector<std::string> texts;
  const Json* array = NeedArray(key);
  if (array == nullptr) return texts;
  for (size_t i = 0; i < array->size(); ++i) {
    if (!(*array)[i].is_string()) {
      Fail(Unexpected(std::string(key) + Index(i), "text", (*array)[i]));
      return {};
    }
    texts.push_back((*array)[i].get<std::string>());
  }
  return texts;
}

std::vector<JsonFields> JsonFields::NeedObjects(std::string_view key) {
  std::vector<JsonFields> objects;
  const Json* array = NeedArray(key);
  if (array == nullptr) return objects;
  for (size_t i = 0; i < array->size(); ++i) {
    std::string path = (path_.empty() ? "" : path_ + ".") + std::string(key) + Index(i);
    objects.emplace_back((*array)[i], where_, std::move(path));
    if (objects.back().error()) {
      Fail(*objects.back().error());
      return {};
    }
  }
  return objects;
}

Error JsonFields::Wrong(std::string_view key, std::string what) const {
  std::string path = path_;
  if (!key.empty()) {
    if (!path.empty()) path += ".";
    path += key;
  }
  return BadInput(where_, path.empty() ? what : path + ": " + what);
}

Error JsonFields::Unexpected(std::string_view key, std::string_view expected, const Json& got) const {
  return Wrong(key, "expected " + std::string(expected) + ", got " + Show(got));
}

void JsonFields::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

}  // namespace axiometer
