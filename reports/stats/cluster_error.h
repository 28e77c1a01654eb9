#pragma once

#include <map>

#include "reports/stats/cluster_mean.h"

namespace axiometer {

// What each cluster adds to the error of the mean, as CR2 weighs it: S_g / (N sqrt(1 - p_g)), so
// that their squares add up to ClusterMean::variance. Means of the same clusters are correlated
// through products of these; a sum of means has the squares of their sums. `mean` is that of
// `clusters`; one cluster adds nothing.
std::map<int, double> ClusterErrors(const ClusterSums& clusters, const ClusterMean& mean);

}  // namespace axiometer
