#include "harness/cli/pilot.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

// 10, 20, 30 of a hundred: mean 20, s = 10, error of the total 100 * 10 / sqrt(3) * sqrt(0.97) =
// 568.6, and 4.3027 is the quantile of t with two degrees of freedom.
TEST(ForecastTotal, IsTheMeanTimesAllWithATInterval) {
  const Forecast forecast = ForecastTotal({10, 20, 30}, 100);
  EXPECT_DOUBLE_EQ(forecast.total, 2000);
  ASSERT_TRUE(forecast.high);
  EXPECT_NEAR(*forecast.high, 2000 + 4.302653 * 568.624, 0.01);
  EXPECT_DOUBLE_EQ(*forecast.low, 60);  // not below what was used already
}

TEST(ForecastTotal, OfAllSamplesHasNoError) {
  const Forecast forecast = ForecastTotal({10, 20}, 2);
  EXPECT_DOUBLE_EQ(forecast.total, 30);
  EXPECT_DOUBLE_EQ(*forecast.low, 30);
  EXPECT_DOUBLE_EQ(*forecast.high, 30);
}

TEST(ForecastTotal, OfOneSampleHasNoInterval) {
  EXPECT_DOUBLE_EQ(ForecastTotal({7}, 10).total, 70);
  EXPECT_FALSE(ForecastTotal({7}, 10).low);
}

}  // namespace
}  // namespace axiometer
