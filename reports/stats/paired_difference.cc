#include "reports/stats/paired_difference.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "reports/stats/contrast.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr double kPower = 0.80;
constexpr ScoreLimits kRange = {-1, 1};

// P(T > t).
std::optional<double> UpperTail(double t, double df) { return TCdf(-t, df); }

Equivalence TestEquivalence(const ClusterSums& clusters, double margin, double alpha) {
  Equivalence out;
  out.margin = margin;
  out.interval = EstimateContrast(clusters, kRange, 1 - 2 * alpha).estimate.interval;
  out.equivalent = out.interval && -margin < out.interval->low && out.interval->high < margin;
  const ClusterMean mean = *MeanOfClusters(clusters);
  if (mean.no_spread()) return out;
  const double error = std::sqrt(mean.variance);
  const std::optional<double> below = UpperTail((mean.mean + margin) / error, mean.df);
  const std::optional<double> above = UpperTail((margin - mean.mean) / error, mean.df);
  if (below && above) out.p = std::max(*below, *above);
  return out;
}

bool IsImpossible(const PairedRow& row) { return !(std::fabs(row.difference) <= 1); }

std::optional<double> Detectable(const ClusterMean& mean, double alpha) {
  const std::optional<double> decides = UpperTQuantile(alpha / 2, mean.df);
  const std::optional<double> power = UpperTQuantile(1 - kPower, mean.df);
  if (mean.no_spread() || !decides || !power) return std::nullopt;
  return (*decides + *power) * std::sqrt(mean.variance);
}

// `flip_signs`: with that test, which costs most.
PairedDifference Paired(std::span<const PairedRow> rows, const PairedOptions& options, bool flip_signs) {
  PairedDifference out;
  Estimate& estimate = out.estimate;
  estimate.n = static_cast<int64_t>(rows.size());
  if (rows.empty()) {
    estimate.reason = "no task of both";
  } else if (std::any_of(rows.begin(), rows.end(), IsImpossible)) {
    estimate.reason = "a difference lies outside -1 to 1";
  }
  out.p_reason = out.sign_flip.reason = estimate.reason;
  if (!estimate.reason.empty()) return out;

  ClusterSums clusters;
  for (const PairedRow& row : rows) clusters[row.cluster].Add(row.difference);
  Contrast contrast = EstimateContrast(clusters, kRange, options.level);
  estimate = std::move(contrast.estimate);
  out.p = contrast.p;
  out.p_reason = std::move(contrast.p_reason);
  if (flip_signs) out.sign_flip = FlipSigns(clusters, options.key, options.draws);
  const double alpha = 1 - options.level;
  out.detectable = Detectable(*MeanOfClusters(clusters), alpha);
  if (!estimate.interval) return out;
  if (options.margin) out.equivalence = TestEquivalence(clusters, *options.margin, alpha);
  out.verdict = VerdictOf(estimate.interval->low > 0 || estimate.interval->high < 0,
                          out.equivalence && out.equivalence->equivalent);
  return out;
}

}  // namespace

const char* DifferenceVerdictName(DifferenceVerdict verdict) {
  switch (verdict) {
    case DifferenceVerdict::kUndecided:
      return "undecided";
    case DifferenceVerdict::kDifferent:
      return "different";
    case DifferenceVerdict::kEquivalent:
      return "equivalent";
    case DifferenceVerdict::kBoth:
      return "real but smaller than the margin";
  }
  return "";
}

DifferenceVerdict VerdictOf(bool different, bool equivalent) {
  if (different && equivalent) return DifferenceVerdict::kBoth;
  if (different) return DifferenceVerdict::kDifferent;
  return equivalent ? DifferenceVerdict::kEquivalent : DifferenceVerdict::kUndecided;
}

PairedDifference ComparePaired(std::span<const PairedRow> rows, const PairedOptions& options) {
  return Paired(rows, options, true);
}

std::optional<WorstDifference> CompareWorstCase(std::span<const BoundedPair> rows,
                                                const PairedOptions& options) {
  std::vector<PairedRow> lowest;
  std::vector<PairedRow> highest;
  for (const BoundedPair& row : rows) {
    lowest.push_back({row.first_low - row.second_high, row.cluster});
    highest.push_back({row.first_high - row.second_low, row.cluster});
  }
  const PairedDifference low = Paired(lowest, options, false);
  const PairedDifference high = Paired(highest, options, false);
  if (!low.estimate.value || !high.estimate.value) return std::nullopt;
  WorstDifference out;
  out.bounds.low = *low.estimate.value;
  out.bounds.high = *high.estimate.value;
  if (low.estimate.interval) out.bounds.low_with_sampling = low.estimate.interval->low;
  if (high.estimate.interval) out.bounds.high_with_sampling = high.estimate.interval->high;
  const bool different = out.bounds.low_with_sampling.value_or(-1) > 0 ||
                         out.bounds.high_with_sampling.value_or(1) < 0;
  bool equivalent = false;
  if (low.equivalence && high.equivalence) {
    const std::optional<Interval>& lower = low.equivalence->interval;
    const std::optional<Interval>& upper = high.equivalence->interval;
    equivalent = lower && upper && -*options.margin < lower->low && upper->high < *options.margin;
  }
  out.verdict = VerdictOf(different, equivalent);
  return out;
}

bool DependsOnMissing(DifferenceVerdict claim, DifferenceVerdict holds) {
  return claim != DifferenceVerdict::kUndecided && claim != holds &&
         holds != DifferenceVerdict::kBoth;
}

}  // namespace axiometer
