#include "harness/cli/session.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "environments/host.h"
#include "harness/base/utf8.h"
#include "harness/cli/live_display.h"
#include "harness/cli/say.h"
#include "harness/io/descriptors.h"
#include "harness/io/signals.h"
#include "harness/model/replay_model.h"
#include "harness/record/probe.h"
#include "reports/data.h"
#include "reports/document.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

constexpr size_t kExampleBytes = 300;  // of what went wrong with one sample
constexpr int kReaderCacheKib = 4096;  // while a run is at work it looks up single rows

// Everything that one session of one run needs, in the order in which it may go.
class Session {
 public:
  Session(const EvalOptions& options, Experiment& experiment, const Machinery& machinery, OpenedStore& store)
      : options_(options),
        max_sandboxes_(std::min(options.max_sandboxes, MostSandboxes())),
        experiment_(experiment),
        loop_(machinery.loop),
        clock_(machinery.clock),
        store_(store) {
    experiment_.cache->ReadFrom(*store.reader);
  }

  // The run's id and how the session ended.
  Result<std::pair<std::string, SessionResult>> Work() {
    Result<void> ready = FindOrBegin();
    if (ready) ready = MakeHost();
    if (!ready) return std::move(ready).error();
    Result<std::map<std::pair<std::string, int>, SampleState>> states = store_.reader->SampleStates(run_.id);
    if (!states) return std::move(states).error();
    Plan plan = MakePlan(experiment_.suite.tasks->refs(), experiment_.spec.epochs, JudgeIds(), *states,
                         options_.retry_errors);
    const Result<std::map<std::string, double>> steps = StoreTasks(plan);
    if (!steps) return steps.error();
    LongestFirst(plan, experiment_.suite.tasks->refs(), *steps);
    Announce(plan);
    return Run(std::move(plan));
  }

  // Only judging of what `summary`'s run has stored.
  Result<std::pair<std::string, SessionResult>> JudgeStored(const RunSummary& summary, int repeats) {
    run_ = summary.run;
    continued_ = true;
    Result<std::map<std::pair<std::string, int>, SampleState>> states = store_.reader->SampleStates(run_.id);
    if (!states) return std::move(states).error();
    Plan plan = PlanJudging(experiment_.suite.tasks->refs(), JudgeIds(), repeats, *states, options_.retry_errors);
    Announce(plan);
    return Run(std::move(plan));
  }

 private:
  std::vector<std::string> JudgeIds() const {
    std::vector<std::string> ids;
    for (const JudgeSeat& seat : experiment_.seats) ids.push_back(seat.id);
    return ids;
  }

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
    host.max_instances = max_sandboxes_;
    host.python = options_.python;
    host.backend = options_.sandbox;
    host.limits.call_ms = static_cast<int64_t>(options_.tool_timeout_s * 1000);
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

  // Assistant turns by task, as far as something tells: the latest run of this suite in this scaffold, else the tasks' own
  // oracles. Nothing where a sample has one turn.
  Result<std::map<std::string, double>> StepsOfEarlier() {
    if (!experiment_.scaffold->acts()) return std::map<std::string, double>();
    Result<std::vector<RunRow>> runs = store_.reader->RunRows();
    if (!runs) return std::move(runs).error();
    for (const RunRow& run : *runs) {
      if (run.suite == run_.suite && run.scaffold == run_.scaffold) {
        return store_.reader->MeanSteps(run.id);
      }
    }
    return std::map<std::string, double>();
  }

  // The run and the records of its tasks, before the first sample: on their way while the rest is made ready, and
  // committed before an attempt is. How many turns each is expected to take.
  Result<std::map<std::string, double>> StoreTasks(const Plan& plan) {
    Result<std::map<std::string, double>> earlier = StepsOfEarlier();
    if (!earlier) return earlier;
    std::map<std::string, double> oracles;
    std::vector<Row> rows;
    if (!continued_) rows.push_back(run_);
    for (const size_t index : plan.Tasks()) {
      Result<std::shared_ptr<const Task>> task = experiment_.suite.tasks->Load(index);
      if (!task) return std::move(task).error();
      size_t longest = 0;
      for (const Oracle& oracle : (*task)->oracles) longest = std::max(longest, oracle.steps.size());
      if (longest > 0 && experiment_.scaffold->acts()) oracles[(*task)->id] = static_cast<double>(longest);
      TaskRow row;
      row.digest = (*task)->digest;
      row.id = (*task)->id;
      row.record = TaskRecord(**task);
      rows.push_back(std::move(row));
      if (rows.size() >= 500) {
        store_.writer->Queue(std::exchange(rows, {}));
      }
    }
    store_.writer->Queue(std::move(rows));
    return earlier->empty() ? oracles : *earlier;
  }

  void Announce(const Plan& plan) const {
    for (const std::string& note : experiment_.suite.tasks->notes()) Say("note: " + note);
    if (experiment_.spec.model.provider == "replay") AnnounceUnknownReplies();
    if (options_.display == Display::kNone) return;
    std::string text = run_.suite + ", " + run_.model + ": run " + run_.id + ", " +
                       std::to_string(plan.size()) + " of " + std::to_string(plan.wanted) + " samples to do";
    if (const std::optional<ShardPlace>& shard = experiment_.spec.shard) {
      text += ", shard " + std::to_string(shard->index) + " of " + std::to_string(shard->count) + " in " + options_.db;
    }
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

  // What models need besides an endpoint, before the first sample.
  Result<void> PrepareModels(const Plan& plan) {
    if (plan.size() == 0) return {};
    std::vector<Model*> models;
    if (plan.runs_any()) models.push_back(experiment_.subject.get());
    for (const auto& model : experiment_.judge_models) models.push_back(model.get());
    Result<void> ready;
    loop_.Spawn(PrepareInto(models, ready));
    loop_.Run();
    return ready;
  }

  static Async<> PrepareInto(const std::vector<Model*>& models, Result<void>& ready) {
    for (Model* model : models) {
      Result<void> one = co_await model->Prepare();
      if (!one) ready = std::move(one);
    }
  }

  Result<std::pair<std::string, SessionResult>> Run(Plan plan) {
    if (experiment_.batches) {
      experiment_.batches->Use(*store_.reader, *store_.writer, clock_, run_.id, options_.display == Display::kNone);
    }
    const Result<void> prepared = PrepareModels(plan);
    if (!prepared) return prepared.error();
    Progress progress;
    progress.suite = run_.suite;
    progress.model = run_.model;
    UntouchedStates untouched(loop_, host_.get());
    RunContext context{loop_,
                       clock_,
                       *store_.writer,
                       host_.get(),
                       untouched,
                       *experiment_.scaffold,
                       *experiment_.subject,
                       experiment_.seats,
                       experiment_.spec.limits,
                       run_.id,
                       budget_,
                       progress};
    RunnerOptions runner_options;
    runner_options.max_sandboxes = max_sandboxes_;
    runner_options.fail_on_error = options_.fail_on_error;
    // What a file lacks is no sign of an endpoint that is down.
    if (experiment_.spec.model.provider == "replay") runner_options.errors_in_a_row = 0;
    if (experiment_.batches) {
      runner_options.max_live = kMostInBatches;
      runner_options.leave_running = true;
    }
    StoreReader& reader = *store_.reader;
    Runner runner(context, *experiment_.suite.tasks, std::move(plan),
                  [&reader](int64_t attempt) { return reader.LoadTrajectory(attempt); }, runner_options);

    RunSessionRow session;
    session.run = run_.id;
    session.started_ms = clock_.WallMs();
    session.state = "running";
    session.pid = getpid();
    store_.writer->Queue({session});

    int interrupts = 0;
    auto signals = std::make_unique<Signals>(loop_, [&](int) {
      ++interrupts;
      if (interrupts == 1) {
        runner.Drain();
      } else {
        runner.Stop();
        if (experiment_.batches) loop_.CancelAll();  // a submission under way
      }
    });
    std::vector<std::pair<std::string, const Model*>> endpoints{{run_.model, experiment_.subject.get()}};
    for (const auto& model : experiment_.judge_models) endpoints.emplace_back("judge " + model->spec().id(), model.get());
    const Display display = options_.display.value_or(CanRedraw(2) ? Display::kFull : Display::kPlain);
    LiveDisplay shown(clock_, display, progress, endpoints, host_.get());
    const uint64_t display_key = loop_.NewKey();
    SessionResult result;
    loop_.Spawn(shown.Show(), nullptr, display_key);
    loop_.Spawn(RunInto(runner, result), [&] { loop_.Cancel(display_key); });
    loop_.Run();
    signals.reset();
    AfterLastReply(result);

    session.ended_ms = clock_.WallMs();
    session.state = result.end == SessionEnd::kDone          ? "done"
                    : result.end == SessionEnd::kInterrupted ? "interrupted"
                                                             : "failed";
    if (result.error) session.detail = result.error->ToString();
    const Result<void> ended = store_.writer->CommitNow({session});
    if (!ended && !result.error) return ended.error();
    return std::pair<std::string, SessionResult>(run_.id, std::move(result));
  }

  // All that models said is stored, unless the store failed.
  void AfterLastReply(const SessionResult& result) {
    if (!experiment_.batches) return;
    if (store_.writer->CommitNow({})) {
      experiment_.subject->RepliesStored();
      for (const auto& model : experiment_.judge_models) model->RepliesStored();
      loop_.Run();  // what is settled is deleted at the provider
    }
    if (result.end == SessionEnd::kDone) return;
    const int out = experiment_.batches->out();
    if (out == 0) return;
    Say(std::to_string(out) + (out == 1 ? " batch goes" : " batches go") +
        " on at the provider; the same command fetches what " + (out == 1 ? "it answers" : "they answer"));
  }

  static Async<> RunInto(Runner& runner, SessionResult& result) { result = co_await runner.Run(); }

  const EvalOptions& options_;
  const int max_sandboxes_;
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
// something failed that was not measured. Reads one sample after another: a run may have any number of them.
Result<std::optional<Error>> MissingScores(StoreReader& store, const std::vector<std::string>& runs) {
  int64_t samples = 0;
  int64_t failed = 0;
  int64_t unjudged = 0;
  std::string example;
  const auto look = [&](const SampleRow& sample) {
    ++samples;
    if (IsError(sample.outcome)) {
      ++failed;
      if (example.empty()) example = Excerpt(sample.detail, kExampleBytes);
    }
    const auto lost = std::find_if(sample.judgements.begin(), sample.judgements.end(), [](const SampleRow::Judged& judged) {
      return judged.judgement.status == JudgementStatus::kModelError && !ProbeOfProtocol(judged.protocol);
    });
    if (lost == sample.judgements.end()) return true;
    ++unjudged;
    if (example.empty()) example = Excerpt(lost->judgement.problem, kExampleBytes);
    return true;
  };
  SampleScan scan;
  scan.texts = false;
  for (const std::string& run : runs) {
    const Result<void> read = store.ForEachSample(run, look, scan);
    if (!read) return read.error();
  }
  std::optional<Error> missing;
  if (failed + unjudged == 0) return missing;
  const std::string what = failed == 0     ? "could not be judged"
                           : unjudged == 0 ? "ended in an error"
                                           : "ended in an error or could not be judged";
  missing = Failed("", std::to_string(failed + unjudged) + " of " + std::to_string(samples) + " samples " + what +
                           " and have no score, for example (" + example + ")",
                   "mend the cause, then give the same command with --retry-errors");
  return missing;
}

Result<void> ShowReport(const EvalOptions& options, const std::vector<std::string>& runs) {
  const bool shown = !options.place && options.display.value_or(Display::kFull) != Display::kNone;
  if (!shown && !options.json) return {};
  const Result<std::unique_ptr<StoreReader>> store = StoreReader::Open(options.db);
  if (!store) return store.error();
  Result<ReportData> data = LoadReport(**store, runs);
  if (!data) return std::move(data).error();
  const Document document =
      BuildReport(*data, {options.fail_on_error > 0 ? options.fail_on_error : kFailureBudget});
  if (shown) std::fputs(ToTerminal(document, TerminalWidth(2), UsesColor(2)).c_str(), stderr);
  if (options.json) std::fputs(ToJson(document).c_str(), stdout);
  return {};
}

}  // namespace

Result<OpenedStore> OpenStore(Loop& loop, const std::string& path) {
  OpenedStore store;
  Result<std::unique_ptr<StoreWriter>> writer = StoreWriter::Open(loop, path);
  if (!writer) return std::move(writer).error();
  Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(path, kReaderCacheKib);
  if (!reader) return std::move(reader).error();
  store.writer = std::move(*writer);
  store.reader = std::move(*reader);
  return store;
}

Result<std::pair<std::string, SessionResult>> WorkThrough(const EvalOptions& options, Experiment& experiment,
                                                          const Machinery& machinery, OpenedStore& store) {
  return Session(options, experiment, machinery, store).Work();
}

Result<std::pair<std::string, SessionResult>> JudgeStored(const EvalOptions& options, Experiment& experiment,
                                                          const Machinery& machinery, OpenedStore& store,
                                                          const RunSummary& run, int repeats) {
  return Session(options, experiment, machinery, store).JudgeStored(run, repeats);
}

Result<int> Conclude(const EvalOptions& options, StoreReader& store, const std::vector<std::string>& runs,
                     SessionResult last) {
  if (last.end == SessionEnd::kFailed) {
    Say("run " + runs.back() + " is incomplete; what is done is stored");
    return *last.error;
  }
  const Result<void> reported = ShowReport(options, runs);
  if (!reported) return reported.error();
  // A part says nothing of the whole that would be worth reading.
  if (options.place && options.display.value_or(Display::kFull) != Display::kNone) {
    Say("shard " + std::to_string(options.place->index) + " of " + std::to_string(options.place->count) + " is in " +
        options.db + "; axiometer merge puts the shards together");
  }
  if (last.end == SessionEnd::kInterrupted) {
    Say("interrupted: the same command goes on with run " + runs.back());
    return 130;
  }
  Result<std::optional<Error>> missing = MissingScores(store, runs);
  if (!missing) return std::move(missing).error();
  if (*missing) return std::move(**missing);
  return 0;
}

}  // namespace axiometer
