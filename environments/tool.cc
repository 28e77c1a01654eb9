#include "environments/tool.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/digest.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr std::array<std::string_view, 7> kTypes = {"object",  "array",   "string", "number",
                                                    "integer", "boolean", "null"};

std::string Place(const std::string& place, const std::string& what) {
  return place.empty() ? what : place + ": " + what;
}

std::string Within(const std::string& place, const std::string& key) {
  return place.empty() ? key : place + "." + key;
}

std::optional<std::string> TypeProblem(const Json& type, const std::string& place) {
  if (type.is_array() && !type.empty()) {
    for (const Json& one : type) {
      if (auto problem = one.is_array() ? std::optional(Place(place, "a list of lists"))
                                        : TypeProblem(one, place)) {
        return problem;
      }
    }
    return std::nullopt;
  }
  const bool known = type.is_string() && std::find(kTypes.begin(), kTypes.end(),
                                                   type.get<std::string>()) != kTypes.end();
  if (known) return std::nullopt;
  return Place(place, "no type of JSON Schema: " + ForTerminal(DumpJson(type)));
}

std::optional<std::string> SubschemaProblem(const Json& schema, const std::string& place);

std::optional<std::string> ObjectProblem(const Json& schema, const std::string& place) {
  const auto properties = schema.find("properties");
  if (properties != schema.end()) {
    const std::string within = Within(place, "properties");
    if (!properties->is_object()) return Place(within, "expected an object");
    for (const auto& [name, property] : properties->items()) {
      if (auto problem = SubschemaProblem(property, Within(within, name))) return problem;
    }
  }
  const auto required = schema.find("required");
  if (required == schema.end()) return std::nullopt;
  const std::string within = Within(place, "required");
  if (!required->is_array()) return Place(within, "expected a list of names");
  for (const Json& name : *required) {
    if (!name.is_string()) return Place(within, "expected a list of names");
    if (properties == schema.end() || !properties->contains(name.get<std::string>())) {
      return Place(within, Quoted(name.get<std::string>()) + " is no property");
    }
  }
  return std::nullopt;
}

std::optional<std::string> SubschemaProblem(const Json& schema, const std::string& place) {
  if (schema.is_boolean()) return std::nullopt;
  if (!schema.is_object()) return Place(place, "expected a schema, an object");
  if (const auto type = schema.find("type"); type != schema.end()) {
    if (auto problem = TypeProblem(*type, Within(place, "type"))) return problem;
  }
  if (const auto values = schema.find("enum");
      values != schema.end() && (!values->is_array() || values->empty())) {
    return Place(Within(place, "enum"), "expected a list of values");
  }
  if (auto problem = ObjectProblem(schema, place)) return problem;
  for (const char* key : {"items", "additionalProperties"}) {
    const auto inner = schema.find(key);
    if (inner == schema.end() || inner->is_array()) continue;  // a list of items: an older draft
    if (auto problem = SubschemaProblem(*inner, Within(place, key))) return problem;
  }
  for (const char* key : {"anyOf", "oneOf", "allOf"}) {
    const auto parts = schema.find(key);
    if (parts == schema.end()) continue;
    if (!parts->is_array() || parts->empty())
      return Place(Within(place, key), "expected a list of schemas");
    for (const Json& part : *parts) {
      if (auto problem = SubschemaProblem(part, Within(place, key))) return problem;
    }
  }
  return std::nullopt;
}

bool IsOfType(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  // 1.0 is an integer to JSON Schema.
  if (type == "integer") {
    return value.is_number_integer() ||
           (value.is_number() && std::trunc(value.get<double>()) == value.get<double>());
  }
  return true;
}

std::optional<std::string> Contradiction(const Json& schema, const Json& value,
                                         const std::string& place) {
  if (!schema.is_object()) return std::nullopt;
  if (const auto type = schema.find("type"); type != schema.end()) {
    const auto fits = [&value](const Json& one) {
      return !one.is_string() || IsOfType(value, one.get<std::string>());
    };
    const bool good =
        type->is_array() ? std::any_of(type->begin(), type->end(), fits) : fits(*type);
    if (!good) return Place(place, "not of type " + ForTerminal(DumpJson(*type)));
  }
  if (const auto values = schema.find("enum"); values != schema.end() && values->is_array()) {
    if (std::find(values->begin(), values->end(), value) == values->end())
      return Place(place, "not one of its enum");
  }
  if (value.is_object()) {
    for (const Json& name : schema.value("required", Json::array())) {
      if (name.is_string() && !value.contains(name.get<std::string>())) {
        return Place(place, "without the required " + Quoted(name.get<std::string>()));
      }
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, property] : properties.items()) {
      const auto member = value.find(name);
      if (member == value.end()) continue;
      if (auto problem = Contradiction(property, *member, Within(place, name))) return problem;
    }
  }
  const auto items = schema.find("items");
  if (value.is_array() && items != schema.end()) {
    for (const Json& item : value) {
      if (auto problem = Contradiction(*items, item, place + "[]")) return problem;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string DigestWithTools(const std::string& files, const std::vector<CatalogTool>& tools) {
  std::vector<std::string> each;
  for (const CatalogTool& tool : tools) {
    each.push_back(DumpJson(Json::array({tool.name, tool.description, tool.parameters})));
  }
  std::sort(each.begin(), each.end());
  return Sha256(files + Sha256(DumpJson(Json(each))));
}

bool IsFunctionName(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string::npos;
}

std::optional<std::string> SchemaProblem(const Json& schema) {
  if (!schema.is_object()) return "expected a JSON schema, an object";
  if (schema.value("type", Json()) != "object") return "type: expected \"object\"";
  return SubschemaProblem(schema, "");
}

std::optional<std::string> ValueProblem(const Json& schema, const Json& value) {
  return Contradiction(schema, value, "");
}

}  // namespace axiometer
