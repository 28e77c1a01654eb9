#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/session.h"
#include "harness/cli/subject.h"
#include "harness/cli/unchanged_tasks.h"
#include "harness/cli/verbs.h"
#include "harness/scaffold/scaffold.h"
#include "reports/data.h"

namespace axiometer {
namespace {

// The subject of trajectories that are stored: there is nothing to ask it.
class StoredSubject : public Model {
 public:
  explicit StoredSubject(ModelSpec spec) : spec_(std::move(spec)) {}
  const ModelSpec& spec() const override { return spec_; }
  EndpointState state() const override { return {}; }
  Async<Reply> Generate(const Request&) override {
    Reply reply;
    reply.error = "the subject of a stored run is not asked again";
    co_return reply;
  }

 private:
  ModelSpec spec_;
};

Result<RunSpec> SpecOfRun(const RunSummary& summary) {
  Result<Json> config = ParseJson(summary.run.config, "stored configuration of run " + summary.run.id);
  if (!config) return std::move(config).error();
  return RunSpecFromJson(*config);
}

// The suite that the run was of, with the judge's prompt as the options say.
Result<OpenedSuite> SuiteOf(const JudgeOptions& options, const RunSpec& spec) {
  SuiteRequest request;
  request.name = options.suite.empty() ? spec.suite : options.suite;
  request.data = options.eval.data.empty() ? spec.data_dir : options.eval.data;
  request.arguments = spec.task_arguments;
  request.any_kinds = true;  // which of them the run has is known
  request.model = spec.model.name;
  request.allow_modified = true;  // the stored digests say below what was run
  request.judge_prompt = options.eval.judge_prompt;
  request.python = options.eval.python;
  request.sandbox = options.eval.sandbox;
  Result<OpenedSuite> suite = OpenSuiteByName(request);
  if (!suite && options.suite.empty() && suite.error().kind == ErrorKind::kUsage) {
    Error error = suite.error();
    error.hint = "name the folder of suite \"" + spec.suite + "\" with --suite";
    return error;
  }
  return suite;
}

// One name, one prompt: judgements of another prompt are no repeats.
Result<void> CheckPrompts(StoreReader& store, const RunSummary& summary, const std::vector<JudgeSeat>& seats) {
  const Result<ReportData> data = LoadReport(store, {summary.run.id});
  if (!data) return data.error();
  const RunData& run = data->runs.front();
  for (const JudgeSeat& seat : seats) {
    const auto judge = std::find(run.judges.begin(), run.judges.end(), seat.id);
    if (judge == run.judges.end()) continue;
    for (const std::string& digest : run.judge_prompts[static_cast<size_t>(judge - run.judges.begin())]) {
      if (digest == seat.judge->prompt_digest()) continue;
      return UsageError("--judge", "\"" + seat.id + "\" has judged run " + summary.run.id + " by another prompt",
                        "give this one a name of its own with --as");
    }
  }
  return {};
}

// Beside each judge, once for each probe. `owned` keeps the probed judges.
Result<void> SeatProbes(const std::vector<std::string>& names, Experiment& experiment,
                        std::vector<std::unique_ptr<Judge>>& owned) {
  const std::vector<JudgeSeat> plain = experiment.seats;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) continue;
    const std::optional<JudgeProbe> probe = JudgeProbeFromName(name);
    if (!probe) {
      return UsageError("--probe", "unknown probe \"" + name + "\"", "there are order, anchors, length and injection");
    }
    for (const JudgeSeat& seat : plain) {
      std::unique_ptr<Judge> judge = seat.judge->Probed(*probe);
      if (!judge) {
        return UsageError("--probe", std::string("the judge of protocol \"") + seat.judge->protocol() + "\" is asked as published",
                          "probes are for the rubric judge of our own suites");
      }
      JudgeSeat one = seat;
      one.id = ProbedJudgeName(seat.id, *probe);
      one.judge = judge.get();
      owned.push_back(std::move(judge));
      experiment.seats.push_back(std::move(one));
    }
  }
  return {};
}

}  // namespace

Result<int> RunJudge(const JudgeOptions& options) {
  if (options.eval.judges.empty()) {
    return UsageError("--judge", "nobody is named to judge", "name PROVIDER/NAME, such as openai/NAME");
  }
  const Result<std::unique_ptr<OwnMachinery>> own = OwnMachinery::Make(options.eval);
  if (!own) return own.error();
  const Machinery& machinery = (*own)->get();
  Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(options.eval.db);
  if (!reader) return std::move(reader).error();
  Result<RunSummary> summary = (*reader)->FindRun(options.run);
  if (!summary) return std::move(summary).error();
  Result<RunSpec> spec = SpecOfRun(*summary);
  if (!spec) return std::move(spec).error();
  Result<OpenedSuite> suite = SuiteOf(options, *spec);
  if (!suite) return std::move(suite).error();
  const Result<void> unchanged = CheckUnchanged(**reader, summary->run.id, *suite->tasks, "suite " + suite->tasks->suite(),
                                                "name the suite, or the data with --data, as it was");
  if (!unchanged) return unchanged.error();
  Result<std::vector<ModelSpec>> judges = JudgesOf(options.eval, *suite);
  if (!judges) return std::move(judges).error();

  Experiment experiment;
  experiment.suite = std::move(*suite);
  experiment.spec = std::move(*spec);
  experiment.spec.judges = std::move(*judges);
  experiment.cache = std::make_unique<StoreCache>();
  if (machinery.batch) experiment.batches = std::make_unique<StoreBatches>();
  experiment.subject = std::make_unique<StoredSubject>(experiment.spec.model);
  Result<std::unique_ptr<Scaffold>> scaffold = MakeScaffold("single_turn");  // nothing is run
  if (!scaffold) return std::move(scaffold).error();
  experiment.scaffold = std::move(*scaffold);
  const Result<void> seated = SeatJudges(experiment, machinery);
  if (!seated) return seated.error();
  if (!options.as.empty() && experiment.seats.size() > 1) return UsageError("--as", "names one judge, and several are to judge");
  for (const char* taken : {"people", "itself", "ensemble"}) {  // what reports call others than judges
    if (options.as == taken) return UsageError("--as", "\"" + options.as + "\" is no name for a judge", "choose another");
  }
  if (options.as.starts_with("person/")) return UsageError("--as", "\"" + options.as + "\" is a person's name", "choose another");
  if (!options.as.empty()) experiment.seats.front().id = options.as;
  std::vector<std::unique_ptr<Judge>> probes;
  const Result<void> probed = SeatProbes(options.probes, experiment, probes);
  if (!probed) return probed.error();
  const Result<void> one_prompt = CheckPrompts(**reader, *summary, experiment.seats);
  if (!one_prompt) return one_prompt.error();
  reader->reset();
  Result<OpenedStore> store = OpenStore(machinery.loop, options.eval.db);
  if (!store) return std::move(store).error();
  Result<std::pair<std::string, SessionResult>> worked =
      JudgeStored(options.eval, experiment, machinery, *store, *summary, options.repeats);
  if (!worked) return std::move(worked).error();
  return Conclude(options.eval, *store->reader, {worked->first}, std::move(worked->second));
}

}  // namespace axiometer
