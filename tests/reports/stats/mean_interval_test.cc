#include "reports/stats/mean_interval.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace axiometer {
namespace {

using Rows = std::vector<Observation>;

Rows OwnClusters(const std::vector<double>& scores) {
  Rows rows;
  for (size_t i = 0; i < scores.size(); ++i) rows.push_back({scores[i], static_cast<int>(i), 0});
  return rows;
}

double T(double level, double df) {
  return boost::math::quantile(boost::math::students_t(df), 0.5 + level / 2);
}

TEST(MeanIntervalTest, NothingScoredHasNoValueAndSaysSo) {
  const Estimate estimate = MeanInterval({});
  EXPECT_FALSE(estimate.value);
  EXPECT_FALSE(estimate.interval);
  EXPECT_EQ(estimate.reason, "never scored");
}

TEST(MeanIntervalTest, OneRowHasAValueWithoutInterval) {
  const Estimate estimate = MeanInterval(OwnClusters({0.4}));
  EXPECT_EQ(estimate.value, 0.4);
  EXPECT_FALSE(estimate.interval);
  EXPECT_EQ(estimate.reason, "scored once");
}

TEST(MeanIntervalTest, OneClusterHasAValueWithoutInterval) {
  const Estimate estimate = MeanInterval(Rows{{0.25, 7, 0}, {0.75, 7, 0}});
  EXPECT_EQ(estimate.value, 0.5);
  EXPECT_FALSE(estimate.interval);
  EXPECT_EQ(estimate.reason, "all in one cluster");
}

TEST(MeanIntervalTest, ScoresThatAreNoSharesAreRefused) {
  for (const double bad : {1.5, -0.1, std::nan(""), HUGE_VAL}) {
    const Estimate estimate = MeanInterval(OwnClusters({0.5, bad}));
    EXPECT_FALSE(estimate.value);
    EXPECT_EQ(estimate.reason, "a score lies outside 0 to 1");
  }
}

// Equal clusters: V is the plain variance of the cluster means over G, and df = G - 1.
TEST(MeanIntervalTest, EqualClustersAgreeWithTheHandWorkedForm) {
  const Estimate estimate = MeanInterval(OwnClusters({0.2, 0.4, 0.6, 0.8}));
  const double m = 0.5;
  const double v = (0.09 + 0.01 + 0.01 + 0.09) / 3 / 4;
  const double t = T(0.95, 3);
  const double n = m * (1 - m) / v;
  const double half = t * std::sqrt(m * (1 - m) / n + t * t / (4 * n * n)) / (1 + t * t / n);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->low, 0.5 - half, 1e-12);
  EXPECT_NEAR(estimate.interval->high, 0.5 + half, 1e-12);
  EXPECT_EQ(estimate.caution, "few or unequal clusters");
}

TEST(MeanIntervalTest, TwoClustersArePrintedWithACaution) {
  const Estimate estimate = MeanInterval(Rows{{0.2, 0, 0}, {0.4, 0, 0}, {0.6, 1, 0}, {0.9, 1, 0}});
  ASSERT_TRUE(estimate.interval);
  EXPECT_EQ(estimate.caution, "two clusters");
}

TEST(MeanIntervalTest, FewClustersAreSaidToBeConservative) {
  EXPECT_EQ(MeanInterval(OwnClusters({0.2, 0.4, 0.5, 0.6, 0.8})).caution,
            "few clusters: wider than 95 % for 0/1 scores and near an edge");
  EXPECT_EQ(MeanInterval(OwnClusters({0.2, 0.4, 0.5, 0.5, 0.6, 0.8})).caution, "");
}

TEST(MeanIntervalTest, EqualScoresAtTheEdgeAreClopperPearson) {
  const Estimate all = MeanInterval(OwnClusters(std::vector<double>(20, 1.0)), ScoreScale::kBinary);
  ASSERT_TRUE(all.interval);
  EXPECT_NEAR(all.interval->low, std::pow(0.025, 1.0 / 20), 1e-12);
  EXPECT_EQ(all.interval->high, 1.0);
  const Estimate none = MeanInterval(OwnClusters(std::vector<double>(20, 0.0)));
  EXPECT_EQ(none.interval->low, 0.0);
  EXPECT_NEAR(none.interval->high, 1 - std::pow(0.025, 1.0 / 20), 1e-12);
}

TEST(MeanIntervalTest, EqualScoresInTheMiddleStillHaveWidth) {
  const Estimate estimate = MeanInterval(OwnClusters({0.5, 0.5, 0.5, 0.5}));
  ASSERT_TRUE(estimate.interval);
  const double b = 1 - std::pow(0.025, 0.25);
  EXPECT_NEAR(estimate.interval->low, 0.5 - 0.5 * b, 1e-12);
  EXPECT_NEAR(estimate.interval->high, 0.5 + 0.5 * b, 1e-12);
}

TEST(MeanIntervalTest, BinaryScoresCountAtMostAsManyAsTheyAre) {
  // Two clusters that balance exactly would claim far more than ten rows.
  Rows rows;
  for (int i = 0; i < 10; ++i) rows.push_back({i % 2 == 0 ? 1.0 : 0.0, i / 2, 0});
  rows[1].score = 1;
  const Estimate graded = MeanInterval(rows);
  const Estimate binary = MeanInterval(rows, ScoreScale::kBinary);
  EXPECT_GE(binary.interval->high - binary.interval->low,
            graded.interval->high - graded.interval->low);
}

TEST(MeanIntervalTest, OrderAndClusterNamesDoNotMatter) {
  const Rows rows{{0.1, 0, 0}, {0.9, 1, 0}, {0.4, 2, 0}, {0.6, 0, 0}, {0.5, 2, 0}};
  const Rows other{{0.5, 99, 0}, {0.6, -4, 0}, {0.4, 99, 0}, {0.9, 3, 0}, {0.1, -4, 0}};
  EXPECT_NEAR(MeanInterval(rows).interval->low, MeanInterval(other).interval->low, 1e-14);
  EXPECT_NEAR(MeanInterval(rows).interval->high, MeanInterval(other).interval->high, 1e-14);
}

// The slow obvious version: the regression on dimension indicators with explicit matrices.
// Residual maker M = I - X(X'X)^-1X', adjusted clusters A_g = (I - H_gg)^-1/2 (here by the closed
// form of one eigenvector per dimension, built as a full matrix and checked by squaring), variance
// sum of squares, df by Satterthwaite from the full quadratic forms.
struct Slow {
  double mean = 0;
  double variance = 0;
  double df = 0;
};

Slow SlowSystemMean(const Rows& rows) {
  const size_t n = rows.size();
  std::set<int> dimensions;
  std::set<int> clusters;
  for (const Observation& row : rows) {
    dimensions.insert(row.dimension);
    clusters.insert(row.cluster);
  }
  std::map<int, double> size;
  for (const Observation& row : rows) size[row.dimension] += 1;
  const double c = 1.0 / static_cast<double>(dimensions.size());
  Slow slow;
  for (const Observation& row : rows) slow.mean += c * row.score / size[row.dimension];
  const auto hat = [&](size_t i, size_t j) {
    return rows[i].dimension == rows[j].dimension ? 1 / size[rows[i].dimension] : 0.0;
  };
  // p_g: the vector a_g with S_g = a_g' y; then V = sum (a_g'y)^2.
  std::vector<std::vector<double>> a;
  for (const int cluster : clusters) {
    std::vector<double> weights(n, 0.0);  // A_g X (X'X)^-1 c on the rows of g
    for (size_t i = 0; i < n; ++i) {
      if (rows[i].cluster != cluster) continue;
      double block = 0;
      for (const Observation& row : rows) {
        block += row.cluster == cluster && row.dimension == rows[i].dimension;
      }
      const double remaining = 1 - block / size[rows[i].dimension];
      const double f = remaining > 0 ? 1 / std::sqrt(remaining) : 0;
      weights[i] = f * c / size[rows[i].dimension];
    }
    std::vector<double> through(n, 0.0);  // (I - H) weights
    for (size_t i = 0; i < n; ++i) {
      through[i] = weights[i];
      for (size_t j = 0; j < n; ++j) through[i] -= hat(i, j) * weights[j];
    }
    a.push_back(through);
    double s = 0;
    for (size_t i = 0; i < n; ++i) s += through[i] * rows[i].score;
    slow.variance += s * s;
  }
  double trace = 0;
  double square = 0;
  for (const auto& left : a) {
    for (size_t i = 0; i < n; ++i) trace += left[i] * left[i];
    for (const auto& right : a) {
      double dot = 0;
      for (size_t i = 0; i < n; ++i) dot += left[i] * right[i];
      square += dot * dot;
    }
  }
  slow.df = trace * trace / square;
  return slow;
}

Interval Wilson(const Slow& slow) {
  const double t = T(0.95, slow.df);
  const double m = slow.mean;
  const double n = m * (1 - m) / slow.variance;
  const double centre = m + t * t / (2 * n);
  const double half = t * std::sqrt(m * (1 - m) / n + t * t / (4 * n * n));
  return {0.95, (centre - half) / (1 + t * t / n), (centre + half) / (1 + t * t / n)};
}

TEST(MeanIntervalTest, ClosedFormsEqualTheSlowObviousVersion) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int design = 0; design < 40; ++design) {
    const int tasks = 6 + static_cast<int>(random() % 20);
    const int clusters = 3 + static_cast<int>(random() % 5);
    const int values = 2 + static_cast<int>(random() % 4);
    Rows both_sides;
    Rows one_side;
    for (int i = 0; i < tasks; ++i) {
      const int cluster = i < clusters ? i : static_cast<int>(random() % clusters);
      const int a = static_cast<int>(random() % values);
      both_sides.push_back({uniform(random), cluster, a});
      both_sides.push_back({uniform(random), cluster, (a + 1) % values});
      one_side.push_back({uniform(random), cluster, 0});
    }
    const Slow one = SlowSystemMean(one_side);
    const Estimate mean = MeanInterval(one_side);
    EXPECT_NEAR(*mean.value, one.mean, 1e-12);
    EXPECT_NEAR(mean.interval->low, Wilson(one).low, 1e-10);
    EXPECT_NEAR(mean.interval->high, Wilson(one).high, 1e-10);

    const Slow both = SlowSystemMean(both_sides);
    const Estimate system = SystemMean(both_sides);
    EXPECT_NEAR(*system.value, both.mean, 1e-12);
    EXPECT_NEAR(system.interval->low, Wilson(both).low, 1e-9);
    EXPECT_NEAR(system.interval->high, Wilson(both).high, 1e-9);
  }
}

TEST(MeanIntervalTest, SystemOfOneDimensionIsThatDimension) {
  const Rows rows{{0.1, 0, 3}, {0.9, 1, 3}, {0.4, 2, 3}, {0.6, 0, 3}, {0.5, 2, 3}};
  EXPECT_NEAR(MeanInterval(rows).interval->low, SystemMean(rows).interval->low, 1e-12);
  EXPECT_NEAR(MeanInterval(rows).interval->high, SystemMean(rows).interval->high, 1e-12);
}

TEST(MeanIntervalTest, SystemWhoseDimensionsLiveInOneClusterEachHasNoInterval) {
  const Estimate estimate = SystemMean(Rows{{0.1, 0, 0}, {0.2, 0, 0}, {0.8, 1, 1}, {0.9, 1, 1}});
  EXPECT_NEAR(*estimate.value, 0.5, 1e-12);
  EXPECT_FALSE(estimate.interval);
  EXPECT_EQ(estimate.reason, "each dimension seen in one cluster only");
}

TEST(MeanIntervalTest, SystemSaysWhichDimensionsAddNoVariance) {
  Rows rows;
  for (int i = 0; i < 12; ++i) rows.push_back({(i % 5) / 5.0, i % 6, 0});
  rows.push_back({0.3, 1, 1});
  rows.push_back({0.6, 1, 1});
  EXPECT_EQ(SystemMean(rows).caution, "1 of 2 dimensions seen in one cluster; interval too narrow");
}

TEST(MeanIntervalTest, WorstCaseHoldsEveryFilling) {
  const Rows lowest{{0.5, 0, 0}, {0.7, 1, 0}, {0.0, 2, 0}, {0.25, 3, 0}};
  const Rows highest{{0.5, 0, 0}, {0.7, 1, 0}, {1.0, 2, 0}, {0.75, 3, 0}};
  const std::optional<Bounds> bounds = WorstCase(lowest, highest);
  ASSERT_TRUE(bounds);
  EXPECT_NEAR(bounds->low, 1.45 / 4, 1e-12);
  EXPECT_NEAR(bounds->high, 2.95 / 4, 1e-12);
  EXPECT_LT(*bounds->low_with_sampling, bounds->low);
  EXPECT_GT(*bounds->high_with_sampling, bounds->high);
}

// A short simulation: 25 cases and 5 environments of 8 tasks. 400 repetitions have a standard
// error of 1.1 points; 3.3 are allowed.
double Coverage(int clusters, int rows_each, double truth, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 1);
  const auto expit = [](double x) { return 1 / (1 + std::exp(-x)); };
  // The true mean of the clipped scores, by a large sample from the same recipe.
  const auto draw = [&](double effect) {
    return std::round(4 * expit(std::log(truth / (1 - truth)) + effect + normal(random))) / 4;
  };
  double mean = 0;
  for (int i = 0; i < 200'000; ++i) mean += draw(0.6 * normal(random)) / 200'000;
  int covered = 0;
  for (int repetition = 0; repetition < 400; ++repetition) {
    Rows rows;
    for (int g = 0; g < clusters; ++g) {
      const double effect = 0.6 * normal(random);
      for (int i = 0; i < rows_each; ++i) rows.push_back({draw(effect), g, 0});
    }
    const Estimate estimate = MeanInterval(rows);
    covered +=
        estimate.interval && estimate.interval->low <= mean && mean <= estimate.interval->high;
  }
  return covered / 400.0;
}

TEST(MeanIntervalTest, CoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(Coverage(25, 1, 0.6, 1), 0.95, 0.033);
  EXPECT_NEAR(Coverage(5, 8, 0.6, 2), 0.95, 0.033);
  EXPECT_NEAR(Coverage(5, 8, 0.9, 3), 0.95, 0.033);
  EXPECT_GE(Coverage(2, 10, 0.6, 4), 0.95 - 0.033);  // bounded by the range: conservative
}

}  // namespace
}  // namespace axiometer
