#include "reports/stats/judge_severity.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/contrast.h"
#include "reports/stats/jackknife.h"

namespace axiometer {
namespace {

constexpr double kNoSpread = 1e-12;

bool IsShare(double score) { return score >= 0 && score <= 1; }

// Sums of a line y = a + b x, so that a cluster is left out by subtraction; x is centred before.
struct LineSums {
  double n = 0;
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;

  void Add(const LineSums& other, double sign) {
    n += sign * other.n;
    x += sign * other.x;
    y += sign * other.y;
    xx += sign * other.xx;
    xy += sign * other.xy;
  }
  std::optional<double> slope() const {
    if (!(n > 1.5)) return std::nullopt;
    const double spread = xx - x * x / n;
    if (!(spread > kNoSpread)) return std::nullopt;
    return (xy - x * y / n) / spread;
  }
};

Estimate LengthSlope(std::span<const ScoredTwice> items, double level) {
  Estimate out;
  out.n = static_cast<int64_t>(items.size());
  double centre = 0;
  for (const ScoredTwice& item : items) {
    if (!(item.length > 0) || !std::isfinite(item.length)) {
      out.reason = "a length is not above 0";
      return out;
    }
    centre += std::log(item.length) / static_cast<double>(items.size());
  }
  LineSums all;
  std::map<int, LineSums> clusters;
  for (const ScoredTwice& item : items) {
    const double x = std::log(item.length) - centre;
    const double y = item.judge - item.person;
    const LineSums own{1, x, y, x * x, x * y};
    all.Add(own, 1);
    clusters[item.cluster].Add(own, 1);
  }
  out.clusters = static_cast<int>(clusters.size());
  out.value = all.slope();
  if (!out.value) {
    out.reason = items.empty() ? "never scored" : "all lengths are equal";
    return out;
  }
  std::vector<std::optional<double>> left_out;
  for (const auto& [cluster, own] : clusters) {
    LineSums rest = all;
    rest.Add(own, -1);
    left_out.push_back(rest.slope());
  }
  SetJackknife(left_out, level, out);
  return out;
}

using Difference = std::map<std::pair<int, int>, double>;  // by cluster and item

SeverityGap GapOf(int first, const Difference& one, int second, const Difference& other,
                  double level) {
  SeverityGap out;
  out.first = first;
  out.second = second;
  ClusterSums sums;
  for (const auto& [name, difference] : one) {
    const auto found = other.find(name);
    if (found != other.end()) sums[name.first].Add(difference - found->second);
  }
  Contrast gap = EstimateContrast(sums, {-2, 2}, level);
  out.gap = std::move(gap.estimate);
  out.p = gap.p;
  if (sums.empty()) out.gap.reason = "no item of both subjects";
  return out;
}

}  // namespace

JudgeSeverity SeverityOf(std::span<const ScoredTwice> items, double level) {
  JudgeSeverity out;
  const bool shares = std::all_of(items.begin(), items.end(), [](const ScoredTwice& item) {
    return IsShare(item.judge) && IsShare(item.person);
  });
  if (!shares) {
    out.overall.estimate.reason = "a score lies outside 0 to 1";
    out.length_slope.reason = out.overall.estimate.reason;
    return out;
  }
  PairedOptions options;
  options.level = level;
  std::vector<PairedRow> all;
  std::map<int, std::vector<PairedRow>> rows;
  std::map<int, Difference> differences;
  for (const ScoredTwice& item : items) {
    const PairedRow row{item.judge - item.person, item.cluster};
    all.push_back(row);
    rows[item.subject].push_back(row);
    differences[item.subject][{item.cluster, item.item}] = row.difference;
  }
  out.overall = ComparePaired(all, options);
  for (const auto& [subject, own] : rows) {
    out.subjects.push_back({subject, ComparePaired(own, options)});
  }
  for (auto first = differences.begin(); first != differences.end(); ++first) {
    for (auto second = std::next(first); second != differences.end(); ++second) {
      out.gaps.push_back(
          GapOf(first->first, first->second, second->first, second->second, level));
    }
  }
  out.length_slope = LengthSlope(items, level);
  return out;
}

}  // namespace axiometer
