#include "reports/stats/rater_severity.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Scores = std::vector<RaterScore>;

// Two raters on the same items: half the mean difference either way.
TEST(RaterSeverityTest, TwoRatersAreHalfTheirDifferenceApart) {
  const Scores scores{{0, 0, 5, 0.9}, {0, 0, 9, 0.5}, {1, 0, 5, 0.4}, {1, 0, 9, 0.2},
                      {2, 0, 5, 0.6}, {2, 0, 9, 0.6}};
  const std::vector<RaterSeverity> raters = RaterSeverities(scores);
  ASSERT_EQ(raters.size(), 2u);
  EXPECT_EQ(raters[0].rater, 5);
  EXPECT_EQ(raters[0].ratings, 3);
  EXPECT_NEAR(*raters[0].severity.value, 0.1, 1e-12);
  EXPECT_NEAR(*raters[1].severity.value, -0.1, 1e-12);
  // The jackknife of a mean is its ordinary standard error: half differences 0.2, 0.1, 0.
  const double half = *UpperTQuantile(0.025, 2) * std::sqrt(0.02 / 2 / 3);
  EXPECT_NEAR(raters[0].severity.interval->low, 0.1 - half, 1e-12);
  EXPECT_NEAR(raters[0].severity.interval->high, 0.1 + half, 1e-12);
}

// Rater 2 never met rater 0: what rater 1 says of both connects them.
TEST(RaterSeverityTest, ChainsOfCommonItemsConnectRaters) {
  const Scores scores{{0, 0, 0, 0.5}, {0, 0, 1, 0.3}, {1, 0, 1, 0.9}, {1, 0, 2, 0.8},
                      {2, 0, 0, 0.7}, {2, 0, 1, 0.5}, {3, 0, 1, 0.4}, {3, 0, 2, 0.3}};
  const std::vector<RaterSeverity> raters = RaterSeverities(scores);
  EXPECT_EQ(raters[2].component, 0);
  EXPECT_NEAR(*raters[0].severity.value - *raters[2].severity.value, 0.3, 1e-12);
  EXPECT_EQ(raters[0].severity.reason, "no variation between clusters");
}

TEST(RaterSeverityTest, RatersWithoutCommonItemsAreNotCompared) {
  const Scores scores{{0, 0, 0, 0.5}, {0, 0, 1, 0.3}, {1, 0, 2, 0.9}, {1, 0, 3, 0.8},
                      {2, 0, 4, 0.1}};
  const std::vector<RaterSeverity> raters = RaterSeverities(scores);
  EXPECT_EQ(raters[0].component, raters[1].component);
  EXPECT_NE(raters[1].component, raters[2].component);
  EXPECT_NEAR(*raters[2].severity.value, 0.05, 1e-12);
  EXPECT_EQ(raters[2].severity.reason, "rests on one cluster");
  EXPECT_FALSE(raters[4].severity.value);
  EXPECT_EQ(raters[4].severity.reason, "no item in common with another rater");
}

TEST(RaterSeverityTest, OneClusterHasNoInterval) {
  const std::vector<RaterSeverity> raters = RaterSeverities(
      Scores{{0, 0, 0, 0.5}, {0, 0, 1, 0.3}, {0, 1, 0, 0.5}, {0, 1, 1, 0.4}});
  EXPECT_NEAR(*raters[0].severity.value, 0.075, 1e-12);
  EXPECT_EQ(raters[0].severity.reason, "all in one cluster");
  EXPECT_TRUE(RaterSeverities({}).empty());
}

// Items and raters as columns, least squares on all rows, severities less their mean.
std::vector<double> SlowSeverities(const Scores& scores, int raters) {
  std::map<std::pair<int, int>, int> items;
  for (const RaterScore& score : scores) {
    items.emplace(std::pair(score.cluster, score.item), static_cast<int>(items.size()));
  }
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(scores.size()),
                                            raters + static_cast<Eigen::Index>(items.size()));
  Eigen::VectorXd y(x.rows());
  for (size_t i = 0; i < scores.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    x(row, scores[i].rater) = 1;
    x(row, raters + items[{scores[i].cluster, scores[i].item}]) = 1;
    y(row) = scores[i].score;
  }
  const Eigen::VectorXd all = x.completeOrthogonalDecomposition().solve(y);
  std::vector<double> severities(all.begin(), all.begin() + raters);
  double mean = 0;
  for (const double severity : severities) mean += severity / raters;
  for (double& severity : severities) severity -= mean;
  return severities;
}

TEST(RaterSeverityTest, EqualsTheSlowObviousVersion) {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int design = 0; design < 20; ++design) {
    const int raters = 2 + design % 3;
    Scores scores;
    for (int g = 0; g < 6; ++g) {
      for (int item = 0; item < 3; ++item) {
        for (int rater = 0; rater < raters; ++rater) {
          if (g > 1 && random() % 3 == 0) continue;
          scores.push_back({g, item, rater, uniform(random) + 0.1 * rater});
        }
      }
    }
    const std::vector<double> slow = SlowSeverities(scores, raters);
    std::shuffle(scores.begin(), scores.end(), random);
    const std::vector<RaterSeverity> fast = RaterSeverities(scores);
    for (int rater = 0; rater < raters; ++rater) {
      EXPECT_NEAR(*fast[rater].severity.value, slow[rater], 1e-10);
      std::vector<double> left_out;
      double mean = 0;
      for (int g = 0; g < 6; ++g) {
        Scores rest;
        for (const RaterScore& score : scores) {
          if (score.cluster != g) rest.push_back(score);
        }
        left_out.push_back(SlowSeverities(rest, raters)[rater]);
        mean += left_out.back() / 6;
      }
      double squares = 0;
      for (const double value : left_out) squares += (value - mean) * (value - mean);
      const double half = *UpperTQuantile(0.025, 5) * std::sqrt(squares * 5 / 6);
      EXPECT_NEAR(fast[rater].severity.interval->high - slow[rater], half, 1e-9);
    }
  }
}

}  // namespace
}  // namespace axiometer
