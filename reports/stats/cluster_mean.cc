#include "reports/stats/cluster_mean.h"

#include <algorithm>
#include <cmath>

#include "reports/stats/probability.h"

namespace axiometer {

std::optional<ClusterMean> MeanOfClusters(const ClusterSums& clusters) {
  ClusterMean out;
  out.clusters = static_cast<int>(clusters.size());
  double total = 0;
  for (const auto& [cluster, sum] : clusters) {
    total += sum.total;
    out.rows += sum.count;
  }
  if (!(out.rows > 0)) return std::nullopt;
  out.mean = total / out.rows;
  if (out.clusters == 1) return out;

  double p_squares = 0;
  double q_sum = 0;
  double q_squares = 0;
  for (const auto& [cluster, sum] : clusters) {
    const double p = sum.count / out.rows;
    const double deviation = sum.total - sum.count * out.mean;
    out.variance += deviation * deviation / (1 - p);
    const double q = p * p / (1 - p);
    p_squares += p * p;
    q_sum += q;
    q_squares += q * q;
  }
  out.variance /= out.rows * out.rows;
  out.df = 1 / (p_squares + q_sum * q_sum - q_squares);
  return out;
}

std::optional<ScoreLimits> WilsonLimits(const ClusterMean& mean, double largest_n, double level) {
  if (mean.no_spread()) return std::nullopt;
  const std::optional<double> t = UpperTQuantile((1 - level) / 2, mean.df);
  if (!t) return std::nullopt;
  const double m = std::clamp(mean.mean, 0.0, 1.0);
  const double n = std::min(m * (1 - m) / mean.variance, largest_n);
  const double t2 = *t * *t;
  // Multiplied through by n, so that n near zero stays finite.
  const double centre = m * n + t2 / 2;
  const double half = *t * std::sqrt(m * (1 - m) * n + t2 / 4);
  return ScoreLimits{std::clamp((centre - half) / (n + t2), 0.0, 1.0),
                std::clamp((centre + half) / (n + t2), 0.0, 1.0)};
}

std::optional<ScoreLimits> TLimits(const ClusterMean& mean, double level, double lowest,
                              double highest) {
  if (mean.no_spread()) return std::nullopt;
  const std::optional<double> t = UpperTQuantile((1 - level) / 2, mean.df);
  if (!t) return std::nullopt;
  const double half = *t * std::sqrt(mean.variance);
  return ScoreLimits{std::clamp(mean.mean - half, lowest, highest),
                std::clamp(mean.mean + half, lowest, highest)};
}

ScoreLimits EqualMeansLimits(double mean, int clusters, double level, double lowest, double highest) {
  const double b = 1 - std::pow((1 - level) / 2, 1.0 / clusters);
  return {std::clamp(mean - b * (mean - lowest), lowest, highest),
          std::clamp(mean + b * (highest - mean), lowest, highest)};
}

std::string ClusterCaution(const ClusterMean& mean) {
  if (mean.clusters == 2) return "two clusters";
  // Five equal clusters have 4 but for rounding.
  return mean.df < 4 - 1e-9 ? "few or unequal clusters" : "";
}

}  // namespace axiometer
