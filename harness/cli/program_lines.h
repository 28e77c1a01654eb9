#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

// A program of the user's that is run, not confined.
struct UsersProgram {
  std::string path;                      // absolute
  std::vector<std::string> arguments;    // without argv[0]
  std::vector<std::string> environment;  // NAME=value, complete
  std::string directory;                 // it works in; empty: "/"
};

// Runs it and hands over what it prints, line by line, as it comes. Error: it failed (with the last line that it wrote
// to standard error), nothing came for two minutes, or `take` returned one, at which it is killed.
Result<void> ReadProgramLines(UsersProgram program, const std::function<Result<void>(std::string_view)>& take);

// ReadProgramLines of `script` by the user's Python, for what has a library of its own there (pyarrow); not confined,
// since libraries lie anywhere. `python`: a path or a name that PATH has; empty: "python3". The script sees of our variables
// what ProgramEnvironment says.
Result<void> ReadPythonLines(const std::string& python, const std::string& script,
                             const std::vector<std::string>& arguments,
                             const std::function<Result<void>(std::string_view)>& take);

}  // namespace axiometer
