#include "reports/stats/mean_interval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "reports/stats/student_t.h"

namespace axiometer {
namespace {

// Variances below this are rounding noise of equal cluster means.
constexpr double kNoVariance = 1e-14;

bool OutOfRange(std::span<const Observation> rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const Observation& row) { return !(row.score >= 0 && row.score <= 1); });
}

double Clamp(double share) { return std::clamp(share, 0.0, 1.0); }

struct ClusterSum {
  double total = 0;
  double count = 0;
};

// Interval of the mean m with cluster-robust variance and degrees of freedom.
void SetInterval(double m, double variance, double df, int clusters, double largest_n, double level,
                 Estimate& out) {
  if (variance < kNoVariance) {
    const double b = 1 - std::pow((1 - level) / 2, 1.0 / clusters);
    out.interval = Interval{level, Clamp(m - b * m), Clamp(m + b * (1 - m))};
    out.method = "equal cluster means (Clopper-Pearson form)";
    return;
  }
  const std::optional<double> t = UpperTQuantile((1 - level) / 2, df);
  if (!t) {
    out.reason = "too little independent data for an interval";
    return;
  }
  const double n = std::min(m * (1 - m) / variance, largest_n);
  const double t2 = *t * *t;
  // Multiplied through by n, so that n near zero stays finite.
  const double centre = m * n + t2 / 2;
  const double half = *t * std::sqrt(m * (1 - m) * n + t2 / 4);
  out.interval =
      Interval{level, Clamp((centre - half) / (n + t2)), Clamp((centre + half) / (n + t2))};
  out.method = "Wilson form, CR2 by cluster, t";
  if (clusters == 2) {
    out.caution = "two clusters";
  } else if (df < 4) {
    out.caution = "few or unequal clusters";
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

  std::map<int, ClusterSum> clusters;
  double total = 0;
  for (const Observation& row : rows) {
    ClusterSum& sum = clusters[row.cluster];
    sum.total += row.score;
    sum.count += 1;
    total += row.score;
  }
  const double count = static_cast<double>(rows.size());
  const double m = Clamp(total / count);
  out.value = m;
  out.clusters = static_cast<int>(clusters.size());
  if (NoInterval(out)) return out;

  double variance = 0;
  double p_squares = 0;
  double q_sum = 0;
  double q_squares = 0;
  for (const auto& [cluster, sum] : clusters) {
    const double p = sum.count / count;
    const double deviation = sum.total - sum.count * m;
    variance += deviation * deviation / (1 - p);
    const double q = p * p / (1 - p);
    p_squares += p * p;
    q_sum += q;
    q_squares += q * q;
  }
  variance /= count * count;
  const double df = 1 / (p_squares + q_sum * q_sum - q_squares);
  const double largest_n = scale == ScoreScale::kBinary ? count : HUGE_VAL;
  SetInterval(m, variance, df, out.clusters, largest_n, level, out);
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
    for (ClusterSum* sum : {&clusters[row.cluster][number], &of_value[number]}) {
      sum->total += row.score;
      sum->count += 1;
    }
  }
  std::vector<double> mean(values);
  double m = 0;
  for (size_t v = 0; v < values; ++v) {
    mean[v] = of_value[v].total / of_value[v].count;
    m += mean[v] / static_cast<double>(values);
  }
  m = Clamp(m);
  out.value = m;
  out.clusters = static_cast<int>(clusters.size());
  if (NoInterval(out)) return out;

  const double c = 1 / static_cast<double>(values);
  double variance = 0;
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
      s += c / n * f * (sum.total - sum.count * mean[v]);
      d += sum.count * (c * f / n) * (c * f / n);
      u.emplace_back(v, sum.count * c * f / (n * std::sqrt(n)));
    }
    double u2 = 0;
    for (const auto& [v, left] : u) {
      u2 += left * left;
      for (const auto& [w, right] : u) gram[v * values + w] += left * right;
    }
    variance += s * s;
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
  const double df = (d_sum - u_sum) * (d_sum - u_sum) / (d_squares - 2 * d_u + gram_norm);
  SetInterval(m, variance, df, out.clusters, HUGE_VAL, level, out);
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
