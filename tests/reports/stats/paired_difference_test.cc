#include "reports/stats/paired_difference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using PairedRows = std::vector<PairedRow>;

PairedRows PairsOfOwnClusters(const std::vector<double>& differences) {
  PairedRows rows;
  for (size_t i = 0; i < differences.size(); ++i) {
    rows.push_back({differences[i], static_cast<int>(i)});
  }
  return rows;
}

PairedOptions WithMargin(double margin) {
  PairedOptions options;
  options.margin = margin;
  return options;
}

TEST(PairedDifferenceTest, NoCommonTaskHasNoDifference) {
  const PairedDifference none = ComparePaired({});
  EXPECT_FALSE(none.estimate.value);
  EXPECT_FALSE(none.p);
  EXPECT_EQ(none.estimate.reason, "no task of both");
  EXPECT_EQ(none.p_reason, "no task of both");
  EXPECT_EQ(none.verdict, DifferenceVerdict::kUndecided);
}

TEST(PairedDifferenceTest, WhatIsNoDifferenceOfScoresIsRefused) {
  for (const double bad : {1.1, -1.1, std::nan(""), HUGE_VAL}) {
    const PairedDifference refused = ComparePaired(PairsOfOwnClusters({0.5, bad}));
    EXPECT_FALSE(refused.estimate.value);
    EXPECT_EQ(refused.estimate.reason, "a difference lies outside -1 to 1");
  }
}

TEST(PairedDifferenceTest, OneTaskOrOneClusterHasNoInterval) {
  EXPECT_EQ(ComparePaired(PairsOfOwnClusters({0.5})).estimate.reason, "one task");
  const PairedDifference one = ComparePaired(PairedRows{{0.5, 1}, {0.1, 1}}, WithMargin(0.1));
  EXPECT_DOUBLE_EQ(*one.estimate.value, 0.3);
  EXPECT_EQ(one.estimate.reason, "all in one cluster");
  EXPECT_EQ(one.p_reason, "all in one cluster");
  EXPECT_FALSE(one.equivalence);
}

// One row a cluster is the paired t test. scipy:
//   x = [0.3, -0.1, 0.2, 0.25, -0.05, 0.4, 0.1, -0.2]
//   r = ttest_1samp(x, 0); r.pvalue; r.confidence_interval(0.95)  (its quantile is good to 3e-10)
//   permutation_test((x,), np.mean, permutation_type="samples").pvalue
const std::vector<double> kEight = {0.3, -0.1, 0.2, 0.25, -0.05, 0.4, 0.1, -0.2};

TEST(PairedDifferenceTest, OwnClustersAreThePairedTTest) {
  const PairedDifference compared = ComparePaired(PairsOfOwnClusters(kEight));
  EXPECT_NEAR(*compared.estimate.value, 0.1125, 1e-15);
  EXPECT_NEAR(*compared.p, 0.17654613511349077, 1e-12);
  EXPECT_NEAR(compared.estimate.interval->low, -0.06449459043671633, 1e-9);
  EXPECT_NEAR(compared.estimate.interval->high, 0.2894945904367163, 1e-9);
  EXPECT_DOUBLE_EQ(*compared.sign_flip.p, 0.203125);
  EXPECT_EQ(compared.verdict, DifferenceVerdict::kUndecided);
}

// statsmodels: ttost_paired of the same x against 0 with -0.3 and 0.3.
TEST(PairedDifferenceTest, EquivalenceIsTwoOneSidedTests) {
  const PairedDifference compared = ComparePaired(PairsOfOwnClusters(kEight), WithMargin(0.3));
  ASSERT_TRUE(compared.equivalence);
  EXPECT_NEAR(*compared.equivalence->p, 0.02034746290186808, 1e-12);
  EXPECT_NEAR(compared.equivalence->interval->level, 0.9, 1e-12);
}

// clubSandwich's CR2 in the closed form for a mean, computed independently with matrices (numpy):
//   H = ones/n; A_g = (I - H_gg)^(-1/2) by eigenvectors; V = sum (1/n 1'A_g e_g)^2; Satterthwaite's
//   df from the quadratic forms; p = 2 t.sf(|m| / sqrt(V), df).
TEST(PairedDifferenceTest, UnequalClustersAgreeWithMatricesInNumpy) {
  const PairedRows rows{{0.2, 0}, {0.4, 0}, {-0.1, 0}, {0.3, 1}, {0.25, 2},
                  {0.0, 2}, {0.5, 3}, {0.1, 3},  {0.2, 3}, {-0.3, 4}};
  const PairedDifference compared = ComparePaired(rows, WithMargin(0.5));
  EXPECT_NEAR(*compared.p, 0.0912278970406055, 1e-10);
  EXPECT_NEAR(compared.estimate.interval->low, -0.044190205000376626, 1e-10);
  EXPECT_NEAR(compared.estimate.interval->high, 0.35419020500037657, 1e-10);
  EXPECT_NEAR(*compared.equivalence->p, 0.005491290214674999, 1e-10);
  EXPECT_NEAR(*compared.detectable, 0.2619829424872511, 1e-9);
}

TEST(PairedDifferenceTest, EqualDifferencesHaveAnIntervalAndNoP) {
  const PairedDifference compared =
      ComparePaired(PairsOfOwnClusters(std::vector<double>(10, 0.2)), WithMargin(0.5));
  const double b = 1 - std::pow(0.025, 0.1);
  EXPECT_FALSE(compared.p);
  EXPECT_EQ(compared.p_reason, "equal cluster means");
  EXPECT_FALSE(compared.detectable);
  EXPECT_NEAR(compared.estimate.interval->low, 0.2 - b * 1.2, 1e-12);
  EXPECT_NEAR(compared.estimate.interval->high, 0.2 + b * 0.8, 1e-12);
  EXPECT_FALSE(compared.equivalence->p);
  EXPECT_EQ(compared.estimate.method, "equal cluster means (Clopper-Pearson form)");
}

TEST(PairedDifferenceTest, VerdictsNameEveryCase) {
  const std::vector<double> small = {0.02, 0.03, 0.025, 0.018, 0.022, 0.027, 0.021, 0.03};
  std::vector<double> none = small;
  for (size_t i = 0; i < none.size(); i += 2) none[i] = -none[i];
  EXPECT_EQ(ComparePaired(PairsOfOwnClusters(small)).verdict, DifferenceVerdict::kDifferent);
  EXPECT_EQ(ComparePaired(PairsOfOwnClusters(small), WithMargin(0.05)).verdict, DifferenceVerdict::kBoth);
  EXPECT_EQ(ComparePaired(PairsOfOwnClusters(small), WithMargin(0.01)).verdict,
            DifferenceVerdict::kDifferent);
  EXPECT_EQ(ComparePaired(PairsOfOwnClusters(none), WithMargin(0.05)).verdict,
            DifferenceVerdict::kEquivalent);
  EXPECT_EQ(ComparePaired(PairsOfOwnClusters(none), WithMargin(0.01)).verdict,
            DifferenceVerdict::kUndecided);
  EXPECT_STREQ(DifferenceVerdictName(DifferenceVerdict::kBoth), "real but smaller than the margin");
}

TEST(PairedDifferenceTest, ExchangingTheSubjectsChangesSignsAlone) {
  PairedRows rows = PairsOfOwnClusters(kEight);
  rows.push_back({0.7, 0});
  PairedRows other = rows;
  for (PairedRow& row : other) row.difference = -row.difference;
  std::reverse(other.begin(), other.end());
  const PairedDifference one = ComparePaired(rows, WithMargin(0.3));
  const PairedDifference two = ComparePaired(other, WithMargin(0.3));
  EXPECT_NEAR(*one.estimate.value, -*two.estimate.value, 1e-15);
  EXPECT_NEAR(one.estimate.interval->low, -two.estimate.interval->high, 1e-12);
  EXPECT_NEAR(*one.p, *two.p, 1e-12);
  EXPECT_NEAR(*one.equivalence->p, *two.equivalence->p, 1e-12);
  EXPECT_DOUBLE_EQ(*one.sign_flip.p, *two.sign_flip.p);
  EXPECT_NEAR(*one.detectable, *two.detectable, 1e-12);
}

TEST(PairedDifferenceTest, PIsBelowAlphaWhereTheIntervalExcludesZero) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(0.15, 0.3);
  for (int repetition = 0; repetition < 200; ++repetition) {
    PairedRows rows;
    for (int i = 0; i < 12; ++i) {
      rows.push_back({std::clamp(normal(random), -1.0, 1.0), static_cast<int>(random() % 6)});
    }
    const PairedDifference compared = ComparePaired(rows);
    if (!compared.p) continue;
    EXPECT_EQ(*compared.p < 0.05, compared.verdict == DifferenceVerdict::kDifferent);
  }
}

TEST(PairedDifferenceTest, MissingScoresGoToTheEndThatHurts) {
  const std::vector<BoundedPair> rows = {
      {0.8, 0.8, 0.4, 0.4, 0},  // observed
      {0.0, 1.0, 0.5, 0.5, 1},  // first missing
      {0.6, 0.6, 0.0, 1.0, 2},  // second missing
      {0.0, 1.0, 0.0, 1.0, 3},  // both missing
      {0.9, 0.9, 0.2, 0.7, 4},  // one of two epochs missing
  };
  const WorstDifference worst = *CompareWorstCase(rows);
  EXPECT_NEAR(worst.bounds.low, (0.4 - 0.5 - 0.4 - 1 + 0.2) / 5, 1e-12);
  EXPECT_NEAR(worst.bounds.high, (0.4 + 0.5 + 0.6 + 1 + 0.7) / 5, 1e-12);
  EXPECT_LT(*worst.bounds.low_with_sampling, worst.bounds.low);
  EXPECT_GT(*worst.bounds.high_with_sampling, worst.bounds.high);
  EXPECT_FALSE(CompareWorstCase({}));
}

TEST(PairedDifferenceTest, NothingMissingChangesNothing) {
  std::vector<BoundedPair> rows;
  PairedRows differences;
  for (int i = 0; i < 8; ++i) {
    const double first = 0.5 + 0.01 * i;
    rows.push_back({first, first, 0.2, 0.2, i});
    differences.push_back({first - 0.2, i});
  }
  const WorstDifference worst = *CompareWorstCase(rows, WithMargin(0.5));
  const PairedDifference compared = ComparePaired(differences, WithMargin(0.5));
  EXPECT_DOUBLE_EQ(worst.bounds.low, worst.bounds.high);
  EXPECT_DOUBLE_EQ(*worst.bounds.low_with_sampling, compared.estimate.interval->low);
  EXPECT_EQ(worst.verdict, compared.verdict);
  EXPECT_EQ(worst.verdict, DifferenceVerdict::kBoth);
}

TEST(PairedDifferenceTest, AClaimThatSomeFillingTakesBackDependsOnWhatIsMissing) {
  std::vector<BoundedPair> rows;
  for (int i = 0; i < 10; ++i) rows.push_back({0.6 + 0.01 * i, 0.6 + 0.01 * i, 0.4, 0.4, i});
  for (int i = 10; i < 13; ++i) rows.push_back({0, 1, 0.4, 0.4, i});
  EXPECT_EQ(CompareWorstCase(rows)->verdict, DifferenceVerdict::kUndecided);
  EXPECT_TRUE(DependsOnMissing(DifferenceVerdict::kDifferent, DifferenceVerdict::kUndecided));
  EXPECT_TRUE(DependsOnMissing(DifferenceVerdict::kBoth, DifferenceVerdict::kDifferent));
  EXPECT_FALSE(DependsOnMissing(DifferenceVerdict::kDifferent, DifferenceVerdict::kBoth));
  EXPECT_FALSE(DependsOnMissing(DifferenceVerdict::kUndecided, DifferenceVerdict::kUndecided));
}

}  // namespace
}  // namespace axiometer
