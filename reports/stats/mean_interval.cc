#include "reports/stats/mean_interval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "reports/stats/cluster_mean.h"

namespace axiometer {
namespace {

bool OutOfRange(std::span<const Observation> rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const Observation& row) { return !(row.score >= 0 && row.score <= 1); });
}

double Clamp(double share) { return std::clamp(share, 0.0, 1.0); }

void SetInterval(const ClusterMean& mean, double largest_n, double level, Estimate& out) {
  if (mean.no_spread()) {
    const ScoreLimits limits = EqualMeansLimits(Clamp(mean.mean), mean.clusters, level, 0, 1);
    out.interval = Interval{level, limits.low, limits.high};
    out.method = std::string(kEqualClusterMeans) + " (Clopper-Pearson form)";
    out.caution = ClusterCaution(mean);
    return;
  }
  const std::optional<ScoreLimits> limits = WilsonLimits(mean, largest_n, level);
  if (!limits) {
    out.reason = "too little independent data for an interval";
    return;
  }
  out.interval = Interval{level, limits->low, limits->high};
  out.method = "Wilson form, CR2 by cluster, t";
  out.caution = ClusterCaution(mean);
  if (out.caution.empty() && mean.clusters < kFewClusters) {
    out.caution = "few clusters: wider than 95 % for 0/1 scores and near an edge";
  }
}

// Rejects what no mean can be taken of; true if `out` is final.
bool Unusable(std::span<const Observation> rows, Estimate& out) {
  out.n = static_cast<int64_t>(rows.size());
  if (rows.empty()) {
    out.reason = "never scored";
    return true;
  }
  if (OutOfRange(rows)) {
    out.reason = "a score lies outside 0 to 1";
    return true;
  }
  return false;
}

// True, with the reason set, if the value stands alone.
bool NoInterval(Estimate& out) {
  if (out.n == 1) {
    out.reason = "scored once";
  } else if (out.clusters == 1) {
    out.reason = "all in one cluster";
  }
  return !out.reason.empty();
}

template <class Estimator>
std::optional<Bounds> BoundsOf(const Estimator& estimator, std::span<const Observation> lowest,
                               std::span<const Observation> highest) {
  const Estimate low = estimator(lowest);
  const Estimate high = estimator(highest);
  if (!low.value || !high.value) return std::nullopt;
  Bounds bounds{*low.value, *high.value, std::nullopt, std::nullopt};
  if (low.interval) bounds.low_with_sampling = low.interval->low;
  if (high.interval) bounds.high_with_sampling = high.interval->high;
  return bounds;
}

}  // namespace

Estimate MeanInterval(std::span<const Observation> rows, ScoreScale scale, double level) {
  Estimate out;
  if (Unusable(rows, out)) return out;

  ClusterSums clusters;
  for (const Observation& row : rows) clusters[row.cluster].Add(row.score);
  const ClusterMean mean = *MeanOfClusters(clusters);
  out.value = Clamp(mean.mean);
  out.clusters = mean.clusters;
  if (NoInterval(out)) return out;

  SetInterval(mean, scale == ScoreScale::kBinary ? mean.rows : HUGE_VAL, level, out);
  return out;
}

Estimate SystemMean(std::span<const Observation> rows, double level) {
  Estimate out;
  if (Unusable(rows, out)) return out;

  // Dense numbers for the dimensions, sums per cluster and dimension.
  std::map<int, int> number_of;
  for (const Observation& row : rows) number_of.emplace(row.dimension, 0);
  int next = 0;
  for (auto& [dimension, number] : number_of) number = next++;
  const size_t values = number_of.size();
  std::map<int, std::map<int, ClusterSum>> clusters;
  std::vector<ClusterSum> of_value(values);
  for (const Observation& row : rows) {
    const int number = number_of[row.dimension];
    clusters[row.cluster][number].Add(row.score);
    of_value[number].Add(row.score);
  }
  std::vector<double> mean_of(values);
  ClusterMean system;
  system.clusters = static_cast<int>(clusters.size());
  for (size_t v = 0; v < values; ++v) {
    mean_of[v] = of_value[v].total / of_value[v].count;
    system.mean += mean_of[v] / static_cast<double>(values);
  }
  out.value = Clamp(system.mean);
  out.clusters = system.clusters;
  if (NoInterval(out)) return out;

  const double c = 1 / static_cast<double>(values);
  double d_sum = 0;
  double u_sum = 0;
  double d_squares = 0;
  double d_u = 0;
  std::vector<double> gram(values * values, 0.0);  // U'U
  std::vector<bool> one_cluster(values, false);
  for (const auto& [cluster, sums] : clusters) {
    double s = 0;
    double d = 0;
    std::vector<std::pair<int, double>> u;
    for (const auto& [v, sum] : sums) {
      const double n = of_value[v].count;
      if (sum.count == n) {
        one_cluster[v] = true;
        continue;
      }
      const double f = 1 / std::sqrt(1 - sum.count / n);
      s += c / n * f * (sum.total - sum.count * mean_of[v]);
      d += sum.count * (c * f / n) * (c * f / n);
      u.emplace_back(v, sum.count * c * f / (n * std::sqrt(n)));
    }
    double u2 = 0;
    for (const auto& [v, left] : u) {
      u2 += left * left;
      for (const auto& [w, right] : u) gram[v * values + w] += left * right;
    }
    system.variance += s * s;
    d_sum += d;
    u_sum += u2;
    d_squares += d * d;
    d_u += d * u2;
  }
  double gram_norm = 0;
  for (const double entry : gram) gram_norm += entry * entry;
  const auto single = std::count(one_cluster.begin(), one_cluster.end(), true);
  if (single == static_cast<std::ptrdiff_t>(values)) {
    out.reason = "each dimension seen in one cluster only";
    return out;
  }
  system.df = (d_sum - u_sum) * (d_sum - u_sum) / (d_squares - 2 * d_u + gram_norm);
  SetInterval(system, HUGE_VAL, level, out);
  if (single > 0 && out.interval) {
    if (!out.caution.empty()) out.caution += "; ";
    out.caution += std::to_string(single) + " of " + std::to_string(values) +
                   " dimensions seen in one cluster; interval too narrow";
  }
  return out;
}

std::optional<Bounds> WorstCase(std::span<const Observation> lowest,
                                std::span<const Observation> highest, double level) {
  return BoundsOf(
      [level](std::span<const Observation> rows) {
        return MeanInterval(rows, ScoreScale::kGraded, level);
      },
      lowest, highest);
}

std::optional<Bounds> WorstCaseSystem(std::span<const Observation> lowest,
                                      std::span<const Observation> highest, double level) {
  return BoundsOf([level](std::span<const Observation> rows) { return SystemMean(rows, level); },
                  lowest, highest);
}

}  // namespace axiometer
