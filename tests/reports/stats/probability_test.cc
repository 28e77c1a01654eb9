#include "reports/stats/probability.h"

#include <gtest/gtest.h>

#include <cmath>

namespace axiometer {
namespace {

// df = 1 is Cauchy's distribution, df = 2 has a closed form too.
TEST(StudentTTest, ClosedFormsOfOneAndTwoDegreesOfFreedom) {
  const double pi = std::acos(-1.0);
  for (const double t : {-3.0, -0.5, 0.0, 1.0, 7.0}) {
    EXPECT_NEAR(*TCdf(t, 1), 0.5 + std::atan(t) / pi, 1e-14);
    EXPECT_NEAR(*TCdf(t, 2), 0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-14);
    EXPECT_NEAR(*TwoSidedP(t, 1), 1 - 2 * std::atan(std::fabs(t)) / pi, 1e-14);
  }
  EXPECT_NEAR(*UpperTQuantile(0.25, 1), 1, 1e-14);
}

// scipy 1.12: t.isf(0.025, 3.7), t.isf(1e-10, 12.5), 2 * t.sf(4.2, 6.3).
TEST(StudentTTest, RealDegreesOfFreedomAndSmallTails) {
  EXPECT_NEAR(*UpperTQuantile(0.025, 3.7), 2.867520707191209, 1e-10);
  EXPECT_NEAR(*UpperTQuantile(1e-10, 12.5), 18.391607466097852, 1e-8);
  EXPECT_NEAR(*TwoSidedP(4.2, 6.3), 0.005102408845138541, 1e-12);
}

TEST(StudentTTest, QuantileAndDistributionAreInverse) {
  for (const double df : {1.3, 4.0, 17.9, 2999.0}) {
    for (const double tail : {1e-12, 0.01, 0.4, 0.8}) {
      EXPECT_NEAR(*TCdf(-*UpperTQuantile(tail, df), df) / tail, 1, 1e-8);
    }
  }
}

TEST(StudentTTest, WhatHasNoNumberIsAbsent) {
  for (const double df : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_FALSE(UpperTQuantile(0.025, df));
    EXPECT_FALSE(TCdf(1, df));
    EXPECT_FALSE(TwoSidedP(1, df));
  }
  EXPECT_FALSE(UpperTQuantile(0.025, 1e-4));  // overflows
  EXPECT_FALSE(UpperTQuantile(0, 5));
  EXPECT_FALSE(UpperTQuantile(1, 5));
  EXPECT_FALSE(TCdf(std::nan(""), 5));
  EXPECT_FALSE(TwoSidedP(HUGE_VAL, 5));
}

TEST(NormalTest, TailsAndQuantiles) {
  EXPECT_EQ(UpperNormalTail(0), 0.5);
  EXPECT_NEAR(UpperNormalQuantile(0.025), 1.959963984540054, 1e-14);
  EXPECT_NEAR(NormalDraw(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(NormalDraw(0.025), -1.959963984540054, 1e-14);
  EXPECT_NEAR(UpperNormalTail(UpperNormalQuantile(1e-12)) / 1e-12, 1, 1e-9);
}

TEST(BinomialTest, CountedByHand) {
  EXPECT_NEAR(BinomialAt(2, 4, 0.5), 6.0 / 16, 1e-15);
  EXPECT_NEAR(BinomialUpTo(1, 4, 0.5), 5.0 / 16, 1e-15);
  EXPECT_NEAR(BinomialAbove(2, 4, 0.5), 5.0 / 16, 1e-15);
  EXPECT_NEAR(BinomialAbove(0, 2, 0.25), 7.0 / 16, 1e-15);
}

// Two degrees of freedom are an exponential distribution of mean 2.
TEST(ChiSquaredTest, ClosedFormOfTwoDegreesOfFreedom) {
  for (const double p : {0.01, 0.5, 0.8, 0.999}) EXPECT_NEAR(ChiSquaredQuantile(p, 2), -2 * std::log1p(-p), 1e-12);
}

}  // namespace
}  // namespace axiometer
