#include "harness/cli/suites.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "environments/catalog.h"
#include "environments/tool_discovery.h"
#include "harness/base/data_dir.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/model/provider.h"
#include "judges/choice_judge.h"

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

Result<EnvironmentFacts> LookUp(const std::string& catalog, const HostOptions& options,
                                const std::string& name, const std::string& suite_directory) {
  const fs::path own = fs::path(suite_directory) / "environments" / name;
  const bool is_own = fs::exists(own / "environment.yaml");
  Result<CatalogEnvironment> found = is_own ? ReadCatalogEnvironment(own.string()) : FindCatalogEnvironment(catalog, name);
  if (!found && !is_own) {
    std::vector<std::string> names = ListCatalog(own.parent_path().string());
    for (std::string& built_in : ListCatalog(catalog)) names.push_back(std::move(built_in));
    if (Nearest(name, names)) return BadInput("", "unknown environment " + Quoted(name), DidYouMean(name, names));
  }
  if (!found) return std::move(found).error();
  const Result<void> discovered = DiscoverTools(*found, options);
  if (!discovered) return discovered.error();
  EnvironmentFacts facts;
  facts.directory = found->directory;
  for (const CatalogTool& tool : found->tools) facts.tools.emplace_back(tool.name, FunctionTool(tool));
  facts.default_state = found->state;
  facts.digest = found->digest;
  facts.flavour = found->flavour();
  return facts;
}

// -T of our own suites: the form in which tasks are put, and which variants of it.
Result<std::map<std::string, std::string>> ReadForm(const SuiteRequest& request,
                                                    SuiteContext& context) {
  TaskArguments arguments(request);
  const auto given = [&](const char* key) { return request.arguments.contains(key); };
  std::string form;  // empty: the files' own
  if (given("form")) form = arguments.Choice("form", {"agent", "choice", "survey"});
  for (const TaskForm known : {TaskForm::kAgent, TaskForm::kChoice, TaskForm::kSurvey}) {
    if (form == TaskFormName(known)) context.form = known;
  }
  // What follows is read where it is given, and its default recorded where the form was chosen and
  // has it.
  const bool answered = !form.empty() && form != "agent";
  FormVariants& variants = context.variants;
  if (given("order") || answered) {
    const std::string order = arguments.Choice("order", {"both", "a-first", "b-first"});
    variants.a_first = order != "b-first";
    variants.b_first = order != "a-first";
  }
  if (given("labels") || form == "choice") {
    const std::string labels = arguments.Choice("labels", {"in-order", "swapped", "both"});
    variants.labels_in_order = labels != "swapped";
    variants.labels_swapped = labels != "in-order";
  }
  if (given("wordings") || answered) {
    variants.all_wordings = arguments.Choice("wordings", {"first", "all"}) == "all";
  }
  return arguments.Finish();
}

}  // namespace

std::vector<std::string> Departures(const OpenedSuite& suite, const RunSpec& spec) {
  std::vector<std::string> found;
  if (suite.tasks->protocol() == "axiometer") return found;
  found = suite.differences;
  if (!suite.has_published_settings) return found;
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
  for (const auto& [name, text] : suite.model_arguments) {
    if (!HasEndpoint(spec.model)) break;
    const auto given = spec.model.arguments.find(name);
    if (given == spec.model.arguments.end()) {
      found.push_back(name + " not sent, published " + text);
    } else if (given->second != text) {
      found.push_back(name + " " + given->second + ", published " + text);
    }
  }
  compare("max_steps", std::optional<int>(spec.limits.max_steps), std::optional<int>(suite.max_steps));
  for (const ModelSpec& judging : spec.judges) {
    if (HasJsonMode(judging)) continue;
    found.push_back("judge " + judging.id() +
                    " asked without JSON mode, which its provider does not have");
  }
  if (spec.scaffold != suite.scaffold) found.push_back("scaffold " + spec.scaffold + ", published " + suite.scaffold);
  if (!sent.stop.empty()) found.push_back("stop texts, published none");
  if (spec.limits.max_tokens > 0) found.push_back("a limit of tokens, published none");
  if (spec.limits.time_ms > 0) found.push_back("a limit of time, published none");
  if (!spec.skill.empty()) found.push_back("the skill " + Quoted(spec.skill));
  if (!spec.system_prompt_digest.empty()) found.push_back("a system message in place of the published one");
  return found;
}

SuiteContext ContextOf(const std::string& data_dir, const HostOptions& options) {
  SuiteContext context;
  context.data_dir = data_dir;
  context.environment = [catalog = data_dir + "/environments/catalog", options](
                            const std::string& name, const std::string& suite_directory) {
    return LookUp(catalog, options, name, suite_directory);
  };
  return context;
}

Result<OpenedSuite> OpenSuiteByName(const SuiteRequest& request) {
  if (const Benchmark* benchmark = FindBenchmark(request.name)) return benchmark->open(request);
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> directory = FindSuite(request.name, *data_dir);
  if (!directory) return std::move(directory).error();
  HostOptions host;
  host.python = request.python;
  host.backend = request.sandbox;
  SuiteContext context = ContextOf(*data_dir, host);
  context.stem = request.stem;
  context.any_kinds = request.any_kinds;
  Result<std::map<std::string, std::string>> arguments = ReadForm(request, context);
  if (!arguments) return std::move(arguments).error();
  Result<std::unique_ptr<TaskSource>> tasks = OpenSuite(*directory, context);
  if (!tasks) return std::move(tasks).error();
  OpenedSuite suite;
  suite.tasks = std::move(*tasks);
  suite.arguments = std::move(*arguments);
  std::shared_ptr<const Task> answered, acted;  // the first of either
  for (size_t i = 0; i < suite.tasks->refs().size(); ++i) {
    Result<std::shared_ptr<const Task>> task = suite.tasks->Load(i);
    if (!task) return std::move(task).error();
    std::shared_ptr<const Task>& first = (*task)->kind == TaskKind::kChoice ? answered : acted;
    if (!first) first = std::move(*task);
  }
  for (const char* key : {"order", "labels", "wordings"}) {
    const bool fits = answered && (key != std::string("labels") || answered->tags.contains(kLabelTag));
    if (fits || !request.arguments.contains(key)) continue;
    return UsageError(std::string("-T ") + key,
                      "tasks of the form " + (answered ? answered : acted)->tags.at(kFormTag) + " have none",
                      key == std::string("labels") ? "it is for -T form=choice"
                                                   : "it is for -T form=choice and form=survey");
  }
  if (answered) suite.rules.push_back(MakeChoiceJudge());
  if (!acted) {
    suite.scaffold = "single_turn";
    return suite;
  }
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
  suite.judge = std::move(*judge);
  suite.directories = {*data_dir + "/environments/catalog", fs::absolute(*directory).lexically_normal().string()};
  return suite;
}

std::unique_ptr<TaskSource> SelectFrom(std::unique_ptr<TaskSource> source, const std::vector<size_t>& indexes) {
  return std::make_unique<SelectedTasks>(std::move(source), indexes);
}

}  // namespace axiometer
