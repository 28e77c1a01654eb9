#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "environments/confined_script.h"
#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/io/loop.h"
#include "tasks/agent_valuebench.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

Async<> RunConfinedInto(Loop& loop, const HostOptions& options, std::string script,
                        std::vector<std::string> directories, std::string input,
                        std::optional<Result<std::string>>& output) {
  Result<std::string> printed = co_await RunConfined(loop, options, std::move(script), std::move(directories),
                                                     std::move(input), 64u << 20, 120'000);
  output.emplace(std::move(printed));
}

Result<std::string> RunScript(const HostOptions& host, std::string script, std::vector<std::string> directories,
                              std::string input) {
  Loop loop;
  std::optional<Result<std::string>> printed;
  loop.Spawn(RunConfinedInto(loop, host, std::move(script), std::move(directories), std::move(input), printed));
  loop.Run();
  return *std::move(printed);
}

// A few environments of the release import dateutil; without it their cases would fail one by one.
Result<void> CheckDateutil(const AgentValueBench& tasks, const HostOptions& host, const std::vector<size_t>& indexes) {
  std::vector<size_t> needing;
  for (const size_t index : indexes) {
    if (tasks.needs_dateutil(index)) needing.push_back(index);
  }
  if (needing.empty()) return {};
  const Result<std::string> printed = RunScript(host, "import dateutil.parser", {}, "");
  if (printed) return {};
  if (printed.error().what.find("No module named 'dateutil") == std::string::npos) return printed.error();
  const std::string& first = tasks.refs()[needing.front()].id;
  return Failed(tasks.suite(),
                "the Python package dateutil is missing, which " +
                    (needing.size() == 1 ? "case " + Quoted(first) + " needs"
                                         : std::to_string(needing.size()) + " of the cases need, the first " + Quoted(first)),
                "install python3-dateutil");
}

// The checkout at `directory`, its texts rendered by its own code, confined.
Result<std::unique_ptr<AgentValueBench>> OpenCheckout(const std::string& directory, const std::string& model,
                                                      const HostOptions& host) {
  if (Result<void> layout = CheckAgentValueBenchLayout(directory); !layout) return layout.error();
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> script = AgentValueBenchScript(*data_dir);
  if (!script) return std::move(script).error();
  const std::string absolute = fs::absolute(directory).lexically_normal().string();
  Result<std::string> printed =
      RunScript(host, std::move(*script), {absolute}, DumpJson(Json{{"directory", absolute}}));
  if (!printed && printed.error().where == kConfinedScript) {
    return BadInput(absolute, "its own code does not give its texts: " + printed.error().what,
                    "use an unmodified checkout of github.com/ValueByte-AI/Agent-ValueBench");
  }
  if (!printed) return std::move(printed).error();
  Result<AgentValueBenchTexts> texts = ParseAgentValueBenchTexts(*printed);
  if (!texts) return std::move(texts).error();
  return AgentValueBench::Open(absolute, ToolSchemaFamilyOf(model), std::move(*texts));
}

}  // namespace

Result<OpenedSuite> OpenAgentValueBenchSuite(const SuiteRequest& request) {
  TaskArguments arguments(request);
  Result<std::map<std::string, std::string>> known = arguments.Finish();
  if (!known) return std::move(known).error();
  if (request.data.empty()) {
    return UsageError("agent-valuebench", "the folder of the data set is missing",
                      "name a checkout of github.com/ValueByte-AI/Agent-ValueBench with --data DIR");
  }
  HostOptions host;
  host.python = request.python;
  host.backend = request.sandbox;
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
  // The README's benchmark command: the published numbers mean these settings.
  suite.generation.temperature = 0.0;
  suite.generation.max_tokens = 12000;
  suite.generation.parallel_tool_calls = ForcedParallelToolCalls(request.model);
  suite.max_steps = 50;
  return suite;
}

}  // namespace axiometer
