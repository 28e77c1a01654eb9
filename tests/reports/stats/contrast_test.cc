#include "reports/stats/contrast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

ClusterSums OneRowEach(const std::vector<double>& contrasts) {
  ClusterSums sums;
  for (size_t i = 0; i < contrasts.size(); ++i) sums[static_cast<int>(i)].Add(contrasts[i]);
  return sums;
}

TEST(ContrastTest, NoTaskHasNoValue) {
  const Contrast none = EstimateContrast({}, {-1, 1});
  EXPECT_FALSE(none.estimate.value);
  EXPECT_EQ(none.estimate.reason, "no task of all sides");
  EXPECT_EQ(none.p_reason, "no task of all sides");
}

TEST(ContrastTest, OneClusterHasAValueAlone) {
  ClusterSums sums;
  sums[3].Add(0.5);
  EXPECT_EQ(EstimateContrast(sums, {-1, 1}).estimate.reason, "one task");
  sums[3].Add(0.1);
  const Contrast one = EstimateContrast(sums, {-1, 1});
  EXPECT_DOUBLE_EQ(*one.estimate.value, 0.3);
  EXPECT_EQ(one.estimate.reason, "all in one cluster");
  EXPECT_FALSE(one.p);
}

TEST(ContrastTest, IntervalAndPAreThoseOfTheSameT) {
  const std::vector<double> contrasts = {0.4, 1.2, -0.1, 0.9, 0.6, 0.2};
  const Contrast contrast = EstimateContrast(OneRowEach(contrasts), {-2, 2}, 0.9);
  double mean = 0, squares = 0;
  for (const double value : contrasts) mean += value / 6;
  for (const double value : contrasts) squares += (value - mean) * (value - mean);
  const double error = std::sqrt(squares / 5 / 6);
  EXPECT_NEAR(contrast.estimate.interval->low, mean - *UpperTQuantile(0.05, 5) * error, 1e-12);
  EXPECT_NEAR(*contrast.p, *TwoSidedP(mean / error, 5), 1e-12);
  EXPECT_EQ(contrast.estimate.interval->level, 0.9);
}

TEST(ContrastTest, TheRangeCutsTheInterval) {
  const Contrast contrast = EstimateContrast(OneRowEach({-2, 2}), {-2, 2});
  EXPECT_EQ(contrast.estimate.interval->low, -2);
  EXPECT_EQ(contrast.estimate.interval->high, 2);
  EXPECT_EQ(contrast.estimate.caution, "two clusters");
}

TEST(ContrastTest, EqualTasksHaveAnIntervalByTheRangeAndNoP) {
  const Contrast contrast = EstimateContrast(OneRowEach(std::vector<double>(5, 1)), {-2, 2});
  const double b = 1 - std::pow(0.025, 0.2);
  EXPECT_NEAR(contrast.estimate.interval->low, 1 - 3 * b, 1e-12);
  EXPECT_NEAR(contrast.estimate.interval->high, 1 + b, 1e-12);
  EXPECT_EQ(contrast.p_reason, "equal cluster means");
}

}  // namespace
}  // namespace axiometer
