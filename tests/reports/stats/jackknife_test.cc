#include "reports/stats/jackknife.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using LeftOut = std::vector<std::optional<double>>;

Estimate Of(double value) {
  Estimate estimate;
  estimate.value = value;
  return estimate;
}

// The jackknife of a mean is its usual standard error: 1, 2, 6 leave 4, 3.5 and 1.5.
TEST(JackknifeTest, OfAMeanIsItsStandardError) {
  Estimate mean = Of(3);
  SetJackknife(LeftOut{4, 3.5, 1.5}, 0.95, mean);
  const double half = *UpperTQuantile(0.025, 2) * std::sqrt((4 + 1 + 9) / 2.0 / 3);
  EXPECT_NEAR(mean.interval->low, 3 - half, 1e-12);
  EXPECT_NEAR(mean.interval->high, 3 + half, 1e-12);
}

TEST(JackknifeTest, FishersScaleKeepsCoefficientsBelowOne) {
  Estimate alpha = Of(0.8);
  const LeftOut left_out{0.7, 0.8, 0.9};
  SetFisherJackknife(left_out, 0.95, alpha);
  const double s = std::sqrt(2.0 / 3 * 0.02);
  const double half = *UpperTQuantile(0.025, 2) * s / (1 - 0.64);
  EXPECT_NEAR(alpha.interval->low, std::tanh(std::atanh(0.8) - half), 1e-12);
  EXPECT_NEAR(alpha.interval->high, std::tanh(std::atanh(0.8) + half), 1e-12);
  Estimate nearly = Of(0.99999);
  SetFisherJackknife(left_out, 0.95, nearly);
  EXPECT_LE(nearly.interval->high, 1);
  EXPECT_GE(nearly.interval->low, -1);
}

TEST(JackknifeTest, NoIntervalSaysWhy) {
  const auto reason = [](double value, const LeftOut& left_out) {
    Estimate estimate = Of(value);
    SetFisherJackknife(left_out, 0.95, estimate);
    EXPECT_FALSE(estimate.interval);
    return estimate.reason;
  };
  EXPECT_EQ(reason(0.5, {0.5}), "all in one cluster");
  EXPECT_EQ(reason(1, {1, 1}), "perfect: no variation to take an interval from");
  EXPECT_EQ(reason(0.5, {0.5, std::nullopt}), "rests on one cluster");
  EXPECT_EQ(reason(0.5, {0.5, 0.5, 0.5}), "no variation between clusters");
}

TEST(JackknifeTest, FewClustersAreACaution) {
  Estimate estimate = Of(0.5);
  SetJackknife(LeftOut{0.4, 0.5, 0.6, 0.5, 0.5}, 0.95, estimate);
  EXPECT_EQ(estimate.caution, "few clusters");
}

TEST(JackknifeTest, TwoClustersAreACaution) {
  Estimate estimate = Of(0.5);
  SetJackknife(LeftOut{0.4, 0.6}, 0.95, estimate);
  EXPECT_EQ(estimate.caution, "two clusters");
}

}  // namespace
}  // namespace axiometer
