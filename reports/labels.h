#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/data.h"
#include "reports/stats/mean_interval.h"

// From the answers of a label or choice suite to its general numbers: accuracy with coverage, baselines,
// confusion, breakdowns, unreadable replies by kind. What a benchmark computes beyond that is in its own
// file (reports/benchmarks.h). Pure.
namespace axiometer {

// How one reading of the replies is scored. A suite has one for each of its protocols.
struct LabelScheme {
  std::string protocol;    // of the metrics: "official", "strict"
  std::string prediction;  // name of the score that holds the answer; null or absent: none could be read
  std::string correct;     // name of a score 0 or 1; empty: right if the answer equals the gold one
  std::string kind;        // name of the score whose text says why nothing could be read; may be empty
  std::string cluster;     // tag whose tasks depend on each other; empty: every task stands alone
  std::vector<std::string> slices;        // tags to break down by; order as shown
  size_t slices_in_full = 99;             // of these, so many are shown on a terminal
  std::vector<std::string> majority_of;   // tags: what always giving the commonest answer within one would score
  // Take the baselines from "baselines" of the tasks' facts instead: a list of [name, the probability that
  // this guesser is right here], known from all of the split where only a part of it is run.
  bool own_baselines = false;
  std::string left_out;       // tag: tasks that have a text under it are no part of this reading
  // Tag "task": only tasks that have this text under it, where a suite has tasks of several kinds; empty: all.
  // The groups of this reading's slices begin with it.
  std::string task;
  bool missing_is_wrong = false;  // a failed call or an unreadable reply counts as a wrong answer
  bool unreadable_is_wrong = false;  // only an unreadable reply does whose `correct` is 0 all the same
  bool graded = false;            // an answer can be right in part
  std::vector<std::string> labels;        // in the order of the confusion table; empty: no such table
  std::string note;                       // a sentence on what this reading is; shown

  const std::string& name() const { return task.empty() ? protocol : task; }  // as shown
  bool Takes(const TaskFacts& facts) const;  // whether a task is part of this reading
};

// One sample, read under a scheme.
struct LabelRow {
  int task = 0;  // index in RunData::tasks
  int epoch = 1;
  std::optional<std::string> prediction;
  double correct = 0;   // 0 to 1; of a row with a prediction
  std::string missing;  // without one: an outcome, a judgement status, or the text of `kind`
  bool answered = false;  // a reply came, whether it could be read or not
  bool is_wrong = false;  // without a prediction: its `correct` is 0
};

// Every ended sample with a gold answer, by task and epoch. A number as a score is read as its shortest text.
std::vector<LabelRow> ReadLabels(const RunData& run, int judge, const LabelScheme& scheme);

// The points of one task under a scheme, epochs put together.
struct TaskPoints {
  double sum = 0;  // over the scored epochs, each 0 to 1
  int scored = 0;
  int wanted = 0;  // at least those that ended; 0: no part of the scheme
};

// By task, as RunData::tasks has them. `rows` as of ReadLabels.
std::vector<TaskPoints> PointsByTask(const RunData& run, const LabelScheme& scheme,
                                     const std::vector<LabelRow>& rows);

// A number for each text under `tag`; a task without one stands alone.
std::vector<int> ClustersByTag(const RunData& run, const std::string& tag);

struct Baseline {
  std::string name;  // "uniform", "frequency", "majority", "majority by TAG"
  double accuracy = 0;
};

// Some tasks of the run under one scheme.
struct LabelSlice {
  std::vector<std::pair<std::string, std::string>> group;  // the last: {"value", "Justice"}; none of the scheme's own: all
  Estimate accuracy;             // over `scored` rows; a task's epochs averaged first
  std::optional<Bounds> bounds;  // had all others been wrong, right; absent if nothing is missing
  int64_t scored = 0;            // rows that enter the accuracy: `read`, and the wrong ones if missing_is_wrong
  int64_t read = 0;              // rows with an answer
  int64_t answered = 0;          // rows with a reply
  int64_t wanted = 0;            // rows wanted: tasks times epochs
  std::vector<Baseline> baselines;  // over the loaded tasks of the slice
  Estimate above_majority;  // accuracy less that of the commonest answer (of own baselines: the last), by task; -1 to 1

  std::optional<double> coverage() const;  // read / wanted
};

struct LabelResult {
  LabelScheme scheme;
  LabelSlice all;
  std::vector<std::pair<std::string, std::vector<LabelSlice>>> breakdowns;  // by tag; empty texts left out
  std::map<std::string, int64_t> missing;  // why samples have no answer; "not_run" included
  // Gold, then prediction (empty: none), to samples.
  std::map<std::pair<std::string, std::string>, int64_t> confusion;
};

// One for each scheme.
std::vector<LabelResult> AnalyseLabels(const RunData& run, int judge, const std::vector<LabelScheme>& schemes);

}  // namespace axiometer
