#include "reports/stats/length_slope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

TEST(LengthSlopeTest, IsThatOfALineWithEachCaseLeftOut) {
  std::vector<LengthRow> rows;
  for (int g = 0; g < 12; ++g) {
    const double x = g % 4;
    rows.push_back({g, 0.05 * x + (g % 3 - 1) * 0.01, std::exp(x)});
  }
  // Straight from the definition, and refitted without each case.
  const auto slope = [&](int without) {
    double n = 0, mx = 0, my = 0, xx = 0, xy = 0;
    for (const LengthRow& row : rows) {
      if (row.cluster == without) continue;
      n += 1;
      mx += std::log(row.length);
      my += row.difference;
    }
    for (const LengthRow& row : rows) {
      if (row.cluster == without) continue;
      const double x = std::log(row.length) - mx / n;
      xx += x * x;
      xy += x * (row.difference - my / n);
    }
    return xy / xx;
  };
  const Estimate found = SlopeOnLength(rows);
  EXPECT_NEAR(*found.value, slope(-1), 1e-12);
  double mean = 0;
  double squares = 0;
  for (int g = 0; g < 12; ++g) mean += slope(g) / 12;
  for (int g = 0; g < 12; ++g) squares += std::pow(slope(g) - mean, 2);
  const double half = *UpperTQuantile(0.025, 11) * std::sqrt(squares * 11 / 12);
  EXPECT_NEAR(found.interval->high - slope(-1), half, 1e-10);
}

TEST(LengthSlopeTest, WhatHasNoNumberSaysWhy) {
  EXPECT_EQ(SlopeOnLength({}).reason, "never scored");
  EXPECT_EQ(SlopeOnLength(std::vector<LengthRow>{{0, 0.1, 5}, {1, 0.2, 5}}).reason, "all lengths are equal");
  EXPECT_EQ(SlopeOnLength(std::vector<LengthRow>{{0, 0.1, 5}, {1, 0.2, 0}}).reason, "a length is not above 0");
}

// statsmodels 0.15: OLS(y, add_constant(log(x))).fit().params[1]; scipy 1.17: linregress(log(x), y).slope.
TEST(LengthSlopeTest, AgreesWithStatsmodels) {
  const std::vector<LengthRow> rows{{0, 0.1, 120},  {1, 0.25, 340}, {2, -0.05, 95},
                                    {3, 0.3, 610}, {4, 0.2, 220},  {5, 0.15, 800}};
  EXPECT_NEAR(*SlopeOnLength(rows).value, 0.10413002856349611, 1e-14);
}

}  // namespace
}  // namespace axiometer
