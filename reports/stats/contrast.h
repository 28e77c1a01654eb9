#pragma once

#include <optional>
#include <string>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/mean_interval.h"

namespace axiometer {

// The mean over tasks of something that is 0 if nothing is going on: a difference, a slope, an
// interaction.
struct Contrast {
  Estimate estimate;        // symmetric limits, CR2 by cluster and Student's t, cut to the range
  std::optional<double> p;  // two-sided, of a mean of 0, from the same t
  std::string p_reason;     // why p is absent
};

// `sums`: one row a task. `range`: the smallest and largest value that a task can have. All cluster
// means equal: the interval of EqualMeansLimits, and no p. No rows: no value; one row or one
// cluster: no interval.
Contrast EstimateContrast(const ClusterSums& sums, Limits range, double level = 0.95);

}  // namespace axiometer
