#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"

namespace axiometer {

struct CatalogTool {
  std::string name;         // the method's or the server's
  std::string description;  // what the agent is told
  std::string parameters;   // JSON schema of the arguments, one JSON object
};

// SHA-256 over the digest of an environment's files and its tools' names, descriptions and schemas,
// whatever their order.
std::string DigestWithTools(const std::string& files, const std::vector<CatalogTool>& tools);

// What a model's endpoint takes as the name of a function: letters, digits, "_" and "-", 1 to 64.
bool IsFunctionName(const std::string& name);

// What is wrong with a JSON schema of a tool's arguments, with the place ("properties.path: …"):
// not of type object, a type that there is not, properties that are no schemas, a required name
// that is no property, an enum without members. nullopt: nothing that is looked for.
std::optional<std::string> SchemaProblem(const Json& schema);

// In what `value` plainly contradicts the JSON schema: types, required members and enums, at every
// depth that `properties` and `items` reach. Other keywords are not looked at.
std::optional<std::string> ValueProblem(const Json& schema, const Json& value);

}  // namespace axiometer
