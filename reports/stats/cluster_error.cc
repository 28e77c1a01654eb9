#include "reports/stats/cluster_error.h"

#include <cmath>

namespace axiometer {

std::map<int, double> ClusterErrors(const ClusterSums& clusters, const ClusterMean& mean) {
  std::map<int, double> errors;
  if (clusters.size() < 2) return errors;
  for (const auto& [cluster, sum] : clusters) {
    const double deviation = sum.total - sum.count * mean.mean;
    errors[cluster] = deviation / mean.rows / std::sqrt(1 - sum.count / mean.rows);
  }
  return errors;
}

}  // namespace axiometer
