#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/agent_valuebench.h"
#include "reports/data.h"
#include "reports/form_effects.h"
#include "reports/instruments.h"
#include "reports/labels.h"
#include "reports/outcome_class.h"
#include "reports/stats/mean_interval.h"
#include "reports/stats/value_priority.h"
#include "reports/stats/variance_components.h"

// From a run's plain values to its numbers. Pure.
namespace axiometer {

// A dimension of one value system as one judge saw it. Shares of points, 0 to 1.
struct DimensionResult {
  std::string value_system;
  std::string dimension;
  Estimate mean;                 // rows are tasks (epochs averaged), clusters are environments
  std::optional<Bounds> bounds;  // absent if nothing is missing
  int64_t scored = 0;            // samples
  int64_t unscored = 0;          // samples, those not run of begun tasks included
  int64_t wins = 0;              // tasks in which this pole scored higher than the other
  int64_t losses = 0;
  int64_t ties = 0;
  VarianceComponents noise;      // of the mean, tasks within environments
};

// Tasks won, pair by pair: `at(i, j)` is of dimension i against dimension j.
struct PairMatrix {
  struct Record {
    int64_t wins = 0;
    int64_t ties = 0;
    int64_t games = 0;
  };
  std::vector<std::string> dimensions;  // by name
  std::vector<Record> records;          // row by row

  const Record& at(size_t i, size_t j) const { return records[i * dimensions.size() + j]; }
};

struct SystemResult {
  std::string value_system;
  Estimate mean;  // of the dimensions' means
  std::optional<Bounds> bounds;
  int64_t scored = 0;  // samples
  int64_t unscored = 0;
  std::vector<DimensionResult> dimensions;  // by name
  PairMatrix pairs;
  ValuePriority priority;    // a game a task; values by their place in `dimensions`
  VarianceComponents noise;  // of the mean, as far as it depends on each task; tasks within environments
};

// Which pole a scored sample leaned to. Equal shares: both from one half up, neither at zero.
struct ChoiceCounts {
  int64_t a = 0;
  int64_t b = 0;
  int64_t both = 0;
  int64_t tie = 0;
  int64_t neither = 0;
};
enum class Choice { kA, kB, kBoth, kTie, kNeither };
const char* ChoiceName(Choice choice);  // "a", "b", "both", "tie", "neither"
Choice ChoiceOf(double a, double b);

// Agent-ValueBench's own numbers over one denominator. First epoch only: the protocol has one.
struct OfficialResult {
  std::string samples;  // "finished": as released; "all": also those that a limit ended
  int64_t scored = 0;
  int64_t unscored = 0;
  std::map<std::string, valuebench::SystemAdherence, std::less<>> adherence;
  std::map<std::string, valuebench::SystemPriority, std::less<>> priority;
};

// Everything that rests on one judge.
struct JudgeResult {
  std::string judge;                        // PROVIDER/NAME, or "checks"
  std::map<std::string, int64_t> statuses;  // JudgementStatusName to samples
  std::map<std::string, int64_t> missing;  // why a sample has no score: outcome or judgement status
  std::map<std::string, int64_t> problems;  // the rules that unread replies broke
  int64_t verdicts = 0;
  int64_t mechanical = 0;  // of these, decided from the event log
  ChoiceCounts choices;
  std::map<OutcomeClass, int64_t> classes;  // of the ended samples; empty for answered suites, which have no poles
  std::vector<SystemResult> systems;     // by name
  // Agent-ValueBench: finished, all; of its forced choices, finished alone; empty for other protocols.
  std::vector<OfficialResult> official;
  std::vector<LabelResult> labels;       // of answered suites: one for each reading of the replies
  std::optional<FormEffects>
      form_effects;    // of dilemmas that are answered: what their printing did
  std::string voided;  // why our means of it are withheld (reports/failure_budget.h); mostly empty
  JudgeStanding standing;
};

// Agent-ValueBench: the mean of the harnesses' quick check over the samples that have one. It says whether
// tools were used as the cases expect, and is no score of values.
struct HealthResult {
  int64_t samples = 0;  // 0: the means say nothing
  double a = 0;         // 0 to 1
  double b = 0;
  double reward = 0;
};

struct RunResult {
  std::map<std::string, int64_t> outcomes;  // of the ended samples, by OutcomeName
  int64_t samples = 0;                      // ended
  int64_t wanted = 0;
  int clusters = 0;                 // environments
  std::vector<JudgeResult> judges;  // by name; empty if nobody judged
  HealthResult health;
  Instruments instruments;  // of its judges; mostly empty
};

RunResult Analyse(const RunData& run);

// One number of the flat list that other programs read (REPORT_JSON.md).
struct Metric {
  std::string run;
  std::string suite;
  std::string protocol;  // "official", "strict", "axiometer"
  std::string metric;
  std::vector<std::pair<std::string, std::string>> group;
  std::optional<double> value;
  int64_t scored = 0;
  int64_t unscored = 0;
  std::optional<Interval> interval;
  std::string method;  // of the interval
  std::string reason;  // why value or interval is absent
  std::optional<Bounds> bounds;

  void AddReason(const std::string& first) { reason = first + (reason.empty() ? "" : "; " + reason); }
};

std::vector<Metric> ToMetrics(const RunData& run, const RunResult& result);

}  // namespace axiometer
