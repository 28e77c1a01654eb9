#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/stats/mean_interval.h"
#include "reports/stats/rating_fit.h"

namespace axiometer {

// What can be said of two values' order.
struct ComparedPair {
  int first = 0;
  int second = 0;
  double difference = 0;  // strength of the first less that of the second
  std::optional<double> standard_error;  // absent: the data do not show the sampling variance
  bool decided = false;  // |difference| > critical * standard_error: holds for all pairs at once
  // That the first is above the second, between 0 and 1; absent with the standard error. Shrunk by
  // how far the differences of all pairs exceed their noise: exactly 1/2 if they do not.
  std::optional<double> probability;
};

// The ranks, 1 the highest, that a value may have: joint confidence for all values.
struct RankInterval {
  int low = 1;
  int high = 1;
};

struct SimultaneousRanks {
  std::vector<RankInterval> ranks;  // by value; empty: see `reason`
  // By value: of its strength taken alone, two-sided `level`. Absent where some difference between two
  // values has no variance that the data show, as its share of a strength's is not seen either.
  std::vector<std::optional<Interval>> strengths;
  std::vector<ComparedPair> pairs;  // first < second, in this order
  double df = 0;
  double critical = 0;  // of max |t| over the pairs
  double level = 0;     // joint confidence
  std::string reason;
};

// Ranks with joint confidence `level` from strengths and their covariance V. With df = max(clusters
// - m + 1, 2), `draws` of N(0, V) / sqrt(chi^2_df / df) give the critical value of the largest
// |difference| / standard error of all pairs (max-t; Hothorn, Bretz & Westfall 2008); the pairs
// beyond it are decided, and a value's rank is at least 1 + those above and at most m - those below
// (Klein, Wright & Wieczorek 2020; Mogstad, Romano, Shaikh & Wilhelm 2024). Probability: t
// distribution function at sqrt(k) d/s, k = tau^2 / (tau^2 + s^2), tau^2 = max(0, mean of d^2 -
// s^2). Interval of a strength: its standard error and the t distribution with df.
//
// No strengths: their reason. No pair with a variance: a reason. draws >= 100.
SimultaneousRanks RanksOf(const RatingFit& fit, uint64_t key, int draws, double level);

}  // namespace axiometer
