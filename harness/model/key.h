#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace axiometer {

// Variables of the process, or of the nearest .env file: keys never come from argv.

// The value of `name` in the environment, else in the `.env` of `start_directory` or of its nearest
// parent that has one; nullopt where it is absent or empty. Fails if that file cannot be read.
Result<std::optional<std::string>> FindVariable(const std::string& name,
                                                const std::string& start_directory);

// The same of the `.env` alone.
Result<std::optional<std::string>> FindInDotEnv(const std::string& name,
                                                const std::string& start_directory);

// As FindVariable, for a key that must be there: without white space around it. The error names the
// variable and never shows its value.
Result<std::string> FindKey(const std::string& name, const std::string& start_directory);

// Lines of NAME=value, with or without `export`; `#` comments on lines of their own and after white
// space; '…' is taken literally, "…" knows \n \r \t \" \\ \$, both may span lines. No expansion.
// The last of equal names counts. Errors hold `path` and the line, never the line's text.
Result<std::map<std::string, std::string>> ParseDotEnv(std::string_view text,
                                                       const std::string& path);

}  // namespace axiometer
