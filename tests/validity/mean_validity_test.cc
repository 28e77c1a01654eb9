#include <gtest/gtest.h>

#include <vector>

#include "tests/validity/mean_simulation.h"

namespace axiometer {
namespace {

double Coverage(const MeanShape& shape, uint64_t seed) {
  return SimulateMean(shape, kRepetitions, seed).share();
}

TEST(MeanValidityTest, IntervalsCoverTheTruthInFewClusters) {
  EXPECT_GE(Coverage({std::vector<int>(2, 10)}, 1), 0.95 - kAllowed);
  EXPECT_NEAR(Coverage({std::vector<int>(5, 8), 2.8}, 2), 0.95, kAllowed);
  EXPECT_NEAR(Coverage({std::vector<int>(10, 16), 0, true}, 3), 0.95, kAllowed);
  EXPECT_GE(Coverage({{1, 1, 2, 4, 16}}, 4), 0.95 - kAllowed);
}

TEST(MeanValidityTest, SystemMeansCoverTheTruth) {
  EXPECT_NEAR(SimulateSystemMean({5, 0, 10}, kRepetitions, 5).share(), 0.95, kAllowed);
  EXPECT_NEAR(SimulateSystemMean({10, 0, 40}, kRepetitions, 6).share(), 0.95, kAllowed);
}

TEST(MeanValidityTest, BoundsAlwaysHoldTheCompleteData) {
  EXPECT_EQ(SimulateMeanBounds({std::vector<int>(5, 8)}, kRepetitions, 7).share(), 1);
}

}  // namespace
}  // namespace axiometer
