#include "reports/stats/cluster_error.h"

#include <gtest/gtest.h>

#include <random>

namespace axiometer {
namespace {

TEST(ClusterErrorTest, SquaresAddUpToTheVariance) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  ClusterSums sums;
  for (int i = 0; i < 30; ++i) sums[static_cast<int>(random() % 7)].Add(uniform(random));
  const ClusterMean mean = *MeanOfClusters(sums);
  double squares = 0;
  for (const auto& [cluster, error] : ClusterErrors(sums, mean)) squares += error * error;
  EXPECT_NEAR(squares, mean.variance, 1e-15);
}

TEST(ClusterErrorTest, OneClusterAddsNothing) {
  ClusterSums sums;
  sums[3].Add(0.5);
  EXPECT_TRUE(ClusterErrors(sums, *MeanOfClusters(sums)).empty());
}

}  // namespace
}  // namespace axiometer
