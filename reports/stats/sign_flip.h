#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reports/stats/cluster_mean.h"

namespace axiometer {

// A p value, or the reason why there is none.
struct SignFlipTest {
  std::optional<double> p;
  bool exact = false;  // all sign patterns were counted, none drawn
  std::string reason;  // why p is absent
};

// Is the mean of differences 0? Assumes only that a cluster's sum is as likely as its negative: p
// is the share of sign patterns of the clusters whose absolute sum is at least the observed one. Up
// to 16 clusters all patterns, beyond that `draws` random ones under `key` (RandomKey), where p =
// (1 + as large) / (draws + 1). The smallest p is 2^(1 - G): below six clusters the test can never
// reach 0.05, hence "fewer than 6 clusters". Cost 2^(G - 1), or draws x G.
SignFlipTest FlipSigns(const ClusterSums& differences, uint64_t key, int draws = 2000);

}  // namespace axiometer
