#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace axiometer {

// JSON whose objects keep the order in which their keys came: judges are shown rubrics in file
// order and digests depend on it. Include <nlohmann/json.hpp> in the .cc that looks inside.
using Json = nlohmann::ordered_json;

// Parses one JSON text. At most `max_depth` nested containers; invalid UTF-8, trailing text and
// duplicate keys within one object (the last one counts) follow RFC 8259 as nlohmann reads it.
// The error's place is `where` with line and column.
Result<Json> ParseJson(std::string_view text, std::string_view where, int max_depth = 200);

// Null: the object has no such member, or is none.
const Json* FindMember(const Json& object, const std::string& name);

// One line, no spaces, UTF-8 kept; bytes that are not UTF-8 become U+FFFD.
std::string DumpJson(const Json& value);

// Exactly Python's json.dumps(value, ensure_ascii=False, indent=indent): separators ", " and ": "
// (with indent >= 0: "," and ": "), [] and {} for the empty ones, floats as the shortest text that
// reads back in Python's form (1.0, 1e-05, 1e+16), control characters as \n, \t, \u001f.
std::string DumpJsonAsPython(const Json& value, int indent = -1);

}  // namespace axiometer
