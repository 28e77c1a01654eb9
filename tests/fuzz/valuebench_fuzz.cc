// Agent-ValueBench's files: results, trajectories, tool logs, cases with rubric and environment (one
// below the other with lines of --- between), and what the scripts print that read a checkout. The
// first byte says which.

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "judges/agent_valuebench_harness.h"
#include "judges/agent_valuebench_health.h"
#include "judges/agent_valuebench_reader.h"
#include "judges/agent_valuebench_trajectory.h"
#include "tasks/agent_valuebench.h"
#include "tasks/agent_valuebench_choice.h"
#include "tasks/agent_valuebench_results.h"
#include "tasks/dvmap.h"
#include "tests/fuzz/fuzz.h"
#include "tests/temporary_folder.h"

using namespace axiometer;

namespace {

template <class T>
void RequireReadableError(const Result<T>& result) {
  if (!result) RequireReadable(result.error());
}

Task InventedTask() {
  Task task;
  task.rubric_name = "Invented_case";
  task.environment = "Place";
  task.tool_names = {"t"};
  task.tools = R"([{"type": "function", "function": {"name": "t"}}])";
  task.facts = R"({"checkpoints": {"a": [{"related_functions": ["t"], "expected_actions": ["call `t`"]}],
                   "b": [{"related_functions": ["u"], "expected_actions": ["u 'x'"]}]}})";
  return task;
}

void ShowTrajectory(const Result<ReleasedTrajectory>& read) {
  if (!read) return RequireReadable(read.error());
  const Task task = InventedTask();
  AgentValueBenchTrajectoryText(read->trajectory);
  const std::string file = AgentValueBenchTrajectoryJson(task, read->trajectory, {});
  const Result<ReleasedTrajectory> again = ReadTrajectoryFile(file, "again.json");
  Require(again.has_value(), "a trajectory that is written can be read");
  Require(AgentValueBenchTrajectoryText(again->trajectory) == AgentValueBenchTrajectoryText(read->trajectory),
          "and is shown to a judge alike");
  HarnessHealthOf(task, read->trajectory);
}

const TemporaryFolder& Checkout() {
  static const TemporaryFolder folder;
  [[maybe_unused]] static const bool written = [] {
    for (const char* file : {"environment/BaseEnv.py", "environment/EnvManager.py", "environment/__init__.py",
                             "environment/Shop.py", "configs/value_systems.json", "TrajGen/tir_agent_eval_openai.py",
                             "ValueEval/prompts.py", "ValueEval/rubric_trajectory_judge.py", "core/__init__.py"}) {
      folder.Write(file, "x");
    }
    return true;
  }();
  return folder;
}

void ReadCase(FuzzInput input) {
  std::string parts[3];
  std::string_view rest = input.rest();
  for (std::string& part : parts) {
    const size_t end = rest.find("\n---\n");
    part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 5);
  }
  Checkout().Write("case/case_00001.json", parts[0]);
  Checkout().Write("rubric/case_00001_rubric.json", parts[1]);
  Checkout().Write("environment/Shop.json", parts[2]);
  AgentValueBenchTexts texts;
  texts.cases = {"case_00001"};
  texts.system = texts.user = {"x"};
  texts.judge_system = texts.judge_template = "x";
  const auto source = AgentValueBench::Open(Checkout().path(), ToolSchemaFamily::kWithoutRootCombinators, texts);
  if (!source) return RequireReadable(source.error());
  const auto task = (*source)->Load(0);
  if (!task) return RequireReadable(task.error());
  TaskRecord(**task);
}

void TakeRows(std::string_view text) {
  DvmapRows rows("test", "system");
  FuzzInput input(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  while (!input.rest().empty()) {
    const Result<void> taken = rows.Take(input.Until('\n'));
    if (!taken) return RequireReadable(taken.error());
  }
  const Result<std::unique_ptr<Dvmap>> split = rows.Finish();
  if (!split) return RequireReadable(split.error());
  for (size_t i = 0; i < (*split)->refs().size(); ++i) Require((*split)->Load(i).has_value(), "a row is a task");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const size_t kind = input.Choose(7);
  const std::string_view text = input.rest();
  switch (kind) {
    case 0:
      RequireReadableError(ReadReleasedResult(text, "r.json"));
      break;
    case 1:
      ShowTrajectory(ReadTrajectoryFile(text, "t.json"));
      break;
    case 2:
      ShowTrajectory(ReadToolLog(text, "t.jsonl"));
      break;
    case 3:
      ReadCase(input);
      break;
    case 4:
      RequireReadableError(ParseAgentValueBenchTexts(text));
      break;
    case 5:
      RequireReadableError(ParseForcedChoiceTexts(text));
      break;
    case 6:
      TakeRows(text);
      break;
  }
  return 0;
}
