#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/probe.h"
#include "harness/store/store.h"

namespace axiometer {

// What a report needs of a task; from the TaskRecord stored with the run.
struct TaskFacts {
  std::string id;             // "crossroads/ledger-01"
  std::string digest;         // of its stored record
  std::string source_digest;  // of the task before a subject's system prompt or skill was laid over it
  std::string title;          // may be empty
  std::string kind;   // TaskKindName
  std::string value_system;
  std::string pole_a;  // dimension; empty for kinds without poles
  std::string pole_b;
  std::string environment;  // empty: none; the cluster of its scores
  // Of tasks that are answered (label, choice, generate):
  std::string gold;                  // the right answer; empty: there is none
  std::vector<std::string> options;  // keys of the possible answers
  std::vector<std::string> references;
  std::string facts;  // one JSON object; may be empty
  std::map<std::string, std::string, std::less<>> tags;

  bool is_answered() const { return kind == "label" || kind == "choice" || kind == "generate"; }
  const std::string& tag(std::string_view key) const;  // empty if there is none
};

// The weighted share of each pole's points, 0 to 1.
struct PoleShares {
  double a = 0;
  double b = 0;
};

// What one judge made of one sample. Without rationales: those stay in the store.
struct JudgedFacts {
  int judge = 0;  // index in RunData::judges
  JudgementStatus status = JudgementStatus::kModelError;  // of its latest judgement
  std::string problem;      // an excerpt, for anything but kScored
  // If scored: the mean share of each pole's points over the judge's repeats, which are its judgements under the
  // prompt of the latest one.
  std::optional<double> a;
  std::optional<double> b;
  // Those that gave both poles a score, the latest first; empty unless `a` and `b` are set.
  std::vector<PoleShares> repeats;
  // Agent-ValueBench: the official case scores, 0 to 10, unrounded; absent with the reason.
  std::optional<double> official_a;
  std::optional<double> official_b;
  bool official_status_ok = false;
  std::string official_problem;
  int verdicts = 0;
  int mechanical = 0;  // of these, decided by a check
  // As stored, of tasks that are answered; null: none. Samples that got the same share one copy.
  std::shared_ptr<const std::vector<Score>> scores;

  const Score* score(const std::string& name) const;  // null if there is none
};

struct SampleFacts {
  int task = 0;  // index in RunData::tasks
  int epoch = 1;
  Outcome outcome = Outcome::kInterrupted;
  int64_t attempt = 0;
  int steps = 0;
  int attempts = 0;
  int64_t tokens = 0;
  std::string excerpt;  // of the final text, at most kExcerptBytes
  int64_t text_bytes = 0;  // of the final text
  std::string detail;   // an excerpt
  // Known of samples that a judge scored without any points:
  bool asks = false;               // the final text ends with a question (reports/outcome_class.h)
  bool every_call_failed = false;  // of its tool calls, of which there was one
  std::vector<JudgedFacts> judged;
  const JudgedFacts* judged_by(int judge) const;  // index in RunData::judges; nullptr if it did not
  // Agent-ValueBench: the harnesses' quick check, 0 to 1, of side a, side b and both; no score of values.
  std::optional<double> health_a;
  std::optional<double> health_b;
  std::optional<double> health;
};

// What a judge or a person gave one item of a sample.
struct ItemRating {
  int sample = 0;           // index in RunData::samples
  int item = 0;             // of the task: 0, 1, ...
  int rater = 0;            // index in RunData::judges; of a person -1 less the index in RunData::people
  int repeat = 0;           // 0: in the judge's latest judgement, 1: in the one before it, ...
  int score = 0;            // 0, 1 or 2
  double weight = 1;        // of the item within its pole
  char pole = 'a';
  bool mechanical = false;  // decided by a check
  bool at_random = false;   // by a person, of a sample drawn at random

  bool by_person() const { return rater < 0; }
  int person() const { return -1 - rater; }
};

// How a judge's verdicts on one sample followed a probe. Compared with its latest judgement under the same prompt.
struct ProbedSample {
  int sample = 0;  // index in RunData::samples
  int judge = 0;   // index in RunData::judges
  JudgeProbe probe = JudgeProbe::kOrder;
  double a = 0;     // probed less plain share of each pole's points, -1 to 1
  double b = 0;
  int items = 0;    // that no check decided, scored both times
  int changed = 0;  // of these, with another score
  // Injection: an item of pole a had less than 2 points before; and all that had have 2 now.
  bool tempted = false;
  bool obeyed = false;
};

inline constexpr size_t kExcerptBytes = 240;

// The protocol under which the quick check is stored beside the judges' verdicts.
inline constexpr char kHealthProtocol[] = "agent-valuebench-health";

// Whether a judgement under this protocol is what a judge made of the subject: no person's, no probe's, no quick check.
bool ScoresSubject(std::string_view protocol);

// One run as plain values.
struct RunData {
  RunSummary summary;
  int epochs = 1;                    // wanted of each task
  std::vector<std::string> judges;   // PROVIDER/NAME, or "checks"; by name
  std::vector<std::set<std::string>> judge_prompts;  // by judge: digests of the prompts of its judgements
  int64_t judgements = 0;  // that judges made, repeats and earlier ones included
  std::vector<TaskFacts> tasks;      // those with anything stored, by id
  std::vector<SampleFacts> samples;  // by task and epoch
  std::vector<std::string> people;   // "person/NAME" of those whose judgements were imported, by name; no judges
  // Of the samples with two judgements or more, by sample; a judge's repeats are those made under the
  // prompt of its latest judgement, a person's latest counts alone.
  std::vector<ItemRating> ratings;
  std::vector<ProbedSample> probed;  // by sample, judge and probe

  bool is_valuebench() const { return summary.run.protocol == "agent-valuebench"; }
  bool is_forced_choice() const { return summary.run.protocol == "agent-valuebench-choice"; }
  // Of suites of our own the form in which dilemmas were put: "agent", "choice", "survey"; empty:
  // none is known.
  const std::string& form() const;
  // Dilemmas put as questions ("choice", "survey"), so that an answer is read by rule.
  bool answers_dilemmas() const;
  // All tasks are answered under a benchmark's protocol: right or wrong. Dilemmas of our own that
  // are answered have poles like those that are acted in.
  bool is_answered() const {
    return summary.run.protocol != "axiometer" && !tasks.empty() && tasks.front().is_answered();
  }
};

struct ReportData {
  std::vector<RunData> runs;
};

// How often a run asks each task, from its stored configuration; 1 if that does not say.
int WantedEpochs(const RunRow& run);

namespace valuebench {
struct Case;  // reports/agent_valuebench.h
}

// The case of a stored task with its items, which is seldom wanted.
using ReadCase = std::function<Result<valuebench::Case>(const TaskFacts&)>;

// Puts a run together from rows, one sample at a time. Memory: about 0.6 KB a sample and judge, what
// a benchmark's named scores take, and 40 bytes an item of every judgement where a sample has several.
class RunCollector {
 public:
  // `read_case` is asked where a judge of Agent-ValueBench stored a verdict without its official scores.
  RunCollector(const RunSummary& summary, ReadCase read_case);
  ~RunCollector();

  void AddTask(TaskFacts task);  // all before any sample
  // Error: a sample of a task that was not added, or a case that cannot be read.
  Result<void> AddSample(const SampleRow& sample);
  RunData Take();
  // Another way, for a run that LoadReport found in `store`: all of it at once, by two readers in two threads. `tasks`:
  // of the whole run. Error: as of those above, or of the store.
  static Result<RunData> OfPlainRun(StoreReader& store, StoreReader& other, const RunSummary& summary,
                                    std::vector<TaskFacts> tasks, const PlainRun& plain);
  // One run from two: `first` has the tasks before those of `second`.
  static RunData Joined(RunData first, RunData second);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Of a reader that LoadReport is the main use of: it walks through tables and comes back to nothing.
inline constexpr int kReportCacheKib = 8 << 10;

// `runs`: ids, unique prefixes or "latest", each resolved by the store. Reads each run once.
Result<ReportData> LoadReport(StoreReader& store, const std::vector<std::string>& runs);

}  // namespace axiometer
