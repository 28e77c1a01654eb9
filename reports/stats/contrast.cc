#include "reports/stats/contrast.h"

#include <cmath>

#include "reports/stats/probability.h"

namespace axiometer {

Contrast EstimateContrast(const ClusterSums& sums, ScoreLimits range, double level) {
  Contrast out;
  Estimate& estimate = out.estimate;
  const std::optional<ClusterMean> mean = MeanOfClusters(sums);
  if (!mean) {
    estimate.reason = out.p_reason = "no task of all sides";
    return out;
  }
  estimate.value = mean->mean;
  estimate.n = std::llround(mean->rows);
  estimate.clusters = mean->clusters;
  if (mean->clusters == 1) {
    estimate.reason = out.p_reason = estimate.n == 1 ? "one task" : "all in one cluster";
    return out;
  }
  if (mean->no_spread()) {
    const ScoreLimits limits =
        EqualMeansLimits(mean->mean, mean->clusters, level, range.low, range.high);
    estimate.interval = Interval{level, limits.low, limits.high};
    estimate.method = std::string(kEqualClusterMeans) + " (Clopper-Pearson form)";
    estimate.caution = ClusterCaution(*mean);
    out.p_reason = kEqualClusterMeans;
    return out;
  }
  const std::optional<ScoreLimits> limits = TLimits(*mean, level, range.low, range.high);
  out.p = TwoSidedP(mean->mean / std::sqrt(mean->variance), mean->df);
  if (!limits || !out.p) {
    out.p.reset();
    estimate.reason = out.p_reason = "too little independent data for an interval";
    return out;
  }
  estimate.interval = Interval{level, limits->low, limits->high};
  estimate.method = "CR2 by cluster, t";
  estimate.caution = ClusterCaution(*mean);
  return out;
}

}  // namespace axiometer
