#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "tasks/dilemma_form.h"
#include "tasks/environment_facts.h"
#include "tasks/task.h"
#include "tasks/value_system.h"

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

// Where the parts of a task file stand, as FILE:LINE:COLUMN, by their way from the root: "prompt", "poles.a",
// "choice.question". A checkpoint goes by its id: "checkpoints.a1.anchors.2".
using TaskPlaces = std::map<std::string, std::string>;

// One task file whole, in whatever form its tasks are put.
struct TaskDocument {
  Task task;  // of kind agent: as a subject gets it; else id, title, value system, poles, tags, draft and review
  TaskForm kind = TaskForm::kAgent;
  std::map<TaskForm, DilemmaForm> forms;  // the sections choice and survey
  ValueSystem system;
  TaskPlaces places;
};
// Errors as of ReadTaskFile, except that no form is missing.
Result<TaskDocument> ReadTaskDocument(const std::string& path, const TaskFileContext& context);
// Of a file's text before there is a file; `path` is how it will be called.
Result<TaskDocument> ReadTaskText(std::string_view text, const std::string& path, const TaskFileContext& context);

// One task file as FORMAT.md has it, every section checked as far as can be without running anything:
// dimensions, tools, environment, state keys, oracles, forms. What it gives in the wanted form: of an agent
// task the one `<suite>/<stem of path>`, of the others see TasksOfForm. Error: the file lacks the form.
Result<std::vector<Task>> ReadTaskFile(const std::string& path, const TaskFileContext& context);

}  // namespace axiometer
