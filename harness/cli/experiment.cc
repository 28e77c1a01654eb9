#include "harness/cli/experiment.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "harness/base/data_dir.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/utf8.h"
#include "harness/cli/series_place.h"
#include "judges/scripted_judge.h"
#include "tasks/changed_tasks.h"
#include "tasks/skill.h"
#include "tasks/task_selection.h"

namespace axiometer {

namespace {

// What the options say of batches; nullopt: none.
std::optional<BatchSettings> BatchOf(const EvalOptions& options) {
  if (!options.batch) return std::nullopt;
  BatchSettings settings;
  settings.poll_ms = std::max<int64_t>(1, static_cast<int64_t>(options.batch_poll_s * 1000));
  return settings;
}

}  // namespace

Result<std::unique_ptr<OwnMachinery>> OwnMachinery::Make(const EvalOptions& options) {
  Result<HttpTls> tls = TlsOf(options.tls);
  if (!tls) return std::move(tls).error();
  return std::unique_ptr<OwnMachinery>(new OwnMachinery(std::move(*tls), BatchOf(options)));
}

Result<ModelServices> ServicesFor(const ModelSpec& spec, const Machinery& machinery, HttpTransport* http) {
  const std::string here = std::filesystem::current_path().string();
  Result<std::string> key = EndpointKey(spec, here);
  if (!key) return std::move(key).error();
  Result<HttpHeaders> headers = EndpointHeaders(spec, here);
  if (!headers) return std::move(headers).error();
  ModelServices services{machinery.loop, machinery.clock, http != nullptr ? *http : machinery.http};
  services.llama = &machinery.llama;
  services.key = std::move(*key);
  services.headers = std::move(*headers);
  return services;
}

Result<std::unique_ptr<Model>> MakeOne(const Experiment& experiment, const ModelSpec& spec,
                                       const Machinery& machinery) {
  Result<ModelServices> services = ServicesFor(spec, machinery);
  if (!services) return std::move(services).error();
  services->cache = spec.cache ? experiment.cache.get() : nullptr;
  services->scripts = OraclesOf(*experiment.suite.tasks);
  services->personas = experiment.suite.personas;
  if (machinery.batch) {
    services->batches = experiment.batches.get();
    services->batch_settings = *machinery.batch;
  }
  return MakeModel(spec, std::move(*services));
}

namespace {

// Laid over every task: the user's system message in place of the suite's.
class WithSystemPrompt : public ChangedTasks {
 public:
  WithSystemPrompt(std::unique_ptr<TaskSource> source, std::string prompt)
      : ChangedTasks(std::move(source), prompt), prompt_(std::move(prompt)) {}

 private:
  void Change(Task& task) const override {
    std::erase_if(task.opening, [](const Message& message) { return message.role == Role::kSystem; });
    Message system;
    system.role = Role::kSystem;
    system.text = prompt_;
    task.opening.insert(task.opening.begin(), std::move(system));
  }

  std::string prompt_;
};

// Of everything that decides how replies become scores.
std::string JudgeDigest(const OpenedSuite& suite) {
  std::string digest = suite.judge ? suite.judge->prompt_digest() : "";
  for (const std::unique_ptr<Judge>& rule : suite.rules) {
    digest = digest.empty() ? rule->prompt_digest() : Sha256(digest + "\n" + rule->prompt_digest());
  }
  return digest;
}

// The protocol's further members of a request where the user names none; an empty text takes one away.
void AddArguments(const std::map<std::string, std::string>& own, std::map<std::string, std::string>& arguments) {
  for (const auto& [name, text] : own) {
    const auto [given, added] = arguments.emplace(name, text);
    if (!added && given->second.empty()) arguments.erase(given);
  }
}

Result<JudgeSeat> SeatOf(Experiment& experiment, const ModelSpec& judging, const Machinery& machinery) {
  JudgeSeat seat;
  seat.id = judging.id();
  seat.judge = experiment.suite.judge.get();
  if (judging.provider == "scripted") {
    const Task no_task;
    const Result<std::string> known =
        ScriptedVerdict(judging.name, no_task, Trajectory(), seat.judge->protocol(), 0);
    if (!known && known.error().kind == ErrorKind::kUsage) return known.error();
    seat.scripted = judging.name;
    return seat;
  }
  Result<std::unique_ptr<Model>> model = MakeOne(experiment, judging, machinery);
  if (!model) return std::move(model).error();
  seat.overrides = judging.generation;
  seat.model = model->get();
  experiment.judge_models.push_back(std::move(*model));
  return seat;
}

Result<void> CheckPrices(const RunSpec& spec) {
  if (spec.limits.cost_usd <= 0) return {};
  const auto check = [](const ModelSpec& model, const char* option) -> Result<void> {
    if (!HasEndpoint(model) || model.prices) return {};
    return UsageError("--cost-limit", "no price of " + Quoted(model.id()) + " is known",
                      std::string("give it with ") + option + " or --price-list");
  };
  Result<void> known = check(spec.model, "--prices");
  for (const ModelSpec& judging : spec.judges) {
    if (known) known = check(judging, "--judge-prices");
  }
  return known;
}

}  // namespace

Result<bool> OffersTools(const Experiment& experiment) {
  if (experiment.suite.tasks->refs().empty()) return false;
  Result<std::shared_ptr<const Task>> task = experiment.suite.tasks->Load(0);
  if (!task) return std::move(task).error();
  return !experiment.scaffold->Frame(**task).tools.empty();
}

namespace {

// A model file whose chat template has no place for tools would be asked in vain: its server drops them silently.
Result<void> CheckTools(const Experiment& experiment) {
  const ModelSpec& model = experiment.spec.model;
  if (!model.server || model.server->knows_tools) return {};
  const Result<bool> offers = OffersTools(experiment);
  if (!offers) return offers.error();
  if (!*offers) return {};
  return UsageError("model file " + Quoted(model.name), "its chat template has no place for tools, so that it would never call one",
                    "give --scaffold react_json");
}

// A turn of an agent would take a day, and so would the next.
Result<void> CheckBatch(const Experiment& experiment) {
  const RunSpec& spec = experiment.spec;
  if (experiment.scaffold->acts()) {
    return UsageError("--batch", "agents act turn by turn, and each turn would wait for a batch",
                      "run \"" + spec.suite + "\" without --batch and with --no-judge, then axiometer judge latest --batch");
  }
  if (spec.limits.time_ms > 0) {
    return UsageError("--time-limit", "a batch takes up to a day, which would count", "leave it out, or --batch");
  }
  bool asked = HasEndpoint(spec.model);
  for (const ModelSpec& judging : spec.judges) asked = asked || HasEndpoint(judging);
  if (!asked) return UsageError("--batch", "no model of run \"" + spec.suite + "\" is behind an endpoint", "leave it out");
  return {};
}

}  // namespace

Result<void> SeatJudges(Experiment& experiment, const Machinery& machinery) {
  for (const ModelSpec& judging : experiment.spec.judges) {
    Result<JudgeSeat> seat = SeatOf(experiment, judging, machinery);
    if (!seat) return std::move(seat).error();
    experiment.seats.push_back(std::move(*seat));
  }
  return {};
}

namespace {

// Scaffold, models and judges, before there is a store: whatever is wrong with them leaves nothing behind.
Result<void> MakeParts(Experiment& experiment, const Machinery& machinery) {
  const RunSpec& spec = experiment.spec;
  const OpenedSuite& suite = experiment.suite;
  Result<std::unique_ptr<Scaffold>> scaffold =
      MakeScaffold(spec.scaffold, suite.tasks->protocol(), spec.model.name);
  if (!scaffold) return std::move(scaffold).error();
  experiment.scaffold = std::move(*scaffold);
  experiment.spec.scaffold_digest = experiment.scaffold->prompt_digest();
  Result<void> checked = CheckPrices(spec);
  if (checked) checked = CheckTools(experiment);
  if (checked && machinery.batch) checked = CheckBatch(experiment);
  if (!checked) return checked;
  experiment.cache = std::make_unique<StoreCache>();
  if (machinery.batch) experiment.batches = std::make_unique<StoreBatches>();
  Result<std::unique_ptr<Model>> subject = MakeOne(experiment, spec.model, machinery);
  if (!subject) return std::move(subject).error();
  experiment.subject = std::move(*subject);
  const Result<void> seated = SeatJudges(experiment, machinery);
  if (!seated) return seated;
  for (const std::unique_ptr<Judge>& rule : suite.rules) {
    JudgeSeat seat;
    seat.id = rule->protocol();
    seat.judge = rule.get();
    experiment.seats.push_back(std::move(seat));
  }
  if (experiment.seats.empty() && suite.tasks->protocol() == "axiometer") {
    JudgeSeat seat;
    seat.id = "checks";
    seat.judge = suite.judge.get();
    experiment.seats.push_back(std::move(seat));
  }
  return {};
}

}  // namespace

EndpointOptions JudgeEndpoint(const EvalOptions& options) {
  EndpointOptions endpoint;
  endpoint.base_url = options.judge_base_url;
  endpoint.api_key_env = options.judge_api_key_env;
  endpoint.api_key_env_option = "--judge-api-key-env";
  endpoint.arguments = options.judge_arguments;
  endpoint.arguments_option = "--judge-arg";
  endpoint.headers = options.judge_headers;
  endpoint.headers_option = "--judge-header";
  endpoint.prices = options.judge_prices;
  endpoint.prices_option = "--judge-prices";
  endpoint.price_list = options.price_list;
  endpoint.llama = options.llama;
  endpoint.timeout_s = options.timeout_s;
  endpoint.max_retries = options.max_retries;
  endpoint.max_connections = options.max_connections;
  endpoint.cache = !options.no_cache;
  return endpoint;
}

Result<std::vector<ModelSpec>> JudgesOf(const EvalOptions& options, const OpenedSuite& suite) {
  EndpointOptions endpoint = JudgeEndpoint(options);
  if (!suite.judge && !options.judges.empty()) {
    return UsageError("--judge", "suite \"" + suite.tasks->suite() + "\" is scored by its own rules", "leave --judge out");
  }
  const Result<void> one_provider =
      CheckOneProvider(options.judges, options.judge_base_url, options.judge_api_key_env,
                       options.judge_headers, true);
  if (!one_provider) return one_provider.error();
  std::set<std::string> names;
  std::vector<ModelSpec> judges;
  for (const std::string& judge : options.judges) {
    if (!names.insert(judge).second) return UsageError("--judge", Quoted(judge) + " is named twice");
    // The subject's endpoint is the judge's too, where they are of one provider; nobody else gets
    // its key.
    const std::string family = ProviderFamily(judge);
    const bool shared = std::any_of(
        options.models.begin(), options.models.end(),
        [&family](const std::string& model) { return ProviderFamily(model) == family; });
    endpoint.base_url =
        options.judge_base_url.empty() && shared ? options.base_url : options.judge_base_url;
    endpoint.api_key_env = options.judge_api_key_env.empty() && shared ? options.api_key_env
                                                                       : options.judge_api_key_env;
    const bool same_endpoint =
        shared && options.judge_base_url.empty() && options.judge_headers.empty();
    endpoint.headers = same_endpoint ? options.model_headers : options.judge_headers;
    Result<ModelSpec> judging = SpecOf(judge, endpoint);
    if (!judging) return std::move(judging).error();
    judges.push_back(std::move(*judging));
  }
  return judges;
}

Result<ModelSpec> SubjectOf(const EvalOptions& options, const std::string& model) {
  EndpointOptions endpoint;
  endpoint.base_url = options.base_url;
  endpoint.api_key_env = options.api_key_env;
  endpoint.api_key_env_option = "--api-key-env";
  endpoint.arguments = options.model_arguments;
  endpoint.arguments_option = "-M";
  endpoint.extra_body = options.extra_body;
  endpoint.headers = options.model_headers;
  endpoint.headers_option = "--model-header";
  endpoint.prices = options.prices;
  endpoint.prices_option = "--prices";
  endpoint.price_list = options.price_list;
  endpoint.llama = options.llama;
  endpoint.generation = options.generation;
  endpoint.timeout_s = options.timeout_s;
  endpoint.max_retries = options.max_retries;
  endpoint.max_connections = options.max_connections;
  endpoint.cache = !options.no_cache;
  return SpecOf(model, endpoint);
}

namespace {

// `model` is one of the options' models.
Result<Experiment> Prepare(const EvalOptions& options, const std::string& suite_name, const std::string& model,
                           const Machinery& machinery) {
  const Result<void> one_provider = CheckOneProvider(options.models, options.base_url,
                                                     options.api_key_env, options.model_headers);
  if (!one_provider) return one_provider.error();
  Result<ModelSpec> subject = SubjectOf(options, model);
  if (!subject) return std::move(subject).error();

  SuiteRequest request;
  request.name = suite_name;
  request.data = options.data;
  request.stem = options.stem;
  request.model = subject->name;
  request.allow_modified = options.allow_modified_data;
  request.judge_prompt = options.judge_prompt;
  request.python = options.python;
  request.sandbox = options.sandbox;
  Result<std::map<std::string, std::string>> arguments = ParseArguments(options.task_arguments, "-T");
  if (!arguments) return std::move(arguments).error();
  request.arguments = std::move(*arguments);
  std::optional<Skill> skill;
  if (!options.skill.empty()) {
    Result<Skill> read = ReadSkill(options.skill);
    if (!read) return std::move(read).error();
    skill = std::move(*read);
    request.skill = skill->name;
  }
  Result<OpenedSuite> suite = OpenSuiteByName(request);
  if (!suite) return std::move(suite).error();

  Result<TaskSelection> selection =
      ParseTaskSelection(options.limit, options.task_ids, options.filters, options.shuffle_seed);
  if (!selection) return std::move(selection).error();
  Result<std::vector<size_t>> selected = SelectTasks(*suite->tasks, *selection);
  if (!selected) return std::move(selected).error();
  if (suite->check_needs) {
    const Result<void> installed = suite->check_needs(*selected);
    if (!installed) return installed.error();
  }
  if (!selection->empty()) suite->tasks = SelectFrom(std::move(suite->tasks), *selected);

  Experiment experiment;
  RunSpec& spec = experiment.spec;
  if (!options.system_prompt.empty()) {
    Result<std::string> text = ReadFile(options.system_prompt, 1u << 20);
    if (!text) return std::move(text).error();
    spec.system_prompt_digest = Sha256(*text);
    suite->tasks = std::make_unique<WithSystemPrompt>(std::move(suite->tasks), std::move(*text));
  }
  if (skill) {
    spec.skill = skill->name;
    spec.skill_digest = skill->digest;
    suite->tasks = WithSkill(std::move(suite->tasks), std::move(*skill), suite->skill_block);
  }
  std::vector<size_t> all(suite->tasks->refs().size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;

  spec.suite = suite->tasks->suite();
  spec.suite_digest = DigestOfTasks(*suite->tasks, all);
  if (options.place) {
    spec.shard = options.place;
    spec.shard->tasks = static_cast<int64_t>(all.size());
    const std::vector<size_t> own = TasksOfShard(*suite->tasks, spec.shard->index, spec.shard->count);
    if (own.empty()) {
      return UsageError("--shard", "the selection has " + std::to_string(all.size()) + " tasks, so shard " +
                                       std::to_string(spec.shard->index) + " of " +
                                       std::to_string(spec.shard->count) + " has none",
                        "cut it into at most " + std::to_string(all.size()));
    }
    suite->tasks = SelectFrom(std::move(suite->tasks), own);
  }
  spec.data_dir = suite->data;
  spec.task_arguments = suite->arguments;
  spec.selection = selection->ToString();
  const std::optional<bool> forced = suite->generation.parallel_tool_calls;
  subject->generation = Overlay(suite->generation, subject->generation);
  if (subject->provider == "openai") AddArguments(suite->model_arguments, subject->arguments);
  if (forced) subject->generation.parallel_tool_calls = forced;
  CompleteGeneration(*subject);
  if (options.series && options.position) {
    spec.series = SeriesPlace{*options.series, *options.position};
    // A checkpoint of a training may have the name and the endpoint of the one before it.
    subject->cache_scope = std::to_string(*options.position) + " of " + *options.series;
  }
  spec.model = std::move(*subject);
  spec.scaffold = options.scaffold.empty() ? suite->scaffold : options.scaffold;
  if (suite->scaffold == "single_turn" && spec.scaffold != suite->scaffold) {
    return UsageError("--scaffold", "the tasks of \"" + spec.suite + "\" are answered, not acted on",
                      "leave --scaffold out");
  }
  spec.judge_prompt_digest = JudgeDigest(*suite);
  spec.epochs = options.epochs.value_or(suite->epochs);
  spec.limits.max_steps = options.max_steps.value_or(suite->max_steps);
  spec.limits.max_tokens = options.token_limit;
  spec.limits.time_ms = static_cast<int64_t>(options.time_limit_s * 1000);
  spec.limits.cost_usd = options.cost_limit;
  spec.version = Version();

  if (options.no_judge && !options.judges.empty()) return UsageError("--no-judge", "conflicts with --judge");
  Result<std::vector<ModelSpec>> judges = JudgesOf(options, *suite);
  if (!judges) return std::move(judges).error();
  spec.judges = std::move(*judges);
  if (spec.shard) {
    spec.model.shards = spec.shard->count;
    for (ModelSpec& judging : spec.judges) judging.shards = spec.shard->count;
  }
  spec.departures = Departures(*suite, spec);
  experiment.suite = std::move(*suite);
  const Result<void> made = MakeParts(experiment, machinery);
  if (!made) return made.error();
  return experiment;
}

Result<void> CheckSeries(const EvalOptions& options) {
  const Result<std::optional<SeriesPlace>> place = PlaceInSeries(options.series, options.position);
  if (!place) return place.error();
  if (!*place) return {};
  const size_t runs = options.suites.size() * options.models.size();
  if (runs == 1) return {};
  const bool models = options.models.size() > 1;
  return UsageError("--series",
                    "a series has one run at a position, and " +
                        std::to_string(models ? options.models.size() : options.suites.size()) +
                        (models ? " models" : " suites") + " are named",
                    models ? "give each --model a command and a --position, or a series, of its own"
                           : "give each suite a command and a series of its own");
}

}  // namespace

Result<std::vector<Experiment>> PrepareAll(const EvalOptions& options, const Machinery& machinery) {
  const Result<void> placed = CheckSeries(options);
  if (!placed) return placed.error();
  std::vector<Experiment> experiments;
  for (const std::string& suite : options.suites) {
    for (const std::string& model : options.models) {
      Result<Experiment> experiment = Prepare(options, suite, model, machinery);
      if (!experiment) return std::move(experiment).error();
      experiments.push_back(std::move(*experiment));
    }
  }
  return experiments;
}

}  // namespace axiometer
