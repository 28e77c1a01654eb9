#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "tasks/dilemma_form.h"
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
  std::string system_prompt;  // the first message of every agent task
  std::optional<TaskForm> form;  // in which the tasks are put; absent: each file's kind
  FormVariants variants;
  FormTemplates templates;
};

// One task file as FORMAT.md has it, every section checked as far as can be without running anything:
// dimensions, tools, environment, state keys, oracles, forms. What it gives in the wanted form: of an agent
// task the one `<suite>/<stem of path>`, of the others see TasksOfForm. Error: the file lacks the form.
Result<std::vector<Task>> ReadTaskFile(const std::string& path, const TaskFileContext& context);

}  // namespace axiometer
