#include "reports/stats/profile_similarity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Sums = std::vector<ProfileSums>;

// Each dimension in `clusters` clusters of one row; row i differs from the mean by `noise`, which
// averages out.
Sums Profiles(const std::vector<double>& first, const std::vector<double>& second, int clusters,
              double noise) {
  Sums sums;
  for (size_t k = 0; k < first.size(); ++k) {
    for (int g = 0; g < clusters; ++g) {
      const double swing = noise * (2.0 * g / (clusters - 1) - 1);
      const double other = k % 2 == 0 ? swing : -swing;
      sums.push_back({static_cast<int>(k), g, {first[k] + swing, 1}, {second[k] + other, 1}});
    }
  }
  return sums;
}

const std::vector<double> kOne = {0.31, 0.52, 0.44, 0.75, 0.62, 0.57};
const std::vector<double> kSecond = {0.42, 0.40, 0.45, 0.66, 0.71, 0.30};

TEST(ProfileSimilarityTest, FourDimensionsAreTooFew) {
  const ProfileSimilarity alike =
      CompareProfiles(Profiles({0.1, 0.2, 0.3, 0.4}, {0.1, 0.2, 0.3, 0.4}, 5, 0.1));
  EXPECT_EQ(alike.dimensions, 4);
  for (const Estimate& estimate :
       {alike.pearson, alike.spearman, alike.corrected, alike.distance}) {
    EXPECT_FALSE(estimate.value);
    EXPECT_EQ(estimate.reason, "fewer than 5 common dimensions");
  }
}

TEST(ProfileSimilarityTest, DimensionsOfOneSubjectAreLeftOut) {
  Sums sums = Profiles(kOne, kSecond, 6, 0.1);
  const ProfileSimilarity without = CompareProfiles(sums);
  for (int g = 0; g < 6; ++g) sums.push_back({77, g, {0.9, 1}, {}});
  const ProfileSimilarity with = CompareProfiles(sums);
  EXPECT_EQ(with.dimensions, 6);
  EXPECT_EQ(*with.pearson.value, *without.pearson.value);
  EXPECT_EQ(with.pearson.interval->low, without.pearson.interval->low);
}

// scipy: pearsonr(kOne, kSecond), spearmanr(kOne, kSecond).
TEST(ProfileSimilarityTest, CorrelationsAreThoseOfTheMeans) {
  const ProfileSimilarity alike = CompareProfiles(Profiles(kOne, kSecond, 6, 0.1));
  EXPECT_NEAR(*alike.pearson.value, 0.5739608538597578, 1e-12);
  EXPECT_NEAR(*alike.spearman.value, 0.4285714285714286, 1e-12);
}

// scipy: spearmanr([1, 2, 2, 4, 5], [2, 1, 4, 4, 9]) of the tenths.
TEST(ProfileSimilarityTest, TiedDimensionsShareTheirRank) {
  const ProfileSimilarity alike =
      CompareProfiles(Profiles({0.1, 0.2, 0.2, 0.4, 0.5}, {0.2, 0.1, 0.4, 0.4, 0.9}, 5, 0.05));
  EXPECT_NEAR(*alike.spearman.value, 0.7631578947368421, 1e-12);
}

TEST(ProfileSimilarityTest, AFlatProfileHasNoCorrelationButADistance) {
  const ProfileSimilarity alike =
      CompareProfiles(Profiles({0.5, 0.5, 0.5, 0.5, 0.5}, {0.1, 0.2, 0.3, 0.4, 0.5}, 5, 0.01));
  EXPECT_FALSE(alike.pearson.value);
  EXPECT_EQ(alike.pearson.reason, "all dimensions equal in one of the profiles");
  EXPECT_EQ(alike.spearman.reason, "all dimensions equal in one of the profiles");
  EXPECT_EQ(alike.corrected.reason, "all dimensions equal in one of the profiles");
  EXPECT_NEAR(*alike.distance.value, std::sqrt((0.16 + 0.09 + 0.04 + 0.01) / 5), 1e-3);
}

TEST(ProfileSimilarityTest, EqualProfilesAreApartByNoMoreThanNoise) {
  const ProfileSimilarity alike = CompareProfiles(Profiles(kOne, kOne, 6, 0.2));
  EXPECT_EQ(*alike.distance.value, 0);
  EXPECT_EQ(*alike.pearson.value, 1);
  EXPECT_EQ(alike.pearson.reason, "perfect correlation: no interval");
}

TEST(ProfileSimilarityTest, NothingCanBeLeftOutOfOneCluster) {
  Sums sums = Profiles(kOne, kSecond, 6, 0.1);
  std::erase_if(sums,
                [](const ProfileSums& entry) { return entry.dimension == 2 && entry.cluster > 0; });
  const ProfileSimilarity alike = CompareProfiles(sums);
  EXPECT_TRUE(alike.pearson.value);
  EXPECT_FALSE(alike.pearson.interval);
  EXPECT_EQ(alike.pearson.reason, "a dimension was seen in one cluster only");
  EXPECT_FALSE(alike.distance.value);
  EXPECT_EQ(alike.distance.reason, "a dimension was seen in one cluster only");
}

TEST(ProfileSimilarityTest, WhatKnowsItsNoiseNeedsThreeClustersForAnInterval) {
  const ProfileSimilarity alike = CompareProfiles(Profiles(kOne, kSecond, 2, 0.01));
  EXPECT_TRUE(alike.distance.value);
  EXPECT_EQ(alike.distance.reason, "undefined without one of the clusters");
  EXPECT_TRUE(alike.corrected.value);
  EXPECT_EQ(alike.corrected.reason, "undefined without one of the clusters");
  EXPECT_EQ(alike.pearson.caution, "two clusters");
}

TEST(ProfileSimilarityTest, NoiseThatHidesTheProfileLeavesNoCorrectedCorrelation) {
  // Every cluster has another order of dimensions: all that differs between means is noise.
  Sums sums;
  for (int g = 0; g < 5; ++g) {
    for (int k = 0; k < 5; ++k) {
      const double score = 0.2 * ((g + k) % 5) + 0.001 * k;
      sums.push_back({k, g, {score, 1}, {score, 1}});
    }
  }
  const ProfileSimilarity alike = CompareProfiles(sums);
  EXPECT_EQ(alike.corrected.reason, "noise as large as the differences between dimensions");
}

TEST(ProfileSimilarityTest, ExchangingTheSubjectsChangesNothing) {
  const Sums sums = Profiles(kOne, kSecond, 6, 0.1);
  Sums other;
  for (const ProfileSums& entry : sums) {
    other.push_back({-entry.dimension, entry.cluster + 9, entry.second, entry.first});
  }
  const ProfileSimilarity one = CompareProfiles(sums);
  const ProfileSimilarity two = CompareProfiles(other);
  EXPECT_NEAR(one.pearson.interval->low, two.pearson.interval->low, 1e-12);
  EXPECT_NEAR(one.spearman.interval->high, two.spearman.interval->high, 1e-12);
  EXPECT_NEAR(one.distance.interval->high, two.distance.interval->high, 1e-12);
}

// The slow obvious version: from all rows, everything afresh for every cluster left out.
struct Row {
  int dimension;
  int cluster;
  double first;
  double second;
};

double SlowSquare(const std::vector<Row>& rows, int left_out) {
  std::map<int, std::map<int, std::pair<double, double>>> by_dimension;  // sum and count
  for (const Row& row : rows) {
    if (row.cluster == left_out) continue;
    auto& [sum, count] = by_dimension[row.dimension][row.cluster];
    sum += row.first - row.second;
    count += 1;
  }
  double square = 0;
  for (const auto& [dimension, clusters] : by_dimension) {
    ClusterSums sums;
    for (const auto& [cluster, sum] : clusters) sums[cluster] = {sum.first, sum.second};
    const ClusterMean mean = *MeanOfClusters(sums);
    square += mean.mean * mean.mean - mean.variance;
  }
  return square / static_cast<double>(by_dimension.size());
}

double SlowPearson(const std::vector<Row>& rows, int left_out) {
  std::map<int, std::vector<double>> sums;  // first, second, count
  for (const Row& row : rows) {
    if (row.cluster == left_out) continue;
    std::vector<double>& sum = sums[row.dimension];
    sum.resize(3);
    sum[0] += row.first;
    sum[1] += row.second;
    sum[2] += 1;
  }
  const auto n = static_cast<double>(sums.size());
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (const auto& [dimension, sum] : sums) {
    const double a = sum[0] / sum[2];
    const double b = sum[1] / sum[2];
    x += a / n;
    y += b / n;
    xx += a * a / n;
    yy += b * b / n;
    xy += a * b / n;
  }
  return (xy - x * y) / std::sqrt((xx - x * x) * (yy - y * y));
}

// One row for each cluster and dimension: the noise of the means is the plain covariance over
// clusters, around the cluster's mean over dimensions.
TEST(ProfileSimilarityTest, TheCorrectionTakesOffTheCovarianceOfTheMeans) {
  std::mt19937_64 random(21);
  std::normal_distribution<double> normal(0, 1);
  constexpr int kDimensions = 7;
  constexpr int kClusters = 9;
  double x[kClusters][kDimensions];
  double y[kClusters][kDimensions];
  Sums sums;
  for (int g = 0; g < kClusters; ++g) {
    for (int k = 0; k < kDimensions; ++k) {
      const double shared = 0.05 * normal(random);
      x[g][k] = 0.2 + 0.08 * k + shared + 0.05 * normal(random);
      y[g][k] = 0.3 + 0.06 * (k % 3) + shared + 0.05 * normal(random);
      sums.push_back({k, g, {x[g][k], 1}, {y[g][k], 1}});
    }
  }
  const auto corrected = [&](int left_out) {
    const double g_count = left_out < 0 ? kClusters : kClusters - 1;
    double mean_x[kDimensions] = {}, mean_y[kDimensions] = {};
    for (int g = 0; g < kClusters; ++g) {
      for (int k = 0; k < kDimensions && g != left_out; ++k) {
        mean_x[k] += x[g][k] / g_count;
        mean_y[k] += y[g][k] / g_count;
      }
    }
    double xx = 0, yy = 0, xy = 0;
    const auto centre = [&](const double* row) {
      double mean = 0;
      for (int k = 0; k < kDimensions; ++k) mean += row[k] / kDimensions;
      return mean;
    };
    const auto add = [&](const double* a, const double* b, double weight) {
      for (int k = 0; k < kDimensions; ++k) {
        xx += weight * std::pow(a[k] - centre(a), 2);
        yy += weight * std::pow(b[k] - centre(b), 2);
        xy += weight * (a[k] - centre(a)) * (b[k] - centre(b));
      }
    };
    add(mean_x, mean_y, 1);
    for (int g = 0; g < kClusters; ++g) {
      if (g == left_out) continue;
      double a[kDimensions], b[kDimensions];
      for (int k = 0; k < kDimensions; ++k) {
        a[k] = x[g][k] - mean_x[k];
        b[k] = y[g][k] - mean_y[k];
      }
      add(a, b, -1 / (g_count * (g_count - 1)));
    }
    return xy / std::sqrt(xx * yy);
  };
  const ProfileSimilarity alike = CompareProfiles(sums);
  EXPECT_NEAR(*alike.corrected.value, corrected(-1), 1e-10);
  double mean = 0;
  for (int g = 0; g < kClusters; ++g) mean += corrected(g) / kClusters;
  double squares = 0;
  for (int g = 0; g < kClusters; ++g) squares += std::pow(corrected(g) - mean, 2);
  const double r = corrected(-1);
  const double half =
      *UpperTQuantile(0.025, kClusters - 1) * std::sqrt((kClusters - 1.0) / kClusters * squares);
  const double z = half / (1 - r * r);
  EXPECT_NEAR(alike.corrected.interval->low,
              std::max(-1.0, std::min(r - half, std::tanh(std::atanh(r) - z))), 1e-9);
  EXPECT_NEAR(alike.corrected.interval->high,
              std::min(1.0, std::max(r + half, std::tanh(std::atanh(r) + z))), 1e-9);
}

template <class Statistic>
double SlowError(Statistic statistic, const std::vector<Row>& rows, int clusters) {
  double mean = 0;
  for (int g = 0; g < clusters; ++g) mean += statistic(rows, g) / clusters;
  double squares = 0;
  for (int g = 0; g < clusters; ++g) squares += std::pow(statistic(rows, g) - mean, 2);
  return std::sqrt((clusters - 1.0) / clusters * squares);
}

TEST(ProfileSimilarityTest, SumsEqualTheSlowObviousVersion) {
  std::mt19937_64 random(13);
  std::uniform_real_distribution<double> uniform(0, 1);
  constexpr int kClusters = 9;
  for (int design = 0; design < 10; ++design) {
    std::vector<Row> rows;
    for (int k = 0; k < 6; ++k) {
      for (int g = 0; g < kClusters; ++g) {
        // Not every cluster has every dimension, all have some.
        if (g % 6 == k && g != k) continue;
        for (int i = static_cast<int>(random() % 3); i >= 0; --i) {
          rows.push_back({k, g, 0.1 * k + 0.5 * uniform(random), 0.08 * k + 0.6 * uniform(random)});
        }
      }
    }
    std::map<std::pair<int, int>, ProfileSums> sums;
    for (const Row& row : rows) {
      ProfileSums& entry = sums[{row.dimension, row.cluster}];
      entry.dimension = row.dimension;
      entry.cluster = row.cluster;
      entry.first.Add(row.first);
      entry.second.Add(row.second);
    }
    Sums list;
    for (const auto& [key, entry] : sums) list.push_back(entry);
    const ProfileSimilarity alike = CompareProfiles(list);

    const double t = *UpperTQuantile(0.025, kClusters - 1);
    const double r = SlowPearson(rows, -1);
    const double z = t * SlowError(SlowPearson, rows, kClusters) / (1 - r * r);
    EXPECT_NEAR(*alike.pearson.value, r, 1e-10);
    EXPECT_NEAR(alike.pearson.interval->low, std::tanh(std::atanh(r) - z), 1e-9);
    EXPECT_NEAR(alike.pearson.interval->high, std::tanh(std::atanh(r) + z), 1e-9);

    const double square = SlowSquare(rows, -1);
    const double half = t * SlowError(SlowSquare, rows, kClusters);
    EXPECT_NEAR(*alike.distance.value, std::sqrt(std::max(0.0, square)), 1e-10);
    EXPECT_NEAR(alike.distance.interval->low, std::sqrt(std::max(0.0, square - half)), 1e-9);
    EXPECT_NEAR(alike.distance.interval->high, std::sqrt(std::max(0.0, square + half)), 1e-9);
  }
}

}  // namespace
}  // namespace axiometer
