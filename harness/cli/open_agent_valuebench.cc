#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "environments/confined_script.h"
#include "environments/host.h"
#include "harness/base/data_dir.h"
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

// The checkout at `directory`, its texts rendered by its own code, confined.
Result<std::unique_ptr<AgentValueBench>> OpenCheckout(const std::string& directory, const std::string& model,
                                                      const HostOptions& host) {
  if (!fs::is_directory(directory)) {
    return UsageError(directory, "not a folder", "name a checkout of github.com/ValueByte-AI/Agent-ValueBench with --data");
  }
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> script = AgentValueBenchScript(*data_dir);
  if (!script) return std::move(script).error();
  const std::string absolute = fs::absolute(directory).lexically_normal().string();
  for (const char* part : {"case", "rubric", "environment", "configs", "TrajGen", "ValueEval"}) {
    if (!fs::is_directory(fs::path(absolute) / part)) {
      return BadInput(absolute, std::string("no folder \"") + part + "\"",
                      "this is no whole checkout of github.com/ValueByte-AI/Agent-ValueBench");
    }
  }
  Loop loop;
  std::optional<Result<std::string>> printed;
  loop.Spawn(RunConfinedInto(loop, host, std::move(*script), {absolute},
                             DumpJson(Json{{"directory", absolute}}), printed));
  loop.Run();
  if (!*printed) return std::move(*printed).error();
  Result<AgentValueBenchTexts> texts = ParseAgentValueBenchTexts(**printed);
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
  suite.data = fs::absolute(request.data).lexically_normal().string();
  suite.directories = {(fs::path(suite.data) / "environment").string()};
  suite.tasks = std::move(*opened);
  suite.judge = std::move(*judge);
  // The README's benchmark command: the published numbers mean these settings.
  suite.generation.temperature = 0.0;
  suite.generation.max_tokens = 12000;
  suite.max_steps = 50;
  return suite;
}

}  // namespace axiometer
