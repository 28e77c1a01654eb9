#include "reports/stats/simultaneous_ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

// Independent strengths with these variances.
RatingFit Fit(std::vector<double> strengths, const std::vector<double>& variances, int clusters) {
  RatingFit fit;
  const size_t m = strengths.size();
  fit.strengths = std::move(strengths);
  fit.covariance.assign(m * m, 0.0);
  for (size_t i = 0; i < m; ++i) fit.covariance[i * m + i] = variances[i];
  fit.clusters = clusters;
  return fit;
}

std::vector<std::pair<int, int>> ScoreLimits(const SimultaneousRanks& ranks) {
  std::vector<std::pair<int, int>> limits;
  for (const RankInterval& rank : ranks.ranks) limits.emplace_back(rank.low, rank.high);
  return limits;
}

// One pair: the largest |t| is |t|. 40,000 draws put the quantile within some 2 %.
TEST(SimultaneousRanksTest, OnePairHasStudentsCriticalValue) {
  for (const int clusters : {7, 31}) {
    const SimultaneousRanks ranks =
        RanksOf(Fit({0.5, -0.5}, {0.01, 0.03}, clusters), 5, 40'000, 0.95);
    EXPECT_EQ(ranks.df, clusters - 1);
    EXPECT_NEAR(ranks.critical / *UpperTQuantile(0.025, clusters - 1), 1, 0.02);
    ASSERT_EQ(ranks.pairs.size(), 1u);
    EXPECT_NEAR(*ranks.pairs[0].standard_error, 0.2, 1e-14);
    EXPECT_TRUE(ranks.pairs[0].decided);
  }
}

// Three independent values with equal variances and many clusters: Tukey's studentised range, whose
// 0.95 quantile over sqrt 2 is 3.3145 / 1.4142 = 2.344 without limit of df, 2.3589 at 198.
TEST(SimultaneousRanksTest, EqualVariancesHaveTukeysCriticalValue) {
  const SimultaneousRanks ranks = RanksOf(Fit({0, 0, 0}, {1, 1, 1}, 200), 6, 40'000, 0.95);
  EXPECT_NEAR(ranks.critical, 2.359, 0.03);
  EXPECT_TRUE(std::none_of(ranks.pairs.begin(), ranks.pairs.end(),
                           [](const ComparedPair& pair) { return pair.decided; }));
  for (const RankInterval& rank : ranks.ranks) {
    EXPECT_EQ(rank.low, 1);
    EXPECT_EQ(rank.high, 3);
  }
}

TEST(SimultaneousRanksTest, RanksCountWhatIsDecided) {
  // The critical difference is 0.36: 0 is above 3, and 2 below all.
  const SimultaneousRanks ranks =
      RanksOf(Fit({1.0, 0.7, -2.0, 0.45}, {0.01, 0.01, 0.01, 0.01}, 300), 7, 4000, 0.95);
  EXPECT_EQ(ScoreLimits(ranks), (std::vector<std::pair<int, int>>{{1, 2}, {1, 3}, {4, 4}, {2, 3}}));
}

// d = 1 and s^2 = 0.02 for the one pair: tau^2 = 0.98, k = 0.98.
TEST(SimultaneousRanksTest, ProbabilityIsShrunkByTheExcessOfDifferences) {
  const SimultaneousRanks ranks = RanksOf(Fit({0.5, -0.5}, {0.01, 0.01}, 12), 8, 1000, 0.95);
  EXPECT_NEAR(*ranks.pairs[0].probability,
              *TCdf(std::sqrt(0.98) / std::sqrt(0.02), 11), 1e-12);
  const SimultaneousRanks noise = RanksOf(Fit({0.05, -0.05}, {0.01, 0.01}, 12), 8, 1000, 0.95);
  EXPECT_EQ(*noise.pairs[0].probability, 0.5);
}

// Student's 0.975 quantile at 7 - 2 + 1 = 6 degrees of freedom is 2.446912; standard errors are 0.1 and 0.2.
TEST(SimultaneousRanksTest, AStrengthAloneHasStudentsInterval) {
  const SimultaneousRanks ranks = RanksOf(Fit({0.5, -0.5}, {0.01, 0.04}, 7), 8, 1000, 0.95);
  ASSERT_EQ(ranks.strengths.size(), 2u);
  EXPECT_NEAR(ranks.strengths[0]->low, 0.5 - 0.2446912, 1e-6);
  EXPECT_NEAR(ranks.strengths[0]->high, 0.5 + 0.2446912, 1e-6);
  EXPECT_NEAR(ranks.strengths[1]->low, -0.5 - 0.4893824, 1e-6);
  EXPECT_EQ(ranks.strengths[1]->level, 0.95);
}

TEST(SimultaneousRanksTest, FewClustersKeepTwoDegreesOfFreedom) {
  EXPECT_EQ(RanksOf(Fit({1, 0, -1}, {1, 1, 1}, 2), 9, 1000, 0.95).df, 2);
}

TEST(SimultaneousRanksTest, PairsWithoutVarianceStayUndecided) {
  RatingFit fit = Fit({1, 0, -1}, {0.01, 0.01, 0}, 50);
  fit.comparable = {0, 0, 1};
  const SimultaneousRanks ranks = RanksOf(fit, 10, 1000, 0.95);
  EXPECT_TRUE(ranks.pairs[0].standard_error);
  for (const size_t pair : {1, 2}) {
    EXPECT_FALSE(ranks.pairs[pair].standard_error);
    EXPECT_FALSE(ranks.pairs[pair].decided);
    EXPECT_FALSE(ranks.pairs[pair].probability);
  }
  for (const std::optional<Interval>& interval : ranks.strengths) EXPECT_FALSE(interval);
}

TEST(SimultaneousRanksTest, NothingToCompareSaysWhy) {
  EXPECT_EQ(RanksOf(Fit({1, -1}, {0, 0}, 50), 11, 1000, 0.95).reason,
            "no difference between two values has a variance that the data show");
  RatingFit none;
  none.reason = "the fit did not converge";
  EXPECT_EQ(RanksOf(none, 11, 1000, 0.95).reason, "the fit did not converge");
}

TEST(SimultaneousRanksTest, SameKeySameResult) {
  const RatingFit fit = Fit({1, 0, -1}, {0.3, 0.2, 0.1}, 20);
  EXPECT_EQ(RanksOf(fit, 12, 500, 0.95).critical, RanksOf(fit, 12, 500, 0.95).critical);
  EXPECT_NE(RanksOf(fit, 12, 500, 0.95).critical, RanksOf(fit, 13, 500, 0.95).critical);
}

}  // namespace
}  // namespace axiometer
