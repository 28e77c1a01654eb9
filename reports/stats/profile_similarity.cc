#include "reports/stats/profile_similarity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr int kFewestDimensions = 5;
constexpr double kNoSpreadOfMeans = 1e-12;  // rounding noise of equal means
constexpr double kLargest = 0.999;   // correlations are cut to this before Fisher's z

// One subject's scores in one dimension.
struct Side {
  double total = 0;
  double rows = 0;
  int clusters = 0;

  void Take(const ClusterSum& sum, int sign) {
    if (sum.count == 0) return;
    total += sign * sum.total;
    rows += sign * sum.count;
    clusters += sign;
  }
  double mean() const { return total / rows; }
  // What a cluster adds to the deviation of the mean, CR2; 0 if it is the only one.
  double Part(const ClusterSum& sum) const {
    if (sum.count == 0 || clusters < 2) return 0;
    return (sum.total - sum.count * mean()) / rows / std::sqrt(1 - sum.count / rows);
  }
};

struct Sides {
  Side first;
  Side second;
};

struct Entry {
  size_t dimension = 0;
  ClusterSum first;
  ClusterSum second;
};

// The common dimensions of all clusters.
struct Profiles {
  std::vector<std::vector<Entry>> clusters;
  std::vector<Sides> dimensions;
};

// Two profiles, and the noise in them as sums over dimensions.
struct Measured {
  std::vector<double> first;
  std::vector<double> second;
  bool noise_known = true;   // every dimension in two clusters or more
  double first_noise = 0;    // of squares around the profile's mean
  double second_noise = 0;   // likewise
  double product_noise = 0;  // of products: the subjects do the same tasks
  double difference_noise = 0;
};

// `left_out`: a cluster's number, or the number of clusters for none.
Measured Measure(const Profiles& profiles, size_t left_out) {
  std::vector<Sides> dimensions = profiles.dimensions;
  if (left_out < profiles.clusters.size()) {
    for (const Entry& entry : profiles.clusters[left_out]) {
      dimensions[entry.dimension].first.Take(entry.first, -1);
      dimensions[entry.dimension].second.Take(entry.second, -1);
    }
  }
  Measured out;
  for (const Sides& sides : dimensions) {
    out.first.push_back(sides.first.mean());
    out.second.push_back(sides.second.mean());
    out.noise_known &= sides.first.clusters >= 2 && sides.second.clusters >= 2;
  }
  const auto k = static_cast<double>(dimensions.size());
  for (size_t g = 0; g < profiles.clusters.size(); ++g) {
    if (g == left_out) continue;
    double first_sum = 0;
    double second_sum = 0;
    for (const Entry& entry : profiles.clusters[g]) {
      const double first = dimensions[entry.dimension].first.Part(entry.first);
      const double second = dimensions[entry.dimension].second.Part(entry.second);
      first_sum += first;
      second_sum += second;
      out.first_noise += first * first;
      out.second_noise += second * second;
      out.product_noise += first * second;
      out.difference_noise += (first - second) * (first - second);
    }
    // A cluster that moves all dimensions alike moves no correlation.
    out.first_noise -= first_sum * first_sum / k;
    out.second_noise -= second_sum * second_sum / k;
    out.product_noise -= first_sum * second_sum / k;
  }
  return out;
}

double MeanOf(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// Sums of squares and products around the means.
struct Moments {
  double xx = 0;
  double yy = 0;
  double xy = 0;
};

Moments MomentsOf(const std::vector<double>& x, const std::vector<double>& y) {
  const double mean_x = MeanOf(x);
  const double mean_y = MeanOf(y);
  Moments out;
  for (size_t i = 0; i < x.size(); ++i) {
    out.xx += (x[i] - mean_x) * (x[i] - mean_x);
    out.yy += (y[i] - mean_y) * (y[i] - mean_y);
    out.xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return out;
}

// nullopt where one side does not vary.
std::optional<double> Correlation(const Moments& moments) {
  if (moments.xx < kNoSpreadOfMeans * kNoSpreadOfMeans || moments.yy < kNoSpreadOfMeans * kNoSpreadOfMeans) return std::nullopt;
  return moments.xy / std::sqrt(moments.xx * moments.yy);
}

// Midranks; values that differ by rounding alone are ties.
std::vector<double> Ranks(const std::vector<double>& x) {
  std::vector<size_t> order(x.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return x[a] < x[b]; });
  std::vector<double> ranks(x.size());
  for (size_t from = 0; from < order.size();) {
    size_t to = from + 1;
    while (to < order.size() && x[order[to]] - x[order[to - 1]] < kNoSpreadOfMeans) ++to;
    for (size_t i = from; i < to; ++i) ranks[order[i]] = static_cast<double>(from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

std::optional<double> Pearson(const Measured& measured) {
  return Correlation(MomentsOf(measured.first, measured.second));
}

std::optional<double> Spearman(const Measured& measured) {
  return Correlation(MomentsOf(Ranks(measured.first), Ranks(measured.second)));
}

// May lie beyond 1.
std::optional<double> Corrected(const Measured& measured) {
  if (!measured.noise_known) return std::nullopt;
  Moments moments = MomentsOf(measured.first, measured.second);
  moments.xx -= measured.first_noise;
  moments.yy -= measured.second_noise;
  moments.xy -= measured.product_noise;
  return Correlation(moments);
}

std::optional<double> SquaredDistance(const Measured& measured) {
  if (!measured.noise_known) return std::nullopt;
  double sum = -measured.difference_noise;
  for (size_t i = 0; i < measured.first.size(); ++i) {
    sum += std::pow(measured.first[i] - measured.second[i], 2);
  }
  return sum / static_cast<double>(measured.first.size());
}

using Statistic = std::optional<double> (*)(const Measured&);

// The standard error by leaving out one of `replicates` each; nullopt if one has no value.
std::optional<double> Jackknife(Statistic statistic, const std::vector<Measured>& replicates) {
  std::vector<double> values;
  for (const Measured& replicate : replicates) {
    const std::optional<double> value = statistic(replicate);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  const double mean = MeanOf(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto g = static_cast<double>(values.size());
  return std::sqrt((g - 1) / g * squares);
}

// t times the jackknife's standard error; nullopt with a reason in `out`.
std::optional<double> HalfWidth(Statistic statistic, const std::vector<Measured>& replicates,
                                double level, Estimate& out) {
  const std::optional<double> error = Jackknife(statistic, replicates);
  const std::optional<double> t =
      UpperTQuantile((1 - level) / 2, static_cast<double>(replicates.size()) - 1);
  if (!error) {
    out.reason = "undefined without one of the clusters";
  } else if (*error < kNoSpreadOfMeans || !t) {
    out.reason = "no spread between clusters";
  } else {
    return *t * *error;
  }
  return std::nullopt;
}

void SetInterval(double level, double low, double high, Estimate& out) {
  out.interval = Interval{level, low, high};
  out.method = "jackknife by cluster, t";
  if (out.clusters < 6) out.caution = out.clusters == 2 ? "two clusters" : "few clusters";
}

struct FisherLimits {
  double low = 0;
  double high = 0;
};
FisherLimits Fisher(double correlation, double half) {
  const double r = std::clamp(correlation, -kLargest, kLargest);
  const double z = half / (1 - r * r);
  return {std::tanh(std::atanh(r) - z), std::tanh(std::atanh(r) + z)};
}

void EstimateMeasured(Statistic statistic, const Measured& all,
                      const std::vector<Measured>& replicates, double level, Estimate& out) {
  const std::optional<double> value = statistic(all);
  if (!value) {
    out.reason = "all dimensions equal in one of the profiles";
    return;
  }
  out.value = std::clamp(*value, -1.0, 1.0);
  if (!all.noise_known) {
    out.reason = "a dimension was seen in one cluster only";
    return;
  }
  const std::optional<double> half = HalfWidth(statistic, replicates, level, out);
  if (!half) return;
  if (std::fabs(*value) > 1 - kNoSpreadOfMeans) {
    out.reason = "perfect correlation: no interval";
    return;
  }
  const FisherLimits limits = Fisher(*value, *half);
  SetInterval(level, limits.low, limits.high, out);
}

void EstimateCorrected(const Measured& all, const std::vector<Measured>& replicates, double level,
                       Estimate& out) {
  const std::optional<double> value = Corrected(all);
  if (!value) {
    out.reason = !Pearson(all)      ? "all dimensions equal in one of the profiles"
                 : !all.noise_known ? "a dimension was seen in one cluster only"
                                    : "noise as large as the differences between dimensions";
    return;
  }
  out.value = std::clamp(*value, -1.0, 1.0);
  const std::optional<double> half = HalfWidth(Corrected, replicates, level, out);
  if (!half) return;
  // Fisher's limits never reach 1, which equal profiles have; the plain ones are too narrow below.
  const FisherLimits limits = Fisher(*value, *half);
  SetInterval(level, std::clamp(std::min(limits.low, *value - *half), -1.0, 1.0),
              std::clamp(std::max(limits.high, *value + *half), -1.0, 1.0), out);
}

void EstimateDistance(const Measured& all, const std::vector<Measured>& replicates, double level,
                      Estimate& out) {
  const std::optional<double> square = SquaredDistance(all);
  if (!square) {
    out.reason = "a dimension was seen in one cluster only";
    return;
  }
  const auto root = [](double x) { return std::sqrt(std::clamp(x, 0.0, 1.0)); };
  out.value = root(*square);
  const std::optional<double> half = HalfWidth(SquaredDistance, replicates, level, out);
  if (half) SetInterval(level, root(*square - *half), root(*square + *half), out);
}

Profiles CommonOf(std::span<const ProfileSums> sums) {
  std::map<int, Sides> sides;
  for (const ProfileSums& entry : sums) {
    sides[entry.dimension].first.Take(entry.first, 1);
    sides[entry.dimension].second.Take(entry.second, 1);
  }
  std::erase_if(sides, [](const auto& entry) {
    return entry.second.first.rows == 0 || entry.second.second.rows == 0;
  });
  Profiles out;
  std::map<int, size_t> number_of;
  for (const auto& [dimension, both] : sides) {
    number_of[dimension] = out.dimensions.size();
    out.dimensions.push_back(both);
  }
  std::map<int, std::vector<Entry>> clusters;
  for (const ProfileSums& entry : sums) {
    const auto number = number_of.find(entry.dimension);
    if (number == number_of.end() || entry.first.count + entry.second.count == 0) continue;
    clusters[entry.cluster].push_back({number->second, entry.first, entry.second});
  }
  for (auto& [cluster, entries] : clusters) out.clusters.push_back(std::move(entries));
  return out;
}

double RowsOf(const Profiles& profiles) {
  double rows = 0;
  for (const Sides& sides : profiles.dimensions) rows += sides.first.rows + sides.second.rows;
  return rows;
}

}  // namespace

ProfileSimilarity CompareProfiles(std::span<const ProfileSums> sums, double level) {
  const Profiles profiles = CommonOf(sums);
  ProfileSimilarity out;
  out.dimensions = static_cast<int>(profiles.dimensions.size());
  const bool too_few = out.dimensions < kFewestDimensions;
  for (Estimate* estimate : {&out.pearson, &out.spearman, &out.corrected, &out.distance}) {
    estimate->n = std::llround(RowsOf(profiles));
    estimate->clusters = static_cast<int>(profiles.clusters.size());
    if (too_few) estimate->reason = "fewer than 5 common dimensions";
  }
  if (too_few) return out;

  const Measured all = Measure(profiles, profiles.clusters.size());
  std::vector<Measured> replicates;
  if (all.noise_known) {
    for (size_t g = 0; g < profiles.clusters.size(); ++g) {
      replicates.push_back(Measure(profiles, g));
    }
  }
  EstimateMeasured(Pearson, all, replicates, level, out.pearson);
  EstimateMeasured(Spearman, all, replicates, level, out.spearman);
  EstimateCorrected(all, replicates, level, out.corrected);
  EstimateDistance(all, replicates, level, out.distance);
  return out;
}

}  // namespace axiometer
