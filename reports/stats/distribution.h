#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// Answers that depend on each other (those of one persona), as shares of the options; the sum is 1.
struct AnswerShares {
  int cluster = 0;  // several rows of one cluster count as one, averaged
  std::vector<double> shares;
};

// How far a distribution of answers lies from a reference, between 0 and 1.
struct Distance {
  Estimate estimate;
  double floor = 0;  // the mean distance that as many answers drawn from the reference would show
};
struct Distances {
  std::vector<double> shares;  // of the answers, clusters weighing equally; empty without rows
  Distance total_variation;    // half the sum of |p - q|
  // Earth mover's distance on options in order, a step between neighbours costing 1/(K - 1): the sum
  // of |F_p - F_q| over K - 1. Vallender 1974.
  Distance ordered_emd;
};

// `reference`: shares of K >= 2 options, taken as exact. `answers`: how many went into `rows`.
// The plug-in distance is biased upwards, the more the fewer the answers: read it beside its floor.
// Interval: both are metrics, so the distance of the estimate is off by at most d(p*, p): the 0.95
// quantile of that over bootstrap samples of clusters, times sqrt(G/(G-1)) t(G-1)/z. Conservative;
// absent below six clusters. Same seed, same result. No rows: no values, with the reason.
Distances DistancesTo(std::span<const AnswerShares> rows, std::span<const double> reference, int64_t answers,
                      uint64_t seed, int resamples = 2000);

}  // namespace axiometer
