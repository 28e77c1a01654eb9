#pragma once

#include <map>
#include <string>

#include "harness/base/result.h"

namespace axiometer {

// A rubric prompt holds {{ITEMS}} and {{TRANSCRIPT}} once each, {{MARK}} at least once, and no
// other name in doubled braces.
Result<void> CheckPlaceholders(const std::string& prompt);

// A Python format string with named fields: {name} is replaced, {{ and }} are braces. What
// str.format would refuse or treat as anything but a plain name among `fields` is an error.
Result<std::string> FormatAsPython(const std::string& format,
                                   const std::map<std::string, std::string>& fields);

}  // namespace axiometer
