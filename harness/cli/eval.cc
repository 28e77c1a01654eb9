#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/utf8.h"
#include "harness/cli/live_display.h"
#include "harness/cli/subject.h"
#include "harness/cli/suites.h"
#include "harness/cli/verbs.h"
#include "harness/io/http_client.h"
#include "harness/io/signals.h"
#include "harness/model/replay_model.h"
#include "harness/run/runner.h"
#include "judges/scripted_judge.h"
#include "reports/data.h"
#include "reports/document.h"
#include "tasks/skill.h"
#include "tasks/changed_tasks.h"
#include "tasks/task_selection.h"

namespace axiometer {
namespace {

void Say(const std::string& text) { std::fprintf(stderr, "%s\n", ForTerminal(text, true).c_str()); }

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

// What talks to endpoints and waits, shared by the models of a command.
struct Machinery {
  Loop& loop;
  Clock& clock;
  HttpClient& http;
};

// One run: a suite, a subject and its judges, ready to be worked through.
struct Experiment {
  OpenedSuite suite;
  RunSpec spec;
  std::unique_ptr<StoreCache> cache;
  std::unique_ptr<Model> subject;
  std::vector<std::unique_ptr<Model>> judge_models;
  std::vector<JudgeSeat> seats;
  std::unique_ptr<Scaffold> scaffold;
};

Result<std::unique_ptr<Model>> MakeOne(const Experiment& experiment, const ModelSpec& spec,
                                       const Machinery& machinery) {
  Result<std::string> key = EndpointKey(spec, std::filesystem::current_path().string());
  if (!key) return std::move(key).error();
  ModelServices services{machinery.loop, machinery.clock, machinery.http};
  services.cache = spec.cache ? experiment.cache.get() : nullptr;
  services.scripts = OraclesOf(*experiment.suite.tasks);
  services.personas = experiment.suite.personas;
  services.key = std::move(*key);
  return MakeModel(spec, std::move(services));
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
    if (model.provider != "openai" || model.prices) return {};
    return UsageError("--cost-limit", "no price of " + Quoted(model.id()) + " is known",
                      std::string("give it with ") + option);
  };
  Result<void> known = check(spec.model, "--prices");
  for (const ModelSpec& judging : spec.judges) {
    if (known) known = check(judging, "--judge-prices");
  }
  return known;
}

// Scaffold, models and judges, before there is a store: whatever is wrong with them leaves nothing behind.
Result<void> MakeParts(Experiment& experiment, const Machinery& machinery) {
  const RunSpec& spec = experiment.spec;
  const OpenedSuite& suite = experiment.suite;
  Result<std::unique_ptr<Scaffold>> scaffold =
      MakeScaffold(spec.scaffold, suite.tasks->protocol(), spec.model.name);
  if (!scaffold) return std::move(scaffold).error();
  experiment.scaffold = std::move(*scaffold);
  const Result<void> priced = CheckPrices(spec);
  if (!priced) return priced;
  experiment.cache = std::make_unique<StoreCache>();
  Result<std::unique_ptr<Model>> subject = MakeOne(experiment, spec.model, machinery);
  if (!subject) return std::move(subject).error();
  experiment.subject = std::move(*subject);
  for (const ModelSpec& judging : spec.judges) {
    Result<JudgeSeat> seat = SeatOf(experiment, judging, machinery);
    if (!seat) return std::move(seat).error();
    experiment.seats.push_back(std::move(*seat));
  }
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

Result<Experiment> Prepare(const EvalOptions& options, const std::string& suite_name, const std::string& model,
                           const Machinery& machinery) {
  EndpointOptions endpoint;
  endpoint.base_url = options.base_url;
  endpoint.api_key_env = options.api_key_env;
  endpoint.arguments = options.model_arguments;
  endpoint.arguments_option = "-M";
  endpoint.prices = options.prices;
  endpoint.prices_option = "--prices";
  endpoint.generation = options.generation;
  endpoint.timeout_s = options.timeout_s;
  endpoint.max_retries = options.max_retries;
  endpoint.max_connections = options.max_connections;
  endpoint.cache = !options.no_cache;
  Result<ModelSpec> subject = SpecOf(model, endpoint);
  if (!subject) return std::move(subject).error();

  SuiteRequest request;
  request.name = suite_name;
  request.data = options.data;
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
  spec.data_dir = suite->data;
  spec.task_arguments = suite->arguments;
  spec.selection = selection->ToString();
  const std::optional<bool> forced = suite->generation.parallel_tool_calls;
  subject->generation = Overlay(suite->generation, subject->generation);
  if (subject->provider == "openai") AddArguments(suite->model_arguments, subject->arguments);
  if (forced) subject->generation.parallel_tool_calls = forced;
  spec.model = std::move(*subject);
  spec.scaffold = options.scaffold.empty() ? suite->scaffold : options.scaffold;
  spec.judge_prompt_digest = JudgeDigest(*suite);
  spec.epochs = options.epochs.value_or(suite->epochs);
  spec.limits.max_steps = options.max_steps.value_or(suite->max_steps);
  spec.limits.max_tokens = options.token_limit;
  spec.limits.time_ms = static_cast<int64_t>(options.time_limit_s * 1000);
  spec.limits.cost_usd = options.cost_limit;
  spec.version = Version();

  endpoint = EndpointOptions();
  endpoint.base_url = options.judge_base_url.empty() ? options.base_url : options.judge_base_url;
  endpoint.api_key_env = options.judge_api_key_env.empty() ? options.api_key_env : options.judge_api_key_env;
  endpoint.arguments = options.judge_arguments;
  endpoint.arguments_option = "--judge-arg";
  endpoint.prices = options.judge_prices;
  endpoint.prices_option = "--judge-prices";
  endpoint.timeout_s = options.timeout_s;
  endpoint.max_retries = options.max_retries;
  endpoint.max_connections = options.max_connections;
  endpoint.cache = !options.no_cache;
  if (options.no_judge && !options.judges.empty()) return UsageError("--no-judge", "conflicts with --judge");
  if (!suite->judge && !options.judges.empty()) {
    return UsageError("--judge", "suite \"" + spec.suite + "\" is scored by its own rules", "leave --judge out");
  }
  std::set<std::string> names;
  for (const std::string& judge : options.judges) {
    if (!names.insert(judge).second) return UsageError("--judge", Quoted(judge) + " is named twice");
    Result<ModelSpec> judging = SpecOf(judge, endpoint);
    if (!judging) return std::move(judging).error();
    spec.judges.push_back(std::move(*judging));
  }
  spec.departures = Departures(*suite, spec);
  experiment.suite = std::move(*suite);
  const Result<void> made = MakeParts(experiment, machinery);
  if (!made) return made.error();
  return experiment;
}

// Opens the store to be read; one that is not there yet is made by the writer first.
struct OpenedStore {
  std::unique_ptr<StoreWriter> writer;
  std::unique_ptr<StoreReader> reader;
};

Result<OpenedStore> OpenStore(Loop& loop, const std::string& path) {
  OpenedStore store;
  Result<std::unique_ptr<StoreWriter>> writer = StoreWriter::Open(loop, path);
  if (!writer) return std::move(writer).error();
  Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(path);
  if (!reader) return std::move(reader).error();
  store.writer = std::move(*writer);
  store.reader = std::move(*reader);
  return store;
}

// Everything that one session of one run needs, in the order in which it may go.
class Session {
 public:
  Session(const EvalOptions& options, Experiment& experiment, const Machinery& machinery, OpenedStore& store)
      : options_(options), experiment_(experiment), loop_(machinery.loop), clock_(machinery.clock), store_(store) {
    experiment_.cache->ReadFrom(*store.reader);
  }

  // The run's id and how the session ended.
  Result<std::pair<std::string, SessionResult>> Work() {
    Result<void> ready = FindOrBegin();
    if (ready) ready = MakeHost();
    if (!ready) return std::move(ready).error();
    Result<std::map<std::pair<std::string, int>, SampleState>> states = store_.reader->SampleStates(run_.id);
    if (!states) return std::move(states).error();
    std::vector<std::string> judge_ids;
    for (const JudgeSeat& seat : experiment_.seats) judge_ids.push_back(seat.id);
    Plan plan = MakePlan(experiment_.suite.tasks->refs(), experiment_.spec.epochs, judge_ids, *states,
                         options_.retry_errors);
    const Result<void> stored = StoreTasks(plan);
    if (!stored) return stored.error();
    Announce(plan);
    return Run(std::move(plan));
  }

 private:
  // The stored run of this very configuration, or a new one.
  Result<void> FindOrBegin() {
    const RunSpec& spec = experiment_.spec;
    const std::string identity = IdentityDigest(spec);
    if (!options_.fresh) {
      Result<std::optional<std::string>> found = store_.reader->FindRunByIdentity(identity);
      if (!found) return std::move(found).error();
      if (*found) {
        Result<RunSummary> summary = store_.reader->FindRun(**found);
        if (!summary) return std::move(summary).error();
        run_ = summary->run;
        continued_ = true;
        budget_.spent_usd =
            summary->subject_usage.cost_usd.value_or(0) + summary->judge_usage.cost_usd.value_or(0);
      }
    }
    if (!continued_) {
      run_.id = NewRunId(clock_.WallMs());
      run_.created_ms = clock_.WallMs();
      run_.suite = spec.suite;
      run_.protocol = experiment_.suite.tasks->protocol();
      run_.model = spec.model.id();
      run_.scaffold = spec.scaffold;
      run_.config = DumpJson(ToJson(spec));
      run_.identity = identity;
      run_.tags = options_.tags;
      run_.command = options_.command_line;
      run_.wanted = static_cast<int64_t>(experiment_.suite.tasks->refs().size()) * spec.epochs;
    }
    budget_.limit_usd = spec.limits.cost_usd;
    return {};
  }

  Result<void> MakeHost() {
    if (experiment_.suite.directories.empty()) return {};
    HostOptions host;
    host.max_instances = options_.max_sandboxes;
    host.python = options_.python;
    host.backend = options_.sandbox;
    Result<std::unique_ptr<EnvironmentHost>> made =
        MakeEnvironmentHost(loop_, host, experiment_.suite.directories);
    if (!made) return std::move(made).error();
    host_ = std::move(*made);
    if (std::string(host_->sandbox()) != "bubblewrap") {
      Say(std::string("note: environments are confined by ") + host_->sandbox() +
          ", which is weaker than bubblewrap; `axiometer doctor` says what to enable");
    }
    return {};
  }

  // The run and the records of its tasks, before the first sample.
  Result<void> StoreTasks(const Plan& plan) {
    std::vector<Row> rows;
    if (!continued_) rows.push_back(run_);
    std::set<size_t> tasks;
    for (const WantedSample& sample : plan.samples) tasks.insert(sample.task);
    for (const size_t index : tasks) {
      Result<std::shared_ptr<const Task>> task = experiment_.suite.tasks->Load(index);
      if (!task) return std::move(task).error();
      TaskRow row;
      row.digest = (*task)->digest;
      row.id = (*task)->id;
      row.record = DumpJson(TaskRecord(**task));
      rows.push_back(std::move(row));
      if (rows.size() >= 500) {
        const Result<void> stored = store_.writer->CommitNow(std::exchange(rows, {}));
        if (!stored) return stored;
      }
    }
    return store_.writer->CommitNow(std::move(rows));
  }

  void Announce(const Plan& plan) const {
    for (const std::string& note : experiment_.suite.tasks->notes()) Say("note: " + note);
    if (experiment_.spec.model.provider == "replay") AnnounceUnknownReplies();
    if (options_.display == Display::kNone) return;
    std::string text = run_.suite + ", " + run_.model + ": run " + run_.id + ", " +
                       std::to_string(plan.samples.size()) + " of " + std::to_string(plan.wanted) + " samples to do";
    if (continued_) text += " (continued)";
    Say(text);
  }

  void AnnounceUnknownReplies() const {
    std::set<std::string> wanted;
    for (const TaskRef& ref : experiment_.suite.tasks->refs()) wanted.insert(ref.id);
    const std::vector<std::string> unknown = UnknownReplayTasks(*experiment_.subject, wanted);
    if (unknown.empty()) return;
    Say("note: the replay file has replies to " + std::to_string(unknown.size()) +
        (unknown.size() == 1 ? " task" : " tasks") + " outside this selection, the first " + Quoted(unknown.front()));
  }

  Result<std::pair<std::string, SessionResult>> Run(Plan plan) {
    Progress progress;
    progress.suite = run_.suite;
    progress.model = run_.model;
    RunContext context{loop_,
                       clock_,
                       *store_.writer,
                       host_.get(),
                       *experiment_.scaffold,
                       *experiment_.subject,
                       experiment_.seats,
                       experiment_.spec.limits,
                       run_.id,
                       budget_,
                       progress};
    RunnerOptions runner_options;
    runner_options.max_sandboxes = options_.max_sandboxes;
    runner_options.fail_on_error = options_.fail_on_error;
    // What a file lacks is no sign of an endpoint that is down.
    if (experiment_.spec.model.provider == "replay") runner_options.errors_in_a_row = 0;
    StoreReader& reader = *store_.reader;
    Runner runner(context, *experiment_.suite.tasks, std::move(plan),
                  [&reader](int64_t attempt) { return reader.LoadTrajectory(attempt); }, runner_options);

    RunSessionRow session;
    session.run = run_.id;
    session.started_ms = clock_.WallMs();
    session.state = "running";
    session.pid = getpid();
    const Result<void> begun = store_.writer->CommitNow({session});
    if (!begun) return begun.error();

    int interrupts = 0;
    auto signals = std::make_unique<Signals>(loop_, [&](int) {
      ++interrupts;
      if (interrupts == 1) {
        runner.Drain();
      } else {
        runner.Stop();
      }
    });
    std::vector<std::pair<std::string, const Model*>> endpoints{{run_.model, experiment_.subject.get()}};
    for (const auto& model : experiment_.judge_models) endpoints.emplace_back("judge " + model->spec().id(), model.get());
    const Display display = options_.display.value_or(isatty(2) ? Display::kFull : Display::kPlain);
    LiveDisplay shown(clock_, display, progress, endpoints, host_.get());
    const uint64_t display_key = loop_.NewKey();
    SessionResult result;
    loop_.Spawn(shown.Show(), nullptr, display_key);
    loop_.Spawn(RunInto(runner, result), [&] { loop_.Cancel(display_key); });
    loop_.Run();
    signals.reset();

    session.ended_ms = clock_.WallMs();
    session.state = result.end == SessionEnd::kDone          ? "done"
                    : result.end == SessionEnd::kInterrupted ? "interrupted"
                                                             : "failed";
    if (result.error) session.detail = result.error->ToString();
    const Result<void> ended = store_.writer->CommitNow({session});
    if (!ended && !result.error) return ended.error();
    return std::pair<std::string, SessionResult>(run_.id, std::move(result));
  }

  static Async<> RunInto(Runner& runner, SessionResult& result) { result = co_await runner.Run(); }

  const EvalOptions& options_;
  Experiment& experiment_;
  Loop& loop_;
  Clock& clock_;
  OpenedStore& store_;
  RunRow run_;
  bool continued_ = false;
  Budget budget_;
  std::unique_ptr<EnvironmentHost> host_;
};

// A run is done when nothing is wanted any more, but not complete while samples have no score because
// something failed that was not measured.
std::optional<Error> MissingScores(const ReportData& data) {
  int64_t samples = 0;
  int64_t failed = 0;
  int64_t unjudged = 0;
  std::string example;
  for (const RunData& run : data.runs) {
    samples += static_cast<int64_t>(run.samples.size());
    for (const SampleFacts& sample : run.samples) {
      if (IsError(sample.outcome)) {
        ++failed;
        if (example.empty()) example = sample.detail;
      }
      const auto lost = std::find_if(sample.judged.begin(), sample.judged.end(), [](const JudgedFacts& judged) {
        return judged.status == JudgementStatus::kModelError;
      });
      if (lost == sample.judged.end()) continue;
      ++unjudged;
      if (example.empty()) example = lost->problem;
    }
  }
  if (failed + unjudged == 0) return std::nullopt;
  const std::string what = failed == 0     ? "could not be judged"
                           : unjudged == 0 ? "ended in an error"
                                           : "ended in an error or could not be judged";
  return Failed("", std::to_string(failed + unjudged) + " of " + std::to_string(samples) + " samples " + what +
                        " and have no score, for example (" + example + ")",
                "mend the cause, then give the same command with --retry-errors");
}

}  // namespace

Result<int> RunEval(const EvalOptions& options) {
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  HttpClient http(loop);
  const Machinery machinery{loop, *clock, http};
  // All configurations first: a mistake in the last one must not cost the work of the first.
  std::vector<Experiment> experiments;
  for (const std::string& suite : options.suites) {
    for (const std::string& model : options.models) {
      Result<Experiment> experiment = Prepare(options, suite, model, machinery);
      if (!experiment) return std::move(experiment).error();
      experiments.push_back(std::move(*experiment));
    }
  }
  Result<OpenedStore> store = OpenStore(loop, options.db);
  if (!store) return std::move(store).error();
  std::vector<std::string> runs;
  SessionResult last;
  for (Experiment& experiment : experiments) {
    Session session(options, experiment, machinery, *store);
    Result<std::pair<std::string, SessionResult>> worked = session.Work();
    if (!worked) return std::move(worked).error();
    runs.push_back(worked->first);
    last = std::move(worked->second);
    if (last.end != SessionEnd::kDone) break;
  }
  if (last.end == SessionEnd::kFailed) {
    Say("run " + runs.back() + " is incomplete; what is done is stored");
    return *last.error;
  }
  Result<ReportData> data = LoadReport(*store->reader, runs);
  if (!data) return std::move(data).error();
  const Document document = BuildReport(*data);
  if (options.display.value_or(Display::kFull) != Display::kNone) {
    std::fputs(ToTerminal(document, TerminalWidth(2), isatty(2) && !getenv("NO_COLOR")).c_str(), stderr);
  }
  if (options.json) std::fputs(ToJson(document).c_str(), stdout);
  if (last.end == SessionEnd::kInterrupted) {
    Say("interrupted: the same command goes on with run " + runs.back());
    return 130;
  }
  std::optional<Error> missing = MissingScores(*data);
  if (missing) return std::move(*missing);
  return 0;
}

}  // namespace axiometer
