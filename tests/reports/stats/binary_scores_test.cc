#include "reports/stats/binary_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace axiometer {
namespace {

std::vector<BinaryRow> Rows(int tp, int fp, int fn, int tn) {
  std::vector<BinaryRow> rows;
  const auto add = [&rows](int count, bool gold, bool given) {
    for (int i = 0; i < count; ++i) rows.push_back({gold, given, static_cast<int>(rows.size())});
  };
  add(tp, true, true);
  add(fp, false, true);
  add(fn, true, false);
  add(tn, false, false);
  return rows;
}

double Value(BinaryMetric metric, const std::vector<BinaryRow>& rows) {
  return BinaryEstimate(metric, rows).value.value();
}

TEST(BinaryScores, HandWorked) {
  const std::vector<BinaryRow> rows = Rows(3, 1, 2, 4);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kAccuracy, rows), 0.7);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kPrecision, rows), 3.0 / 4);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kRecall, rows), 3.0 / 5);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kF1, rows), 6.0 / 9);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kMicroF1, rows), 0.7);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kMacroF1, rows), (6.0 / 9 + 8.0 / 11) / 2);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kWeightedF1, rows), (6.0 / 9 + 8.0 / 11) / 2);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kAuroc, rows), (0.6 + 0.8) / 2);
}

TEST(BinaryScores, WeightsFollowTheRightAnswers) {
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kWeightedF1, Rows(6, 1, 2, 1)),
                   0.8 * (12.0 / 15) + 0.2 * (2.0 / 5));
}

TEST(BinaryScores, AlwaysTheSameAnswerOnBalancedRows) {
  const std::vector<BinaryRow> rows = Rows(10, 10, 0, 0);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kAccuracy, rows), 0.5);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kRecall, rows), 1);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kF1, rows), 2.0 / 3);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kMacroF1, rows), 1.0 / 3);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kAuroc, rows), 0.5);
}

TEST(BinaryScores, AClassThatNeverOccursIsNoPartOfTheMean) {
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kMacroF1, Rows(3, 0, 0, 0)), 1);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kMacroF1, Rows(3, 0, 1, 0)), (6.0 / 7) / 2);
  EXPECT_DOUBLE_EQ(Value(BinaryMetric::kMacroF1, Rows(0, 0, 0, 3)), 1);
}

TEST(BinaryScores, NothingByNothingHasNoValueAndSaysSo) {
  const Estimate precision = BinaryEstimate(BinaryMetric::kPrecision, Rows(0, 0, 2, 2));
  EXPECT_FALSE(precision.value || precision.interval);
  EXPECT_EQ(precision.reason, "0/0: no row to take it from");
  EXPECT_FALSE(BinaryEstimate(BinaryMetric::kAuroc, Rows(2, 0, 1, 0)).value);
  EXPECT_EQ(BinaryEstimate(BinaryMetric::kMacroF1, {}).reason, "never scored");
}

TEST(BinaryScores, AnIntervalHoldsItsValueAndReachesTheEdgeOnlyThere) {
  for (const BinaryMetric metric : kBinaryMetrics) {
    const Estimate some = BinaryEstimate(metric, Rows(30, 10, 12, 28));
    ASSERT_TRUE(some.interval) << BinaryMetricName(metric);
    EXPECT_LT(some.interval->low, *some.value) << BinaryMetricName(metric);
    EXPECT_GT(some.interval->high, *some.value) << BinaryMetricName(metric);
    const Estimate all = BinaryEstimate(metric, Rows(40, 0, 0, 40));
    ASSERT_TRUE(all.interval) << BinaryMetricName(metric);
    EXPECT_DOUBLE_EQ(all.interval->high, 1) << BinaryMetricName(metric);
    EXPECT_GT(all.interval->low, 0.85) << BinaryMetricName(metric);
    EXPECT_LT(all.interval->low, 1) << BinaryMetricName(metric);
  }
}

// The whole statistic without each row in turn, put together by hand: F1 of each class of the nine rows that are left.
TEST(BinaryScores, AJoinedScoreHasTheJackknifeOfTheWhole) {
  const std::vector<BinaryRow> rows = Rows(3, 1, 2, 4);
  const auto macro = [](double tp, double fp, double fn, double tn) {
    return (2 * tp / (2 * tp + fp + fn) + 2 * tn / (2 * tn + fp + fn)) / 2;
  };
  const std::pair<double, int> left_out[] = {
      {macro(2, 1, 2, 4), 3}, {macro(3, 0, 2, 4), 1}, {macro(3, 1, 1, 4), 2}, {macro(3, 1, 2, 3), 4}};
  double mean = 0;
  for (const auto& [value, times] : left_out) mean += times * value / 10;
  double squares = 0;
  for (const auto& [value, times] : left_out) squares += times * (value - mean) * (value - mean);
  const double whole = macro(3, 1, 2, 4);
  const double error = std::sqrt(0.9 * squares) / (whole * (1 - whole));
  constexpr double kT9 = 2.2621571627982053;
  const Estimate found = BinaryEstimate(BinaryMetric::kMacroF1, rows);
  ASSERT_TRUE(found.interval);
  const double centre = std::log(whole / (1 - whole));
  EXPECT_NEAR(found.interval->low, 1 / (1 + std::exp(-centre + kT9 * error)), 1e-12);
  EXPECT_NEAR(found.interval->high, 1 / (1 + std::exp(-centre - kT9 * error)), 1e-12);
  EXPECT_EQ(found.method, "delete-one-cluster jackknife, logit scale, t");
  EXPECT_EQ(BinaryEstimate(BinaryMetric::kMacroF1, Rows(4, 0, 0, 6)).method, "limits of both classes, joined");
}

TEST(BinaryScores, RowsOfOneClusterAllowLess) {
  std::vector<BinaryRow> rows = Rows(30, 10, 12, 28);
  const Estimate apart = BinaryEstimate(BinaryMetric::kMacroF1, rows);
  for (BinaryRow& row : rows) row.cluster /= 4;
  const Estimate together = BinaryEstimate(BinaryMetric::kMacroF1, rows);
  EXPECT_EQ(*apart.value, *together.value);
  EXPECT_GT(together.interval->high - together.interval->low,
            apart.interval->high - apart.interval->low);
}

// Subjects that are right at different rates on the two classes, on clusters of two rows alike in
// part.
TEST(BinaryScores, IntervalsCoverTheTruthAsOftenAsTheySay) {
  struct Truth {
    double sensitivity, specificity;
  };
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  constexpr int kClusters = 60;
  constexpr int kRuns = 1500;
  for (const Truth truth : {Truth{0.9, 0.8}, Truth{0.6, 0.95}, Truth{0.97, 0.93}}) {
    const Confusion expected = {truth.sensitivity / 2, (1 - truth.specificity) / 2,
                                (1 - truth.sensitivity) / 2, truth.specificity / 2};
    std::vector<int> covered(std::size(kBinaryMetrics), 0);
    for (int run = 0; run < kRuns; ++run) {
      std::vector<BinaryRow> rows;
      for (int cluster = 0; cluster < kClusters; ++cluster) {
        const double shared = uniform(random);
        for (const bool gold : {true, false}) {
          const double drawn = uniform(random) < 0.5 ? shared : uniform(random);
          const bool right = drawn < (gold ? truth.sensitivity : truth.specificity);
          rows.push_back({gold, right == gold, cluster});
        }
      }
      for (size_t i = 0; i < covered.size(); ++i) {
        const Estimate found = BinaryEstimate(kBinaryMetrics[i], rows);
        const double value = *BinaryMetricOf(kBinaryMetrics[i], expected);
        covered[i] +=
            found.interval && found.interval->low <= value && value <= found.interval->high;
      }
    }
    for (size_t i = 0; i < covered.size(); ++i) {
      EXPECT_GE(covered[i], 0.935 * kRuns)
          << BinaryMetricName(kBinaryMetrics[i]) << " " << truth.sensitivity;
    }
  }
}

}  // namespace
}  // namespace axiometer
