#include "reports/stats/distribution.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "reports/stats/philox.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr double kLevel = 0.95;
constexpr size_t kFewestForDistribution = 6;

double TotalVariation(std::span<const double> p, std::span<const double> q) {
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) sum += std::fabs(p[i] - q[i]);
  return sum / 2;
}

double OrderedEmd(std::span<const double> p, std::span<const double> q) {
  double sum = 0;
  double ahead = 0;  // F_p - F_q
  for (size_t i = 0; i + 1 < p.size(); ++i) {
    ahead += p[i] - q[i];
    sum += std::fabs(ahead);
  }
  return sum / static_cast<double>(p.size() - 1);
}

// Mean of |a sample share - its true share q| of n answers, by the normal approximation.
double MeanDeviation(double q, double n) { return std::sqrt(2 * std::max(0.0, q * (1 - q)) / (std::numbers::pi * n)); }

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  size_t Below(size_t bound) {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return static_cast<size_t>((static_cast<unsigned __int128>(z) * bound) >> 64);
  }

 private:
  uint64_t state_;
};

// Each cluster's mean shares.
std::vector<std::vector<double>> ByCluster(std::span<const AnswerShares> rows, size_t options) {
  std::map<int, std::pair<std::vector<double>, int>> sums;
  for (const AnswerShares& row : rows) {
    auto& [sum, count] = sums[row.cluster];
    sum.resize(options, 0);
    for (size_t i = 0; i < options; ++i) sum[i] += row.shares[i];
    ++count;
  }
  std::vector<std::vector<double>> means;
  for (auto& [cluster, total] : sums) {
    for (double& share : total.first) share /= total.second;
    means.push_back(std::move(total.first));
  }
  return means;
}

void AddTo(std::vector<double>& sum, const std::vector<double>& shares, double weight) {
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += weight * shares[i];
}

std::vector<double> Average(const std::vector<std::vector<double>>& clusters) {
  std::vector<double> mean(clusters.front().size(), 0);
  for (const std::vector<double>& shares : clusters) AddTo(mean, shares, 1);
  for (double& share : mean) share /= static_cast<double>(clusters.size());
  return mean;
}

// What lies above a share `level` of `values`.
double Quantile(std::vector<double>& values, double level) {
  const size_t place = std::min(values.size() - 1, static_cast<size_t>(std::ceil(level * static_cast<double>(values.size()))) - 1);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
  return values[place];
}

// What a quantile of distances between bootstrap samples of g clusters is multiplied by.
double Widened(size_t g) {
  const double tail = (1 - kLevel) / 2;
  const double df = static_cast<double>(g - 1);
  return std::sqrt(static_cast<double>(g) / df) * UpperTQuantile(tail, df).value() / UpperNormalQuantile(tail);
}

void SetInterval(Estimate& estimate, double radius) {
  estimate.interval = Interval{kLevel, std::max(0.0, *estimate.value - radius), std::min(1.0, *estimate.value + radius)};
  estimate.method = "triangle inequality, cluster bootstrap";
}

}  // namespace

Distances DistancesTo(std::span<const AnswerShares> rows, std::span<const double> reference, int64_t answers,
                      uint64_t seed, int resamples) {
  Distances out;
  Estimate& tv = out.total_variation.estimate;
  Estimate& emd = out.ordered_emd.estimate;
  const size_t options = reference.size();
  const std::vector<std::vector<double>> clusters = ByCluster(rows, options);
  tv.n = emd.n = answers;
  tv.clusters = emd.clusters = static_cast<int>(clusters.size());
  if (clusters.empty() || options < 2) {
    tv.reason = emd.reason = clusters.empty() ? "no answer could be read" : "fewer than two options";
    return out;
  }
  const size_t g = clusters.size();
  out.shares = Average(clusters);
  tv.value = TotalVariation(out.shares, reference);
  emd.value = OrderedEmd(out.shares, reference);
  double below = 0;
  for (size_t i = 0; i < options; ++i) {
    out.total_variation.floor += MeanDeviation(reference[i], static_cast<double>(answers)) / 2;
    below += reference[i];
    if (i + 1 < options) out.ordered_emd.floor += MeanDeviation(below, static_cast<double>(answers));
  }
  out.ordered_emd.floor /= static_cast<double>(options - 1);
  if (g < kFewestForDistribution) {
    tv.reason = emd.reason = "fewer than 6 personas: no interval";
    return out;
  }
  Random random(seed);
  std::vector<double> tv_off(static_cast<size_t>(resamples));
  std::vector<double> emd_off(tv_off.size());
  std::vector<double> drawn(options);
  for (size_t b = 0; b < tv_off.size(); ++b) {
    std::fill(drawn.begin(), drawn.end(), 0);
    for (size_t i = 0; i < g; ++i) {
      const std::vector<double>& shares = clusters[random.Below(g)];
      for (size_t k = 0; k < options; ++k) drawn[k] += shares[k];
    }
    for (double& share : drawn) share /= static_cast<double>(g);
    tv_off[b] = TotalVariation(drawn, out.shares);
    emd_off[b] = OrderedEmd(drawn, out.shares);
  }
  const double widened = Widened(g);
  const double tv_radius = Quantile(tv_off, kLevel) * widened;
  const double emd_radius = Quantile(emd_off, kLevel) * widened;
  // Everybody gave the same answer: resampling sees no spread, which is no proof that there is none.
  if (tv_radius < 1e-12) {
    tv.reason = emd.reason = "every persona answers alike: no interval";
    return out;
  }
  SetInterval(tv, tv_radius);
  SetInterval(emd, emd_radius);
  return out;
}

PairedDistance DistanceBetween(std::span<const PairedShares> rows, uint64_t key, int resamples) {
  PairedDistance out;
  Estimate& estimate = out.total_variation.estimate;
  const size_t options = rows.empty() ? 0 : rows.front().first.size();
  std::vector<AnswerShares> sides[2];
  for (const PairedShares& row : rows) {
    sides[0].push_back({row.cluster, row.first});
    sides[1].push_back({row.cluster, row.second});
  }
  const std::vector<std::vector<double>> first = ByCluster(sides[0], options);
  const std::vector<std::vector<double>> second = ByCluster(sides[1], options);
  const size_t g = first.size();
  estimate.n = static_cast<int64_t>(rows.size());
  estimate.clusters = static_cast<int>(g);
  if (g == 0 || options < 2) {
    estimate.reason = g == 0 ? "no task of both" : "fewer than two options";
    return out;
  }
  out.first = Average(first);
  out.second = Average(second);
  estimate.value = TotalVariation(out.first, out.second);
  std::vector<double> off(static_cast<size_t>(resamples));
  std::vector<double> p(options);
  std::vector<double> q(options);
  for (size_t b = 0; b < off.size(); ++b) {
    RandomStream random(key, b);
    std::fill(p.begin(), p.end(), 0);
    std::fill(q.begin(), q.end(), 0);
    for (size_t i = 0; i < g; ++i) {
      const bool exchanged = random.Coin();
      AddTo(p, exchanged ? second[i] : first[i], 1.0 / static_cast<double>(g));
      AddTo(q, exchanged ? first[i] : second[i], 1.0 / static_cast<double>(g));
    }
    out.total_variation.floor += TotalVariation(p, q) / resamples;
    std::fill(p.begin(), p.end(), 0);
    std::fill(q.begin(), q.end(), 0);
    for (size_t i = 0; i < g; ++i) {
      const size_t drawn = random.Below(g);
      AddTo(p, first[drawn], 1.0 / static_cast<double>(g));
      AddTo(q, second[drawn], 1.0 / static_cast<double>(g));
    }
    off[b] = TotalVariation(p, out.first) + TotalVariation(q, out.second);
  }
  if (g < kFewestForDistribution) {
    estimate.reason = "fewer than 6 clusters: no interval";
    return out;
  }
  const double radius = Quantile(off, kLevel) * Widened(g);
  // Everybody gave the same answers: resampling sees no spread, which is no proof that there is
  // none.
  if (radius < 1e-12) {
    estimate.reason = "every cluster answers alike: no interval";
    return out;
  }
  SetInterval(estimate, radius);
  return out;
}

}  // namespace axiometer
