#pragma once

#include <optional>
#include <string>

#include "harness/base/json.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {

// MATCH of FORMAT.md, kept as JSON: a plain value, or a mapping of contains, matches, one_of, at_least,
// at_most, exists, has.
Result<Json> ReadMatch(const YamlView& view);

// Whether `value` (null: absent) matches. Absent matches only `exists: false`. nullopt if a pattern
// took too much work.
std::optional<bool> Matches(const Json& match, const Json* value);

// In words: `"2026-04"`, `one of "a", "b"`, `at least 3`.
std::string DescribeMatch(const Json& match);

// True if the match looks at the `error` of a result: has: {error: …}.
bool LooksAtError(const Json& match);

}  // namespace axiometer
