#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/comparability.h"
#include "reports/data.h"
#include "reports/failure_budget.h"
#include "reports/metric_list.h"
#include "reports/stats/factor_effects.h"
#include "reports/stats/flips.h"
#include "reports/stats/paired_binary.h"
#include "reports/stats/paired_difference.h"
#include "reports/stats/profile_similarity.h"

// Two runs over the tasks that they share, pair by pair of runs: what differs, how surely, and where. Pure.
namespace axiometer {

struct ComparisonOptions {
  std::optional<double> margin;  // of the mean scores, 0 to 1: what does not matter
  bool false_discovery = false;  // Benjamini & Hochberg 1995 in place of Holm 1979
  FailureBudget budget;  // a run beyond it has counts and bounds alone, as in a report
};

// One number of both runs: a dimension's mean share of points, or the accuracy of one reading of the replies.
struct ScoreDifference {
  std::string protocol;      // "axiometer"; of answered suites the reading's
  std::string value_system;  // empty for answered suites
  std::string dimension;     // the same; for a reading: its name
  int64_t tasks = 0;         // scored in both runs: what everything below is of
  int64_t wanted_tasks = 0;  // that both should have scored
  int64_t missing_first = 0;   // samples of the common tasks without a score
  int64_t missing_second = 0;
  double first = 0;  // means over these tasks, epochs averaged; 0 to 1
  double second = 0;
  PairedDifference paired;                // second less first
  // Of tasks that stand alone, each scored 0 or 1: the exact test beside it, second less first.
  std::optional<PairedBinary> binary;
  std::optional<WorstDifference> worst;   // absent if nothing is missing
  std::optional<double> adjusted_p;       // within the family of all dimensions and pairs of runs
  DifferenceVerdict verdict = DifferenceVerdict::kUndecided;  // by the adjusted p
  bool depends_on_missing = false;
};

// The unweighted mean over a value system's dimensions. No test: it is not in the family.
struct SystemDifference {
  std::string value_system;
  int dimensions = 0;
  int64_t tasks = 0;    // scored in both runs
  int64_t wanted_tasks = 0;
  int64_t missing = 0;  // samples of these without a score, of both runs
  Estimate difference;  // second less first
  std::optional<Bounds> bounds;  // absent if nothing is missing
};

// A task in which the two runs leaned to different sides; of several epochs, both by their majority.
struct Flip {
  size_t task = 0;     // in Comparability::tasks
  double first = 0;    // how far pole a leads, -1 to 1; of an answered task 1 right, 0 wrong
  double second = 0;
  std::string first_leaning;  // ChoiceName, or "right", "wrong"
  std::string second_leaning;
};

struct RunPair {
  size_t first = 0;  // places of the runs
  size_t second = 0;
  std::string voided;  // why means, differences and similarities are withheld: one of the runs is void; mostly empty
  std::vector<ScoreDifference> scores;
  std::vector<SystemDifference> systems;
  std::vector<std::pair<std::string, ProfileSimilarity>> similarities;  // by value system
  std::vector<Flip> flips;  // the largest changes first
  Flips flip_counts;        // beside them, what repeating the runs alone would flip
  int64_t tasks = 0;        // scored in both: in which a flip could be
  // Share of samples without a score, second less first, by task.
  PairedDifference missing;
  // How much more the judge gives the second subject than the first, measured against people
  // (SeverityDifference); no value: people did not judge both.
  Estimate severity;
};

// What the factors that were varied between the runs do to one number.
struct ScoreEffects {
  std::string protocol;  // as of ScoreDifference
  std::string value_system;
  std::string dimension;
  FactorEffects effects;
};

struct Comparison {
  std::vector<RunPair> pairs;  // every two runs, in order
  std::vector<Factor> factors;        // what subjects differ in, level by level in order of the runs
  std::vector<ScoreEffects> effects;  // with two factors or more; one factor is what the pairs show
  std::string correction;      // "Holm", "Benjamini-Hochberg"
  int family = 0;              // tests that were corrected together
};

// `found` is of the same runs and has tasks.
Comparison Compare(const std::vector<RunData>& runs, const Comparability& found, const ComparisonOptions& options);

// As metrics of the first run of a pair, grouped by "with", the second one's id.
std::vector<Metric> ToMetrics(const std::vector<RunData>& runs, const Comparability& found,
                              const Comparison& comparison);

}  // namespace axiometer
