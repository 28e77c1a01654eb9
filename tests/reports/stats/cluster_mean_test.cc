#include "reports/stats/cluster_mean.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

ClusterSums SumsOf(const std::vector<std::vector<double>>& clusters) {
  ClusterSums sums;
  for (size_t g = 0; g < clusters.size(); ++g) {
    for (const double score : clusters[g]) sums[static_cast<int>(g)].Add(score);
  }
  return sums;
}

TEST(ClusterMeanTest, NoRowsHaveNoMean) { EXPECT_FALSE(MeanOfClusters({})); }

TEST(ClusterMeanTest, OneClusterHasAMeanAndNoDegreesOfFreedom) {
  const ClusterMean mean = *MeanOfClusters(SumsOf({{0.2, 0.4}}));
  EXPECT_DOUBLE_EQ(mean.mean, 0.3);
  EXPECT_EQ(mean.df, 0);
  EXPECT_FALSE(TLimits(mean, 0.95, 0, 1));
  EXPECT_FALSE(WilsonLimits(mean, HUGE_VAL, 0.95));
}

TEST(ClusterMeanTest, EqualClustersHaveOneDegreeOfFreedomLessThanClusters) {
  const ClusterMean mean = *MeanOfClusters(SumsOf({{0.1, 0.3}, {0.5, 0.2}, {0.9, 0.4}, {0, 1}}));
  EXPECT_NEAR(mean.df, 3, 1e-12);
  // Cluster means 0.2, 0.35, 0.65, 0.5 around 0.425: their plain variance over 4.
  EXPECT_NEAR(mean.variance, (0.225 * 0.225 + 0.075 * 0.075 * 2 + 0.225 * 0.225) / 3 / 4, 1e-15);
}

// Worked by hand: p = 1/24, 1/24, 1/12, 1/6, 2/3; the largest cluster is most of the mean.
TEST(ClusterMeanTest, UnequalClustersHaveFewDegreesOfFreedom) {
  ClusterSums sums;
  int cluster = 0;
  for (const double size : {1, 1, 2, 4, 16}) sums[cluster++] = {size * 0.5, size};
  EXPECT_NEAR(MeanOfClusters(sums)->df, 1.7, 0.05);
}

// The slow obvious version: (I - H_gg)^(-1/2) of every cluster as a matrix. H_gg is (1/N) 11', so
// its root is I + c 11' with c chosen by squaring.
TEST(ClusterMeanTest, EqualsTheExplicitMatrices) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int design = 0; design < 30; ++design) {
    std::vector<std::vector<double>> clusters(3 + random() % 6);
    double n = 0;
    double total = 0;
    for (auto& scores : clusters) {
      scores.resize(1 + random() % 7);
      for (double& score : scores) {
        score = uniform(random);
        total += score;
        n += 1;
      }
    }
    const double m = total / n;
    const auto rows = static_cast<size_t>(n);
    std::vector<std::vector<double>> through;  // (I - H)_g' A_g 1/N: one vector a cluster
    double variance = 0;
    size_t first = 0;
    for (const auto& scores : clusters) {
      const size_t size = scores.size();
      const double root = (1 / std::sqrt(1 - static_cast<double>(size) / n) - 1) /
                          static_cast<double>(size);  // A = I + root 11'
      std::vector<double> weights(rows, 0);
      double score_sum = 0;
      for (size_t i = 0; i < size; ++i) {
        double adjusted = 0;  // row i of A, summed
        for (size_t j = 0; j < size; ++j) adjusted += (i == j ? 1 : 0) + root;
        weights[first + i] = adjusted / n;
        score_sum += adjusted / n * (scores[i] - m);
      }
      variance += score_sum * score_sum;
      double sum = 0;
      for (const double weight : weights) sum += weight;
      for (double& weight : weights) weight -= sum / n;
      through.push_back(weights);
      first += size;
    }
    double trace = 0;
    double square = 0;
    for (size_t g = 0; g < through.size(); ++g) {
      for (size_t h = 0; h < through.size(); ++h) {
        double dot = 0;
        for (size_t i = 0; i < rows; ++i) dot += through[g][i] * through[h][i];
        square += dot * dot;
        if (g == h) trace += dot;
      }
    }
    const ClusterMean mean = *MeanOfClusters(SumsOf(clusters));
    EXPECT_NEAR(mean.variance, variance, 1e-12);
    EXPECT_NEAR(mean.df, trace * trace / square, 1e-9);
  }
}

TEST(ClusterMeanTest, LimitsOfAMeanFarFromTheEdgesAreSymmetric) {
  const ClusterMean mean = *MeanOfClusters(SumsOf({{0.1}, {0.2}, {-0.1}, {0.3}}));
  const ScoreLimits limits = *TLimits(mean, 0.95, -1, 1);
  const double half = *UpperTQuantile(0.025, 3) * std::sqrt(mean.variance);
  EXPECT_NEAR(limits.low, 0.125 - half, 1e-12);
  EXPECT_NEAR(limits.high, 0.125 + half, 1e-12);
}

TEST(ClusterMeanTest, LimitsStayInTheRange) {
  const ScoreLimits limits = *TLimits(*MeanOfClusters(SumsOf({{1}, {-0.9}})), 0.95, -1, 1);
  EXPECT_EQ(limits.low, -1);
  EXPECT_EQ(limits.high, 1);
}

TEST(ClusterMeanTest, EqualMeansHaveClopperPearsonsLimitsAtTheEdges) {
  const ClusterMean mean = *MeanOfClusters(SumsOf({{0.3}, {0.3}, {0.3}}));
  EXPECT_TRUE(mean.no_spread());
  EXPECT_FALSE(TLimits(mean, 0.95, -1, 1));
  const ScoreLimits top = EqualMeansLimits(1, 20, 0.95, -1, 1);
  EXPECT_NEAR(top.low, 1 - 2 * (1 - std::pow(0.025, 1.0 / 20)), 1e-12);
  EXPECT_EQ(top.high, 1);
}

TEST(ClusterMeanTest, FewClustersAreCautionedAgainst) {
  EXPECT_EQ(ClusterCaution(*MeanOfClusters(SumsOf({{0.1}, {0.3}}))), "two clusters");
  EXPECT_EQ(ClusterCaution(*MeanOfClusters(SumsOf({{0.1}, {0.3}, {0.5}}))),
            "few or unequal clusters");
  EXPECT_EQ(ClusterCaution(*MeanOfClusters(SumsOf({{0.1}, {0.3}, {0.5}, {0}, {1}}))), "");
}

}  // namespace
}  // namespace axiometer
