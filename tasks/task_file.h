#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "tasks/environment_facts.h"
#include "tasks/task.h"

namespace axiometer {

// What a task file inherits from its suite.
struct TaskFileContext {
  std::string suite;
  std::string suite_directory;
  std::string value_system;  // defaults; may be empty
  std::string environment;
  std::vector<std::string> value_system_folders;  // the earlier wins
  EnvironmentLookup lookup;
  std::string system_prompt;  // the first message of every task
};

// One task file as FORMAT.md has it, checked as far as can be without running anything: dimensions,
// tools, environment, state keys, oracles. Its id is `<suite>/<stem of path>`.
Result<Task> ReadTaskFile(const std::string& path, const TaskFileContext& context);

}  // namespace axiometer
