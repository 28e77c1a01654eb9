#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/run_spec.h"
#include "reports/data.h"
#include "reports/instruments.h"

// Whether scores of several runs mean the same: what differs between their frozen configurations, apart into
// what is compared (the subject) and what measures it (tasks, rubrics, prompts, judge, settings).
namespace axiometer {

// One thing in which the runs differ.
struct ConfigurationDifference {
  std::string what;                 // "model", "temperature", "judge's prompt", "rubric"
  std::vector<std::string> values;  // of each run, in their order; "–" where a run has none
  bool forbids = false;             // scores do not mean the same: refused unless allowed
};

// A task that all runs have, by its place in each.
struct CommonTask {
  std::string key;           // its id; where ids differ, the item that its tag names
  std::vector<int> indexes;  // in RunData::tasks, one a run
};

// What Comparability::subject calls the runs' place in a series.
inline constexpr char kSeriesFactor[] = "series";
inline constexpr char kPositionFactor[] = "position";

struct Comparability {
  std::vector<ConfigurationDifference> subject;     // factors: what the comparison is about
  std::vector<ConfigurationDifference> instrument;  // what should be equal
  std::vector<CommonTask> tasks;                    // in order of the first run's tasks
  std::vector<size_t> unmatched;                    // of each run: its tasks that some other run lacks
  std::vector<int> judges;  // index in RunData::judges of each run: whose scores are compared; -1: none
  std::vector<JudgeStanding> standings;             // of these

  bool refused() const;
};

// The stored record of a task, to say what exactly differs where digests do.
using RecordOf = std::function<Result<std::string>(const TaskFacts& task)>;

// `runs`: two or more. `judge`: PROVIDER/NAME that every run must have been judged by; empty: the first that
// all have in common. Error: a stored configuration or record that cannot be read; a `judge` that a run lacks.
Result<Comparability> Compared(const std::vector<RunData>& runs, const std::string& judge, const RecordOf& record);

// Why the runs cannot be compared, as an error that names the first reason and what to do; runs without a
// task in common are refused whatever is allowed.
Result<void> Refusal(const std::vector<RunData>& runs, const Comparability& found, bool allow_differences);

}  // namespace axiometer
