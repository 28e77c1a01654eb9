#include "reports/stats/sign_flip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace axiometer {
namespace {

ClusterSums OneRowEach(const std::vector<double>& differences) {
  ClusterSums sums;
  for (size_t i = 0; i < differences.size(); ++i) sums[static_cast<int>(i)].Add(differences[i]);
  return sums;
}

// Every pattern of signs, written out.
double Enumerated(const std::vector<double>& sums) {
  double observed = 0;
  for (const double sum : sums) observed += sum;
  int as_large = 0;
  const int patterns = 1 << sums.size();
  for (int pattern = 0; pattern < patterns; ++pattern) {
    double total = 0;
    for (size_t i = 0; i < sums.size(); ++i) total += (pattern >> i & 1) ? -sums[i] : sums[i];
    as_large += std::fabs(total) >= std::fabs(observed) - 1e-10;
  }
  return static_cast<double>(as_large) / patterns;
}

TEST(SignFlipTest, FiveClustersCanNeverReject) {
  const SignFlipTest test = FlipSigns(OneRowEach({0.5, 0.5, 0.5, 0.5, 0.5}), 1);
  EXPECT_FALSE(test.p);
  EXPECT_EQ(test.reason, "fewer than 6 clusters");
}

TEST(SignFlipTest, OneSidedDifferencesHaveTheSmallestP) {
  const SignFlipTest test = FlipSigns(OneRowEach({0.1, 0.2, 0.3, 0.4, 0.5, 0.6}), 1);
  ASSERT_TRUE(test.p);
  EXPECT_TRUE(test.exact);
  EXPECT_DOUBLE_EQ(*test.p, std::pow(2.0, -5));
}

TEST(SignFlipTest, NoDifferenceAtAllIsNoEvidence) {
  EXPECT_DOUBLE_EQ(*FlipSigns(OneRowEach(std::vector<double>(8, 0.0)), 1).p, 1);
}

TEST(SignFlipTest, EqualsTheFullEnumeration) {
  std::mt19937_64 random(5);
  std::uniform_int_distribution<int> tenths(-10, 10);
  for (int repetition = 0; repetition < 20; ++repetition) {
    std::vector<double> sums(6 + random() % 6);
    for (double& sum : sums) sum = tenths(random) / 10.0;  // many ties
    EXPECT_DOUBLE_EQ(*FlipSigns(OneRowEach(sums), 1).p, Enumerated(sums));
  }
}

TEST(SignFlipTest, DrawnSignsComeNearAllSigns) {
  std::mt19937_64 random(6);
  std::normal_distribution<double> normal(0.1, 0.3);
  std::vector<double> sums(17);
  for (double& sum : sums) sum = normal(random);
  const SignFlipTest drawn = FlipSigns(OneRowEach(sums), 42, 20'000);
  EXPECT_FALSE(drawn.exact);
  EXPECT_NEAR(*drawn.p, Enumerated(sums), 0.012);
}

TEST(SignFlipTest, TheKeyDecidesTheDraws) {
  std::vector<double> sums(40);
  for (size_t i = 0; i < sums.size(); ++i) sums[i] = std::sin(static_cast<double>(i)) + 0.1;
  EXPECT_EQ(*FlipSigns(OneRowEach(sums), 3).p, *FlipSigns(OneRowEach(sums), 3).p);
  EXPECT_NE(*FlipSigns(OneRowEach(sums), 3).p, *FlipSigns(OneRowEach(sums), 4).p);
}

TEST(SignFlipTest, ClustersFlipAsAWhole) {
  ClusterSums sums;
  for (int g = 0; g < 6; ++g) {
    for (int i = 0; i < 10; ++i) sums[g].Add(0.1);
  }
  EXPECT_DOUBLE_EQ(*FlipSigns(sums, 1).p, std::pow(2.0, -5));
}

// scipy 1.17: permutation_test((d,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
TEST(SignFlipTest, AgreesWithScipy) {
  EXPECT_DOUBLE_EQ(*FlipSigns(OneRowEach({0.31, -0.12, 0.44, 0.05, 0.27, -0.08, 0.19, 0.36}), 1).p, 0.0625);
}

}  // namespace
}  // namespace axiometer
