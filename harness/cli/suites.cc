#include "harness/cli/suites.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "environments/catalog.h"
#include "environments/confined_script.h"
#include "harness/base/data_dir.h"
#include "harness/base/file.h"
#include "harness/base/utf8.h"
#include "harness/io/loop.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

class SelectedTasks : public TaskSource {
 public:
  SelectedTasks(std::unique_ptr<TaskSource> source, const std::vector<size_t>& indexes)
      : source_(std::move(source)), indexes_(indexes) {
    refs_.reserve(indexes.size());
    for (const size_t index : indexes) refs_.push_back(source_->refs()[index]);
  }
  const std::string& suite() const override { return source_->suite(); }
  const std::string& protocol() const override { return source_->protocol(); }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override { return source_->Load(indexes_[index]); }
  const std::vector<std::string>& notes() const override { return source_->notes(); }

 private:
  std::unique_ptr<TaskSource> source_;
  std::vector<size_t> indexes_;
  std::vector<TaskRef> refs_;
};

std::string FunctionTool(const CatalogTool& tool) {
  const Json json = {{"type", "function"},
                     {"function",
                      {{"name", tool.name},
                       {"description", tool.description},
                       {"parameters", Json::parse(tool.parameters)}}}};
  return DumpJson(json);
}

Result<EnvironmentFacts> LookUp(const std::string& catalog, const std::string& name,
                                const std::string& suite_directory) {
  const fs::path own = fs::path(suite_directory) / "environments" / name;
  Result<CatalogEnvironment> found = fs::exists(own / "environment.yaml")
                                         ? ReadCatalogEnvironment(own.string())
                                         : FindCatalogEnvironment(catalog, name);
  if (!found) return std::move(found).error();
  EnvironmentFacts facts;
  facts.directory = found->directory;
  for (const CatalogTool& tool : found->tools) facts.tools.emplace_back(tool.name, FunctionTool(tool));
  facts.default_state = found->state;
  facts.digest = found->digest;
  return facts;
}

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

Result<OpenedSuite> OpenBenchmark(const SuiteRequest& request) {
  if (request.data.empty()) {
    return UsageError("agent-valuebench", "the folder of the data set is missing",
                      "name a checkout of github.com/ValueByte-AI/Agent-ValueBench with --data DIR");
  }
  HostOptions host;
  host.python = request.python;
  host.backend = request.sandbox;
  Result<std::unique_ptr<AgentValueBench>> opened = OpenAgentValueBench(request.data, request.model, host);
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

}  // namespace

std::vector<std::string> Departures(const OpenedSuite& suite, const RunSpec& spec) {
  std::vector<std::string> found;
  if (suite.tasks->protocol() == "axiometer") return found;
  found = suite.differences;
  const Generation& own = suite.generation;
  const Generation& sent = spec.model.generation;
  const auto compare = [&found](const std::string& what, const auto& used, const auto& published) {
    if (used == published) return;
    const auto text = [](const auto& value) { return value ? DumpJson(Json(*value)) : std::string("none"); };
    found.push_back(what + " " + text(used) + ", published " + text(published));
  };
  compare("temperature", sent.temperature, own.temperature);
  compare("max_tokens", sent.max_tokens, own.max_tokens);
  compare("top_p", sent.top_p, own.top_p);
  compare("seed", sent.seed, own.seed);
  compare("reasoning_effort", sent.reasoning_effort, own.reasoning_effort);
  compare("parallel_tool_calls", sent.parallel_tool_calls, own.parallel_tool_calls);
  compare("max_steps", std::optional<int>(spec.limits.max_steps), std::optional<int>(suite.max_steps));
  if (!sent.stop.empty()) found.push_back("stop texts, published none");
  if (spec.limits.max_tokens > 0) found.push_back("a limit of tokens, published none");
  if (spec.limits.time_ms > 0) found.push_back("a limit of time, published none");
  if (!spec.system_prompt_digest.empty()) found.push_back("a system message in place of the published one");
  return found;
}

bool IsBenchmark(const std::string& name) { return name == "agent-valuebench"; }

SuiteContext ContextOf(const std::string& data_dir) {
  SuiteContext context;
  context.data_dir = data_dir;
  context.environment = [catalog = data_dir + "/environments/catalog"](const std::string& name,
                                                                       const std::string& suite_directory) {
    return LookUp(catalog, name, suite_directory);
  };
  return context;
}

Result<std::unique_ptr<AgentValueBench>> OpenAgentValueBench(const std::string& directory,
                                                             const std::string& model, const HostOptions& host) {
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

Result<OpenedSuite> OpenSuiteByName(const SuiteRequest& request) {
  if (IsBenchmark(request.name)) return OpenBenchmark(request);
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> directory = FindSuite(request.name, *data_dir);
  if (!directory) return std::move(directory).error();
  Result<std::unique_ptr<TaskSource>> tasks = OpenSuite(*directory, ContextOf(*data_dir));
  if (!tasks) return std::move(tasks).error();
  const std::string prompt_file =
      request.judge_prompt.empty() ? *data_dir + "/judges/prompts/rubric.txt" : request.judge_prompt;
  Result<std::string> prompt = ReadFile(prompt_file, 1u << 20);
  if (!prompt) return std::move(prompt).error();
  Result<std::unique_ptr<Judge>> judge = MakeRubricJudge(*prompt);
  if (!judge) {
    Error error = std::move(judge).error();
    if (error.where.empty()) error.where = prompt_file;
    return error;
  }
  OpenedSuite suite;
  suite.tasks = std::move(*tasks);
  suite.judge = std::move(*judge);
  suite.directories = {*data_dir + "/environments/catalog", fs::absolute(*directory).lexically_normal().string()};
  return suite;
}

std::unique_ptr<TaskSource> SelectFrom(std::unique_ptr<TaskSource> source, const std::vector<size_t>& indexes) {
  return std::make_unique<SelectedTasks>(std::move(source), indexes);
}

}  // namespace axiometer
