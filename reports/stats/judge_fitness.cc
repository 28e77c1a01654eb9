#include "reports/stats/judge_fitness.h"

#include <algorithm>

#include "reports/stats/agreement_coefficient.h"

namespace axiometer {
namespace {

constexpr double kReliable = 0.667;
constexpr double kSkewed = 0.8;        // from here on AC2 stands beside alpha
constexpr double kHardlyVaries = 0.9;  // from here on alpha cannot show much
constexpr double kHighAc2 = 0.8;

double LargestShare(std::span<const RatedItem> items) {
  std::vector<int64_t> counts;
  int64_t total = 0;
  for (const RatedItem& item : items) {
    counts.resize(item.counts.size(), 0);
    for (size_t c = 0; c < counts.size(); ++c) counts[c] += item.counts[c];
    total += item.ratings;
  }
  if (total == 0) return 0;
  return static_cast<double>(*std::max_element(counts.begin(), counts.end())) /
         static_cast<double>(total);
}

Estimate ExactAgreement(std::span<const RatedItem> items, double level) {
  std::vector<Observation> rows;
  bool binary = true;
  for (const RatedItem& item : items) {
    if (item.ratings < 2) continue;
    double equal = 0;
    for (const int count : item.counts) equal += count * (count - 1.0);
    const double share = equal / (item.ratings * (item.ratings - 1.0));
    binary = binary && (share == 0 || share == 1);
    rows.push_back({share, item.cluster, 0});
  }
  return MeanInterval(rows, binary ? ScoreScale::kBinary : ScoreScale::kGraded, level);
}

void Judge(InstrumentCheck& check) {
  check.fitness = JudgeFitness::kNotShownFit;
  check.stamp = "not shown fit";
  if (!check.alpha.interval) {
    check.stamp += ": " + check.alpha.reason;
    return;
  }
  const Interval& alpha = *check.alpha.interval;
  if (alpha.low >= kReliable) {
    check.fitness = JudgeFitness::kFit;
    check.stamp = "fit";
    return;
  }
  const bool ac2_high = check.ac2 && check.ac2->interval && check.ac2->interval->low >= kHighAc2;
  if (check.largest_share >= kHardlyVaries && ac2_high) {
    check.stamp += ": too little variation";
    return;
  }
  if (alpha.high < kReliable || alpha.low <= 0) {
    check.fitness = JudgeFitness::kUnfit;
    check.stamp = "unfit";
  }
}

}  // namespace

InstrumentCheck CheckInstrument(std::span<const Rating> ratings, int categories, double level) {
  InstrumentCheck check;
  const std::vector<RatedItem> items = RatedItems(ratings, categories);
  check.items = std::count_if(items.begin(), items.end(),
                              [](const RatedItem& item) { return item.ratings >= 2; });
  check.exact = ExactAgreement(items, level);
  check.alpha = OrdinalAlpha(ratings, categories, level);
  check.kappa = QuadraticKappa(ratings, categories, level);
  check.largest_share = LargestShare(items);
  if (check.largest_share >= kSkewed) check.ac2 = GwetAc2(ratings, categories, level);
  check.marginals = RaterMarginals(ratings, categories);
  Judge(check);
  return check;
}

}  // namespace axiometer
