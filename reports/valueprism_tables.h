#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/valueprism.h"

namespace axiometer {

// "relevance": Yes, No; "valence": Supports, Opposes, Either.
const std::vector<std::string>& ValuePrismLabelNames(const std::string& task);

// Value and interval times `factor`.
Estimate Scaled(Estimate estimate, double factor);

// Mean of one number over a task's rows, epochs averaged first.
struct ValuePrismMeasure {
  std::string score;    // its name among the scores: "rouge_l", "coverage.exact"
  std::string metric;   // in REPORT_JSON.md
  std::string matcher;  // "exact", "overlap"; empty: none is needed
  std::string shown;
  double most = 1;  // of its range; 0: no bound, so no interval
  Estimate mean;
  int64_t scored = 0;              // samples
  std::optional<double> baseline;  // over the tasks of the run
};

// Explanation or generation.
struct ValuePrismOpenTask {
  std::string task;
  std::string baseline;  // its name; empty: none
  std::vector<ValuePrismMeasure> measures;
  int64_t wanted = 0;                      // samples
  int64_t answered = 0;                    // with a reply
  int64_t read = 0;                        // that could be read
  std::map<std::string, int64_t> missing;  // why others have no score
};
// By task; tasks that the run does not have are left out.
std::vector<ValuePrismOpenTask> ValuePrismOpenTasksOf(const RunData& run, int judge);

// Situations in which the valences given (gold) take both sides, among those of the valence task.
struct ValuePrismSides {
  Estimate both;      // share of situations with an answer Supports and an answer Opposes
  Estimate valences;  // mean number of different answers, 1 to 3
  double gold_both = 0;
  int64_t situations = 0;
};
std::optional<ValuePrismSides> ValuePrismSidesOf(const RunData& run, int judge);

// For BenchmarkReport.
void AddValuePrismMetrics(const RunData& run, const JudgeResult& judge, MetricList& out);
void AddValuePrismSections(const RunView& run, const JudgeResult& judge, const std::string& id,
                           Document& document);

}  // namespace axiometer
