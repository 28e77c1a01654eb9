#include "reports/stats/judge_fitness.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

using Ratings = std::vector<Rating>;

// `cases` cases, each of one item that judge 0 and person 1 rate: categories in turn, the judge
// wrong by one step in every `wrong`-th.
Ratings TwoRaters(int cases, int wrong) {
  Ratings ratings;
  for (int g = 0; g < cases; ++g) {
    const int truth = g % 3;
    const bool off = wrong > 0 && g % wrong == 0;
    ratings.push_back({g, 0, 0, off ? (truth == 2 ? 1 : truth + 1) : truth});
    ratings.push_back({g, 0, 1, truth});
  }
  return ratings;
}

TEST(JudgeFitnessTest, AJudgeThatMostlyAgreesIsFit) {
  const InstrumentCheck check = CheckInstrument(TwoRaters(60, 10), 3);
  EXPECT_EQ(check.items, 60);
  EXPECT_NEAR(*check.exact.value, 0.9, 1e-12);
  EXPECT_EQ(check.fitness, JudgeFitness::kFit);
  EXPECT_EQ(check.stamp, "fit");
  EXPECT_EQ(check.marginals.at(1), (std::vector<int64_t>{20, 20, 20}));
  EXPECT_FALSE(check.ac2);
}

TEST(JudgeFitnessTest, AJudgeThatAnswersAtRandomIsUnfit) {
  Ratings ratings;
  for (int g = 0; g < 90; ++g) {
    ratings.push_back({g, 0, 0, (g / 3) % 3});
    ratings.push_back({g, 0, 1, g % 3});
  }
  const InstrumentCheck check = CheckInstrument(ratings, 3);
  EXPECT_EQ(check.fitness, JudgeFitness::kUnfit);
  EXPECT_EQ(check.stamp, "unfit");
}

TEST(JudgeFitnessTest, FewCasesShowNothing) {
  const InstrumentCheck check = CheckInstrument(TwoRaters(7, 3), 3);
  ASSERT_TRUE(check.alpha.interval);
  EXPECT_LT(check.alpha.interval->low, 0.667);
  EXPECT_GT(check.alpha.interval->high, 0.667);
}

TEST(JudgeFitnessTest, HardlyAnyVariationIsNoProofOfUnfitness) {
  Ratings ratings;
  for (int g = 0; g < 100; ++g) {
    ratings.push_back({g, 0, 0, g == 3 || g == 50 ? 1 : 2});
    ratings.push_back({g, 0, 1, g == 4 || g == 50 ? 1 : 2});
  }
  const InstrumentCheck check = CheckInstrument(ratings, 3);
  ASSERT_TRUE(check.ac2);
  EXPECT_GT(check.ac2->interval->low, 0.8);
  EXPECT_NEAR(check.largest_share, 0.98, 1e-12);
  EXPECT_EQ(check.fitness, JudgeFitness::kNotShownFit);
  EXPECT_EQ(check.stamp, "not shown fit: too little variation");
}

TEST(JudgeFitnessTest, WithoutAnIntervalTheReasonIsTheStamp) {
  const InstrumentCheck perfect = CheckInstrument(TwoRaters(30, 0), 3);
  EXPECT_EQ(perfect.fitness, JudgeFitness::kNotShownFit);
  EXPECT_EQ(perfect.stamp, "not shown fit: perfect: no variation to take an interval from");
  const InstrumentCheck nothing = CheckInstrument({}, 3);
  EXPECT_EQ(nothing.items, 0);
  EXPECT_EQ(nothing.exact.reason, "never scored");
  EXPECT_EQ(nothing.stamp, "not shown fit: no item was rated twice");
}

// Three repeats, one of which differs: one of three pairs is equal.
TEST(JudgeFitnessTest, ExactAgreementOfRepeatsIsTheShareOfEqualPairs) {
  const Ratings ratings{{0, 0, 0, 1}, {0, 0, 1, 1}, {0, 0, 2, 0}, {1, 0, 0, 2}, {1, 0, 1, 2}};
  EXPECT_NEAR(*CheckInstrument(ratings, 3).exact.value, (1.0 / 3 + 1) / 2, 1e-12);
}

}  // namespace
}  // namespace axiometer
