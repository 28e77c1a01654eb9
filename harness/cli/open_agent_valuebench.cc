#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "environments/confined_script.h"
#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/file.h"
#include "harness/base/json_reader.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/io/loop.h"
#include "judges/agent_valuebench_choice.h"
#include "judges/agent_valuebench_health.h"
#include "tasks/agent_valuebench.h"
#include "tasks/agent_valuebench_choice.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

Async<> RunConfinedInto(Loop& loop, const HostOptions& options, std::string script,
                        std::vector<std::string> directories, std::string input,
                        std::optional<Result<std::string>>& output) {
  Result<std::string> printed =
      co_await RunConfined(loop, options, std::move(script), std::move(directories),
                           std::move(input), 64u << 20, 120'000);
  output.emplace(std::move(printed));
}

Result<std::string> RunScript(const HostOptions& host, std::string script,
                              std::vector<std::string> directories, std::string input) {
  Loop loop;
  std::optional<Result<std::string>> printed;
  loop.Spawn(RunConfinedInto(loop, host, std::move(script), std::move(directories),
                             std::move(input), printed));
  loop.Run();
  return *std::move(printed);
}

// A few environments of the release import dateutil; without it their cases would fail one by one.
Result<void> CheckDateutil(const AgentValueBench& tasks, const HostOptions& host,
                           const std::vector<size_t>& indexes) {
  std::vector<size_t> needing;
  for (const size_t index : indexes) {
    if (tasks.needs_dateutil(index)) needing.push_back(index);
  }
  if (needing.empty()) return {};
  const Result<std::string> printed = RunScript(host, "import dateutil.parser", {}, "");
  if (printed) return {};
  if (printed.error().what.find("No module named 'dateutil") == std::string::npos)
    return printed.error();
  const std::string& first = tasks.refs()[needing.front()].id;
  return Failed(tasks.suite(),
                "the Python package dateutil is missing, which " +
                    (needing.size() == 1 ? "case " + Quoted(first) + " needs"
                                         : std::to_string(needing.size()) +
                                               " of the cases need, the first " + Quoted(first)),
                "install python3-dateutil");
}

// What a script prints that asks the checkout's own code, confined. `absolute`: the checkout.
Result<std::string> AskCheckout(const std::string& absolute, const HostOptions& host,
                                std::string script, const Json& request) {
  Result<std::string> printed = RunScript(host, std::move(script), {absolute}, DumpJson(request));
  if (!printed && printed.error().where == kConfinedScript) {
    return BadInput(absolute, "its own code does not give its texts: " + printed.error().what,
                    "use an unmodified checkout of github.com/ValueByte-AI/Agent-ValueBench");
  }
  return printed;
}

// The checkout at `directory`, its texts rendered by its own code.
Result<std::unique_ptr<AgentValueBench>> OpenCheckout(const std::string& directory,
                                                      const std::string& model,
                                                      const HostOptions& host) {
  if (Result<void> layout = CheckAgentValueBenchLayout(directory); !layout) return layout.error();
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> script = AgentValueBenchScript(*data_dir);
  if (!script) return std::move(script).error();
  const std::string absolute = fs::absolute(directory).lexically_normal().string();
  const Result<std::string> printed =
      AskCheckout(absolute, host, std::move(*script), Json{{"directory", absolute}});
  if (!printed) return printed.error();
  Result<AgentValueBenchTexts> texts = ParseAgentValueBenchTexts(*printed);
  if (!texts) return std::move(texts).error();
  return AgentValueBench::Open(absolute, ToolSchemaFamilyOf(model), std::move(*texts));
}

// How the checkout announces a skill of this name, in the words of its own code.
Result<std::string> SkillBlock(const std::string& absolute, const HostOptions& host,
                               const std::string& name) {
  constexpr char kPreparation[] = "HarnessEval/prepare_mft08_skill_experiment.py";
  std::error_code ignored;
  if (!fs::is_regular_file(fs::path(absolute) / kPreparation, ignored)) {
    return BadInput(
        absolute, "no file " + Quoted(kPreparation) + ", which has the words that announce a skill",
        "expected a checkout of https://github.com/ValueByte-AI/Agent-ValueBench");
  }
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  Result<std::string> script =
      ReadFile(*data_dir + "/tasks/python/render_agent_valuebench_skill.py", 1u << 20);
  if (!script) return script;
  const Json request = {{"directory", absolute}, {"name", name}};
  const Result<std::string> printed = AskCheckout(absolute, host, std::move(*script), request);
  if (!printed) return printed.error();
  const Result<Json> answer = ParseJson(*printed, kPreparation);
  if (!answer) return answer.error();
  JsonFields fields(*answer, kPreparation);
  std::string block = fields.NeedText("block");
  if (fields.error()) return *fields.error();
  return block;
}

// The forced-choice rewrites, answered in words and scored by the protocol's own reading.
Result<OpenedSuite> OpenForcedChoice(const SuiteRequest& request, const HostOptions& host, ForcedChoiceOrder order) {
  if (Result<void> layout = CheckForcedChoiceLayout(request.data); !layout) return layout.error();
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  Result<std::string> script = ForcedChoiceScript(*data_dir);
  if (!script) return std::move(script).error();
  OpenedSuite suite;
  suite.data = fs::absolute(request.data).lexically_normal().string();
  const Result<std::string> printed =
      AskCheckout(suite.data, host, std::move(*script), Json{{"directory", suite.data}});
  if (!printed) return printed.error();
  const Result<std::map<std::string, ForcedChoiceTexts>> texts = ParseForcedChoiceTexts(*printed);
  if (!texts) return texts.error();
  Result<std::unique_ptr<ForcedChoice>> tasks = ForcedChoice::Open(suite.data, *texts, order);
  if (!tasks) return std::move(tasks).error();
  const Result<void> checked = (*tasks)->CheckDigests(request.allow_modified);
  if (!checked) return checked.error();
  suite.differences = (*tasks)->differences();
  suite.tasks = std::move(*tasks);
  const bool both = order == ForcedChoiceOrder::kBoth;
  suite.rules.push_back(both ? MakeCounterbalancedChoiceJudge() : MakeForcedChoiceJudge());
  suite.generation.temperature = 0.0;
  suite.generation.max_tokens = 12000;
  suite.scaffold = "single_turn";
  suite.personas = {"A", "B"};
  return suite;
}

}  // namespace

Result<OpenedSuite> OpenAgentValueBenchSuite(const SuiteRequest& request) {
  TaskArguments arguments(request);
  const bool choice = arguments.Choice("mode", {"agent", "choice"}) == "choice";
  // Read where it is given: runs from before there was a choice are the same runs.
  ForcedChoiceOrder order = ForcedChoiceOrder::kPublished;
  if (choice && request.arguments.contains("order")) {
    const bool both = arguments.Choice("order", {"published", "both"}) == "both";
    order = both ? ForcedChoiceOrder::kBoth : ForcedChoiceOrder::kPublished;
  }
  Result<std::map<std::string, std::string>> known = arguments.Finish();
  if (!known) return std::move(known).error();
  if (request.data.empty()) {
    return UsageError(
        "agent-valuebench", "the folder of the data set is missing",
        "name a checkout of github.com/ValueByte-AI/Agent-ValueBench with --data DIR");
  }
  HostOptions host;
  host.python = request.python;
  host.backend = request.sandbox;
  if (choice) {
    Result<OpenedSuite> suite = OpenForcedChoice(request, host, order);
    if (suite) suite->arguments = std::move(*known);
    return suite;
  }
  Result<std::unique_ptr<AgentValueBench>> opened = OpenCheckout(request.data, request.model, host);
  if (!opened) return std::move(opened).error();
  const Result<void> checked = (*opened)->CheckDigests(request.allow_modified);
  if (!checked) return checked.error();
  Result<std::unique_ptr<Judge>> judge =
      MakeAgentValueBenchJudge((*opened)->judge_system(), (*opened)->judge_template());
  if (!judge) return std::move(judge).error();
  OpenedSuite suite;
  suite.differences = (*opened)->differences();
  suite.data = fs::absolute(request.data).lexically_normal().string();
  suite.directories = {(fs::path(suite.data) / "environment").string()};
  suite.check_needs = [tasks = opened->get(), host](const std::vector<size_t>& indexes) {
    return CheckDateutil(*tasks, host, indexes);
  };
  suite.tasks = std::move(*opened);
  suite.judge = std::move(*judge);
  suite.rules.push_back(MakeHarnessHealthJudge());
  if (!request.skill.empty()) {
    Result<std::string> block = SkillBlock(suite.data, host, request.skill);
    if (!block) return std::move(block).error();
    suite.skill_block = std::move(*block);
  }
  // The README's benchmark command: the published numbers mean these settings.
  suite.generation.temperature = 0.0;
  suite.generation.max_tokens = 12000;
  suite.generation.parallel_tool_calls = ForcedParallelToolCalls(request.model);
  suite.max_steps = 50;
  return suite;
}

}  // namespace axiometer
