#include "reports/stats/profile_similarity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include "reports/stats/student_t.h"

namespace axiometer {
namespace {

constexpr int kFewestDimensions = 5;
constexpr double kNoSpread = 1e-12;  // rounding noise of equal means
constexpr double kLargest = 0.999;   // correlations are cut to this before Fisher's z

struct Side {
  double total = 0;
  double rows = 0;
  int clusters = 0;
  void Take(const ClusterSum& sum, double sign) {
    total += sign * sum.total;
    rows += sign * sum.count;
    clusters += sum.count > 0 ? static_cast<int>(sign) : 0;
  }
  double mean() const { return total / rows; }
};

// One common dimension, possibly without a cluster.
struct Point {
  double first = 0;
  double second = 0;
  std::optional<double> variance;  // of first - second; absent if a side has one cluster
};

class Dimension {
 public:
  void Add(const ProfileSums& sums) {
    entries_.push_back(sums);
    first_.Take(sums.first, 1);
    second_.Take(sums.second, 1);
  }
  bool common() const { return first_.rows > 0 && second_.rows > 0; }
  int fewest_clusters() const { return std::min(first_.clusters, second_.clusters); }
  const std::vector<ProfileSums>& entries() const { return entries_; }

  Point Without(const ProfileSums* left_out) const {
    Side first = first_;
    Side second = second_;
    if (left_out != nullptr) {
      first.Take(left_out->first, -1);
      second.Take(left_out->second, -1);
    }
    Point point{first.mean(), second.mean(), std::nullopt};
    if (first.clusters < 2 || second.clusters < 2) return point;
    double variance = 0;
    for (const ProfileSums& entry : entries_) {
      if (&entry == left_out) continue;
      const double s = Part(entry.first, first) - Part(entry.second, second);
      variance += s * s;
    }
    point.variance = variance;
    return point;
  }

 private:
  // What a cluster adds to the mean's deviation, CR2. Both sides have the same clusters, hence add
  // up before squaring; with the same tasks this is CR2 of the differences.
  static double Part(const ClusterSum& sum, const Side& side) {
    if (sum.count == 0) return 0;
    return (sum.total - sum.count * side.mean()) / side.rows / std::sqrt(1 - sum.count / side.rows);
  }

  std::vector<ProfileSums> entries_;
  Side first_;
  Side second_;
};

using Points = std::vector<Point>;

std::vector<double> FirstOf(const Points& points) {
  std::vector<double> out;
  for (const Point& point : points) out.push_back(point.first);
  return out;
}

std::vector<double> SecondOf(const Points& points) {
  std::vector<double> out;
  for (const Point& point : points) out.push_back(point.second);
  return out;
}

double MeanOf(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

std::optional<double> Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mean_x = MeanOf(x);
  const double mean_y = MeanOf(y);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  const auto n = static_cast<double>(x.size());
  if (std::sqrt(xx / n) < kNoSpread || std::sqrt(yy / n) < kNoSpread) return std::nullopt;
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

// Midranks; values that differ by rounding alone are ties.
std::vector<double> Ranks(const std::vector<double>& x) {
  std::vector<size_t> order(x.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return x[a] < x[b]; });
  std::vector<double> ranks(x.size());
  for (size_t from = 0; from < order.size();) {
    size_t to = from + 1;
    while (to < order.size() && x[order[to]] - x[order[to - 1]] < kNoSpread) ++to;
    for (size_t i = from; i < to; ++i) ranks[order[i]] = static_cast<double>(from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

std::optional<double> Pearson(const Points& points) {
  return Correlation(FirstOf(points), SecondOf(points));
}

std::optional<double> Spearman(const Points& points) {
  return Correlation(Ranks(FirstOf(points)), Ranks(SecondOf(points)));
}

std::optional<double> SquaredDistance(const Points& points) {
  double sum = 0;
  for (const Point& point : points) {
    if (!point.variance) return std::nullopt;
    const double d = point.first - point.second;
    sum += d * d - *point.variance;
  }
  return sum / static_cast<double>(points.size());
}

using Statistic = std::optional<double> (*)(const Points&);

// The standard error of `statistic` by leaving out one of `replicates` each; nullopt if one of them
// has no value.
std::optional<double> Jackknife(Statistic statistic, const std::vector<Points>& replicates) {
  std::vector<double> values;
  for (const Points& points : replicates) {
    const std::optional<double> value = statistic(points);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  const double mean = MeanOf(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto g = static_cast<double>(values.size());
  return std::sqrt((g - 1) / g * squares);
}

// The half width on the scale of the jackknife, or a reason in `out`.
std::optional<double> HalfWidth(Statistic statistic, const std::vector<Points>& replicates,
                                double level, Estimate& out) {
  const std::optional<double> error = Jackknife(statistic, replicates);
  const std::optional<double> t =
      UpperTQuantile((1 - level) / 2, static_cast<double>(replicates.size()) - 1);
  if (!error) {
    out.reason = "undefined without one of the clusters";
  } else if (*error < kNoSpread) {
    out.reason = "no spread between clusters";
  } else if (t) {
    return *t * *error;
  }
  return std::nullopt;
}

void SetMethod(double level, double low, double high, Estimate& out) {
  out.interval = Interval{level, low, high};
  out.method = "jackknife by cluster, t";
  if (out.clusters == 2) out.caution = "two clusters";
  if (out.clusters > 2 && out.clusters < 6) out.caution = "few clusters";
}

void SetCorrelationInterval(Statistic statistic, const std::vector<Points>& replicates,
                            double level, Estimate& out) {
  const std::optional<double> half = HalfWidth(statistic, replicates, level, out);
  if (!half) return;
  if (std::fabs(*out.value) > 1 - kNoSpread) {
    out.reason = "perfect correlation: no interval";
    return;
  }
  const double r = std::clamp(*out.value, -kLargest, kLargest);
  const double z = *half / (1 - r * r);
  SetMethod(level, std::tanh(std::atanh(r) - z), std::tanh(std::atanh(r) + z), out);
}

void SetDistanceInterval(double square, const std::vector<Points>& replicates, double level,
                         Estimate& out) {
  const std::optional<double> half = HalfWidth(SquaredDistance, replicates, level, out);
  if (!half) return;
  const auto root = [](double x) { return std::sqrt(std::clamp(x, 0.0, 1.0)); };
  SetMethod(level, root(square - *half), root(square + *half), out);
}

}  // namespace

ProfileSimilarity CompareProfiles(std::span<const ProfileSums> sums, double level) {
  std::map<int, Dimension> dimensions;
  for (const ProfileSums& entry : sums) dimensions[entry.dimension].Add(entry);
  std::erase_if(dimensions, [](const auto& entry) { return !entry.second.common(); });

  ProfileSimilarity out;
  out.dimensions = static_cast<int>(dimensions.size());
  Points points;
  std::map<int, std::vector<std::pair<size_t, const ProfileSums*>>> clusters;  // where each occurs
  int fewest = 3;
  int64_t rows = 0;
  for (const auto& [number, dimension] : dimensions) {
    for (const ProfileSums& entry : dimension.entries()) {
      if (entry.first.count + entry.second.count == 0) continue;
      clusters[entry.cluster].emplace_back(points.size(), &entry);
      rows += static_cast<int64_t>(entry.first.count + entry.second.count);
    }
    fewest = std::min(fewest, dimension.fewest_clusters());
    points.push_back(dimension.Without(nullptr));
  }
  for (Estimate* estimate : {&out.pearson, &out.spearman, &out.distance}) {
    estimate->n = rows;
    estimate->clusters = static_cast<int>(clusters.size());
    if (out.dimensions < kFewestDimensions) estimate->reason = "fewer than 5 common dimensions";
  }
  if (out.dimensions < kFewestDimensions) return out;

  std::vector<Points> replicates;
  if (fewest >= 2) {
    std::vector<const Dimension*> ordered;
    for (const auto& [number, dimension] : dimensions) ordered.push_back(&dimension);
    for (const auto& [cluster, places] : clusters) {
      Points& replicate = replicates.emplace_back(points);
      for (const auto& [place, entry] : places) replicate[place] = ordered[place]->Without(entry);
    }
  }
  for (const auto& [statistic, estimate] :
       {std::pair{&Pearson, &out.pearson}, std::pair{&Spearman, &out.spearman}}) {
    estimate->value = statistic(points);
    if (!estimate->value) {
      estimate->reason = "all dimensions equal in one of the profiles";
    } else if (fewest < 2) {
      estimate->reason = "a dimension was seen in one cluster only";
    } else {
      SetCorrelationInterval(statistic, replicates, level, *estimate);
    }
  }
  const std::optional<double> square = SquaredDistance(points);
  if (!square) {
    out.distance.reason = "a dimension was seen in one cluster only";
    return out;
  }
  out.distance.value = std::sqrt(std::max(0.0, *square));
  if (fewest < 3) {
    out.distance.reason = "a dimension was seen in two clusters only";
    return out;
  }
  SetDistanceInterval(*square, replicates, level, out.distance);
  return out;
}

}  // namespace axiometer
