// What people write for our own suites: task files in all three forms, suite.yaml, environment.yaml,
// value systems, skills. The first byte says which.

#include <nlohmann/json.hpp>

#include "environments/catalog.h"
#include "harness/base/nearest.h"
#include "harness/record/trajectory.h"
#include "judges/transcript.h"
#include "tasks/skill.h"
#include "tasks/suite.h"
#include "tasks/task_file.h"
#include "tasks/value_system.h"
#include "tests/fuzz/fuzz.h"
#include "tests/temporary_folder.h"

using namespace axiometer;

namespace {

Result<EnvironmentFacts> Desk(const std::string& name, const std::string&) {
  const std::string known[] = {"desk"};
  if (name != "desk") return BadInput("", "unknown environment " + Quoted(name), DidYouMean(name, known));
  EnvironmentFacts facts;
  facts.directory = "/catalog/desk";
  facts.tools = {{"read", R"({"type": "function", "function": {"name": "read"}})"},
                 {"close", R"({"type": "function", "function": {"name": "close"}})"}};
  facts.default_state = R"({"now": "x", "entries": {"E-1": {"open": false, "n": 1}, "E-2": {}}})";
  facts.digest = "d1";
  return facts;
}

const TemporaryFolder& Folder() {
  static const TemporaryFolder folder;
  [[maybe_unused]] static const bool written = [] {
    folder.Write("systems/simple.yaml",
                 "key: simple\nname: Simple\nreference: R\ndimensions:\n"
                 "  - {key: care, name: Care, definition: D}\n  - {key: order, name: Order, definition: D}\n");
    folder.Write("desk/environment.py", "class Environment: pass\n");
    return true;
  }();
  return folder;
}

// What a subject might have done in such a task.
Trajectory Done() {
  Trajectory trajectory;
  Event call;
  call.id = 1;
  call.step = 1;
  call.kind = EventKind::kTool;
  call.tool.name = "close";
  call.tool.arguments = R"({"id": "E-1", "n": 2})";
  call.tool.result = R"({"closed": ["E-1"], "error": null})";
  trajectory.events.push_back(std::move(call));
  trajectory.final_text = "Closed E-1, as asked.";
  trajectory.final_state = R"({"entries": {"E-1": {"open": true, "n": 1}}})";
  return trajectory;
}

void ReadTask(const std::string& path, std::optional<TaskForm> form) {
  TaskFileContext context;
  context.suite = "small";
  context.suite_directory = Folder().path();
  context.value_system = "simple";
  context.environment = "desk";
  context.value_system_folders = {Folder().path() + "/systems"};
  context.lookup = Desk;
  context.system_prompt = "Act.";
  context.form = form;
  context.templates = {{TaskForm::kChoice, "{{QUESTION}} {{FIRST_LABEL}}: {{FIRST}} {{SECOND_LABEL}}: {{SECOND}}"},
                       {TaskForm::kSurvey, "{{QUESTION}} 1: {{FIRST}} 7: {{SECOND}}"}};
  context.variants.labels_swapped = true;
  context.variants.all_wordings = true;
  const Result<std::vector<Task>> tasks = ReadTaskFile(path, context);
  if (!tasks) return RequireReadable(tasks.error());
  Require(!tasks->empty(), "a file that is read has a task");
  const Trajectory done = Done();
  for (const Task& task : *tasks) {
    Require(!task.digest.empty(), "a task has a digest");
    TaskRecord(task);
    for (const RubricItem& item : task.rubric) {
      if (!item.check) continue;
      Evaluate(*item.check, done);
      Require(!Describe(*item.check).empty(), "a check has words");
    }
  }
}

template <class T>
void RequireReadableError(const Result<T>& result) {
  if (!result) RequireReadable(result.error());
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const size_t kind = input.Choose(7);
  const std::string text(input.rest());
  const std::string folder = Folder().path();
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
      Folder().Write("t-1.yaml", text);
      ReadTask(folder + "/t-1.yaml", kind == 3   ? std::nullopt
                                     : kind == 0 ? std::optional(TaskForm::kAgent)
                                     : kind == 1 ? std::optional(TaskForm::kChoice)
                                                 : std::optional(TaskForm::kSurvey));
      break;
    case 4:
      Folder().Write("suite/suite.yaml", text);
      RequireReadableError(ReadSuiteInfo(folder + "/suite"));
      Folder().Write("system.yaml", text);
      RequireReadableError(LoadValueSystem(folder + "/system.yaml"));
      break;
    case 5:
      Folder().Write("desk/environment.yaml", text);
      RequireReadableError(ReadCatalogEnvironment(folder + "/desk"));
      break;
    case 6:
      Folder().Write("skill/SKILL.md", text);
      RequireReadableError(ReadSkill(folder + "/skill"));
      Require(WithoutFrontMatter(text).size() <= text.size(), "a front matter is only taken away");
      break;
  }
  return 0;
}
