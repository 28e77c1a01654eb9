#pragma once

#include <string>

#include "harness/base/json.h"

namespace axiometer {

// `value` as YAML that people edit and YamlView reads back as the same: mappings and lists in block
// style, indented by two; text of several lines as block text (|), other text plain where that is
// unmistakable, else in double quotes. `value` is an object whose nesting is at most 60 levels.
// Ends with a line feed.
std::string WriteYaml(const Json& value);

// One text as it stands behind a key, plain or quoted, on one line.
std::string YamlText(const std::string& text);

}  // namespace axiometer
