#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace axiometer {

struct Interval {
  double level = 0.95;  // two-sided confidence
  double low = 0;
  double high = 0;
};

// A number with its uncertainty, or the reason why there is none. Nothing here is ever NaN or
// infinite; an absent value is never printed as zero.
struct Estimate {
  std::optional<double> value;       // absent: see `reason`
  std::optional<Interval> interval;  // absent: see `reason`
  int64_t n = 0;                     // rows
  int clusters = 0;
  std::string reason;   // why value or interval is absent; empty if both are there
  std::string caution;  // printed beside the interval: "two clusters"; usually empty
  std::string method;   // of the interval, as a caption names it; empty without one
};

// One score in [0, 1]. Rows of one `cluster` (any number: environment, situation, persona) may
// depend on each other; different clusters do not. Epochs of one task are averaged beforehand, so
// that a row is a task. `dimension` matters to SystemMean alone.
struct Observation {
  double score = 0;
  int cluster = 0;
  int dimension = 0;
};

enum class ScoreScale {
  kGraded,  // anything in [0, 1]
  kBinary,  // 0 or 1: the effective size never exceeds the number of rows
};

// How the method of an interval begins that rests on clusters without spread.
inline constexpr char kEqualClusterMeans[] = "equal cluster means";

// Mean of the rows. Interval: variance by clusters, CR2 (Bell & McCaffrey 2002), Satterthwaite's
// degrees of freedom, Wilson's (1927) form with a design-based effective size (Korn & Graubard
// 1998; Dean & Pavlou 2015) and Student's t. All cluster means equal: [m - b m, m + b (1 - m)] with
// b = 1 - (alpha/2)^(1/G), Clopper and Pearson's limits at the edge. No rows: no value. One row or
// one cluster: no interval. A score outside [0, 1] or not finite: neither, with the reason.
// `level` in (0, 1). O(n log n).
Estimate MeanInterval(std::span<const Observation> rows, ScoreScale scale = ScoreScale::kGraded,
                      double level = 0.95);

// Unweighted mean of the dimensions' means: the score of a value system. One task enters two
// dimensions, so clusters are summed over both sides (Pustejovsky & Tipton 2018, closed form).
// A dimension seen in one cluster adds no variance, which `caution` says. Otherwise as above.
Estimate SystemMean(std::span<const Observation> rows, double level = 0.95);

// Worst-case bounds of a mean with missing scores (Manski 1989: no assumption). `observed` has the
// rows as scored or, where a row averages several epochs, partly filled; `lowest` and `highest`
// are all rows, the missing parts set to 0 and to 1. Sampling is taken in by the lower limit of
// the one and the upper limit of the other; absent where those have no interval.
struct Bounds {
  double low = 0;
  double high = 0;
  std::optional<double> low_with_sampling;
  std::optional<double> high_with_sampling;
};
std::optional<Bounds> WorstCase(std::span<const Observation> lowest,
                                std::span<const Observation> highest, double level = 0.95);
std::optional<Bounds> WorstCaseSystem(std::span<const Observation> lowest,
                                      std::span<const Observation> highest, double level = 0.95);

}  // namespace axiometer
