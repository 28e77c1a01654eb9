#include "reports/stats/pareto_front.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Scores = std::vector<SubjectScore>;

const FrontMember& Member(const ParetoFront& front, int subject) {
  for (const FrontMember& member : front.subjects) {
    if (member.subject == subject) return member;
  }
  ADD_FAILURE() << "no subject " << subject;
  return front.subjects.front();
}

// Two subjects, one dimension, the same ten tasks: the front is the one with the higher mean, and
// its probability that of a t beyond the paired difference.
TEST(ParetoFrontTest, OneDimensionIsThePairedDifference) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(0, 1);
  Scores scores;
  std::vector<double> differences;
  double mean = 0;
  for (int task = 0; task < 10; ++task) {
    const double level = normal(random);
    const double first = level + 0.3 * normal(random) + 0.1;
    const double second = level + 0.3 * normal(random);
    scores.push_back({0, 0, task, first});
    scores.push_back({1, 0, task, second});
    differences.push_back(first - second);
    mean += (first - second) / 10;
  }
  double squares = 0;
  for (const double difference : differences) squares += std::pow(difference - mean, 2);
  const double p = *TCdf(mean / std::sqrt(squares / 9 / 10), 9);
  const ParetoFront front = FrontOf(scores, 7, 20'000);
  EXPECT_NEAR(*Member(front, 0).probability, p, 4 * std::sqrt(p * (1 - p) / 20'000));
  EXPECT_NEAR(*Member(front, 0).probability + *Member(front, 1).probability, 1, 1e-12);
  EXPECT_EQ(Member(front, 0).in_front, mean > 0);
  EXPECT_EQ(Member(front, 1).in_front, mean < 0);
}

Scores Plain(const std::vector<std::vector<double>>& means, int clusters, double spread,
             std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, 1);
  Scores scores;
  for (size_t s = 0; s < means.size(); ++s) {
    for (size_t d = 0; d < means[s].size(); ++d) {
      for (int g = 0; g < clusters; ++g) {
        scores.push_back({static_cast<int>(s), static_cast<int>(d), g,
                          means[s][d] + spread * normal(random)});
      }
    }
  }
  return scores;
}

TEST(ParetoFrontTest, ClearCasesAreCertain) {
  std::mt19937_64 random(2);
  const ParetoFront front =
      FrontOf(Plain({{1, 0}, {0, 1}, {-1, -1}}, 12, 0.05, random), 8, 1000);
  EXPECT_EQ(front.reason, "");
  EXPECT_EQ(front.dimensions, (std::vector<int>{0, 1}));
  EXPECT_TRUE(Member(front, 0).in_front);
  EXPECT_TRUE(Member(front, 1).in_front);
  EXPECT_FALSE(Member(front, 2).in_front);
  EXPECT_EQ(*Member(front, 0).probability, 1);
  EXPECT_EQ(*Member(front, 1).probability, 1);
  EXPECT_EQ(*Member(front, 2).probability, 0);
  EXPECT_NEAR(Member(front, 2).means[1], -1, 0.1);
}

TEST(ParetoFrontTest, EqualSubjectsDominateNobody) {
  Scores scores;
  for (int task = 0; task < 8; ++task) {
    for (int subject = 0; subject < 2; ++subject) {
      scores.push_back({subject, 0, task, 1.0});
      scores.push_back({subject, 1, task, task % 2 ? 1.0 : 0.0});
    }
  }
  const ParetoFront front = FrontOf(scores, 9, 500);
  for (const FrontMember& member : front.subjects) {
    EXPECT_TRUE(member.in_front);
    EXPECT_EQ(*member.probability, 1);
  }
}

TEST(ParetoFrontTest, BelowSixClustersThereIsAFrontWithoutProbability) {
  std::mt19937_64 random(3);
  const ParetoFront front = FrontOf(Plain({{1, 0}, {0, 1}}, 5, 0.1, random), 1, 500);
  EXPECT_EQ(front.reason, "fewer than 6 clusters in some dimension: no probability");
  EXPECT_TRUE(front.subjects[0].in_front);
  EXPECT_FALSE(front.subjects[0].probability);
}

TEST(ParetoFrontTest, TheFrontOfMeansAlone) {
  const std::vector<std::vector<double>> means = {{0.4, 0.6}, {0.6, 0.4}, {0.4, 0.4}, {0.4, 0.6}};
  EXPECT_TRUE(IsInFront(means, 0));  // its equal dominates nobody
  EXPECT_TRUE(IsInFront(means, 1));
  EXPECT_FALSE(IsInFront(means, 2));
  EXPECT_TRUE(IsInFront(means, 3));
}

TEST(ParetoFrontTest, WhatIsIncompleteIsNamed) {
  std::mt19937_64 random(4);
  Scores scores = Plain({{1, 0}, {0, 1}}, 8, 0.1, random);
  scores.push_back({7, 0, 0, 5});
  const ParetoFront front = FrontOf(scores, 1, 500);
  EXPECT_EQ(front.incomplete, (std::vector<int>{7}));
  EXPECT_EQ(front.subjects.size(), 2u);
  EXPECT_EQ(FrontOf({}, 1, 500).reason, "never scored");
  EXPECT_EQ(FrontOf(Scores{{0, 0, 0, 1}, {1, 1, 0, 1}}, 1, 500).reason,
            "no subject has a score in every dimension");
  EXPECT_EQ(FrontOf(Plain({{1, 0}}, 8, 0.1, random), 1, 500).reason, "fewer than two subjects");
}

}  // namespace
}  // namespace axiometer
