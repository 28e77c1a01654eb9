#include <gtest/gtest.h>

#include <vector>

#include "tests/validity/pair_simulation.h"

namespace axiometer {
namespace {

PairRates Simulate(const PairShape& shape, uint64_t seed, bool at_margin = false) {
  return SimulatePairs(shape, kRepetitions, seed, at_margin);
}

TEST(PairedDifferenceValidityTest, IntervalsCoverTheTruth) {
  EXPECT_NEAR(Simulate({std::vector<int>(25, 1), false, 0.5}, 1).covered.share(), 0.95, kAllowed);
  EXPECT_NEAR(Simulate({std::vector<int>(5, 8), false, 0.5}, 2).covered.share(), 0.95, kAllowed);
  EXPECT_NEAR(Simulate({std::vector<int>(10, 16), true, 0.5}, 3).covered.share(), 0.95, kAllowed);
  EXPECT_GE(Simulate({{1, 1, 2, 4, 16}, false, 0.5}, 4).covered.share(), 0.95 - kAllowed);
}

TEST(PairedDifferenceValidityTest, EqualSubjectsAreRarelyCalledDifferent) {
  for (const PairShape& shape :
       {PairShape{std::vector<int>(25, 1), false, 0}, PairShape{std::vector<int>(5, 8), false, 0},
        PairShape{std::vector<int>(10, 16), true, 0}}) {
    const PairRates rates = Simulate(shape, 5);
    EXPECT_NEAR(rates.rejected.share(), 0.05, kAllowed);
    EXPECT_LE(rates.flipped.share(), 0.05 + kAllowed);
  }
}

// At the margin itself the two are not equivalent, and are called so in 5 % at most.
TEST(PairedDifferenceValidityTest, SubjectsAtTheMarginAreRarelyCalledEquivalent) {
  EXPECT_LE(Simulate({std::vector<int>(40, 4), false, 0.5}, 7, true).equivalent.share(), 0.05 + kAllowed);
}

TEST(PairedDifferenceValidityTest, FamiliesKeepTheirRates) {
  const FamilyRates rates = SimulateFamily(8, 3, {std::vector<int>(20, 2), false, 1.0}, kRepetitions, 8);
  EXPECT_LE(rates.any_false.share(), 0.05 + kAllowed);
  EXPECT_LE(rates.false_share, 0.05 + kAllowed);
}

TEST(PairedDifferenceValidityTest, BoundsAlwaysHoldTheCompleteData) {
  EXPECT_EQ(SimulatePairBounds({std::vector<int>(5, 8), false, 0.5}, kRepetitions, 9).share(), 1);
}

}  // namespace
}  // namespace axiometer
