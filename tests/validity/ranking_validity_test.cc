#include <gtest/gtest.h>

#include "tests/validity/ranking_simulation.h"

namespace axiometer {
namespace {

EqualValuesRates Equal(const RankingShape& shape, GateBasis basis, uint64_t seed) {
  return SimulateEqualValues(shape, basis, kRepetitions, seed);
}

TEST(RankingValidityTest, EqualValuesAreNotSeparatedByOutcomes) {
  EXPECT_GE(Equal(kMft08, GateBasis::kOutcomes, 1).undecided.share(), 0.95 - kAllowed);
  EXPECT_GE(Equal(kVsm13, GateBasis::kOutcomes, 2).undecided.share(), 0.95 - kAllowed);
  EXPECT_GE(Equal(kPvq40, GateBasis::kOutcomes, 3).undecided.share(), 0.95 - kAllowed);
}

TEST(RankingValidityTest, EqualValuesAreNotSeparatedByMarginsBehindTheGate) {
  EXPECT_LE(Equal(kMft08, GateBasis::kMargins, 4).separated_gated.share(), 0.05 + kAllowed);
  EXPECT_LE(Equal(kVsm13, GateBasis::kMargins, 5).separated_gated.share(), 0.05 + kAllowed);
  EXPECT_LE(Equal(kPvq40, GateBasis::kMargins, 6).separated_gated.share(), 0.05 + kAllowed);
}

TEST(RankingValidityTest, RankIntervalsHoldAllTrueRanksAtOnce) {
  EXPECT_GE(SimulateRanks(kMft08, kRepetitions, 7).share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateRanks(kVsm13, kRepetitions, 8).share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateRanks(kPvq40, kRepetitions, 9).share(), 0.95 - kAllowed);
}

TEST(RankingValidityTest, IntervalsOfStrengthsHoldTheTrueOnes) {
  EXPECT_GE(SimulateStrengths(5, 6, kRepetitions, 13).share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateStrengths(10, 2, kRepetitions, 14).share(), 0.95 - kAllowed);
}

TEST(RankingValidityTest, ProbabilitiesOfOrderAreNotOverconfident) {
  for (const double low : {0.6, 0.8, 0.95}) {
    uint64_t seed = 10;
    for (const RankingShape& shape : {kMft08, kVsm13, kPvq40}) {
      const Calibration found = SimulateOrderProbability(shape, low, kRepetitions, seed++);
      EXPECT_GE(found.right.share(), found.said - kAllowed)
          << shape.values << " values, said at least " << low << ", " << found.right.of << " pairs";
    }
  }
}

}  // namespace
}  // namespace axiometer
