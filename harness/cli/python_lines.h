#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

// Runs `script` by the user's Python and hands over what it prints, line by line, as it comes. For
// reading what has a library of its own there (pyarrow); not confined, since libraries lie anywhere.
// `python`: a path or a name that PATH has; empty: "python3". The script sees no more of our
// variables than Python needs to find its libraries. Error: no such interpreter, the script failed
// (with the last line that it wrote to standard error), nothing came for two minutes, or `take`
// returned one, at which the script is killed.
Result<void> ReadPythonLines(const std::string& python, const std::string& script,
                             const std::vector<std::string>& arguments,
                             const std::function<Result<void>(std::string_view)>& take);

}  // namespace axiometer
