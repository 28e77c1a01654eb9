#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

// What loading a task needs to know of its environment. Comes from outside: tasks know nothing of
// how environments are kept or run.
struct EnvironmentFacts {
  std::string directory;
  // In the environment's order: name, and the function tool in the chat-completions form, one JSON
  // object {"type": "function", "function": {"name", "description", "parameters"}}.
  std::vector<std::pair<std::string, std::string>> tools;
  std::string default_state;  // one JSON object
  std::string digest;         // of its code, schemas and default state
  std::string flavour = "catalog";  // or "mcp": how it is started, see environments/environment.h
};

// The environment called `name`: a folder in environments/ of the suite, or a built-in one.
using EnvironmentLookup =
    std::function<Result<EnvironmentFacts>(const std::string& name, const std::string& suite_directory)>;

}  // namespace axiometer
