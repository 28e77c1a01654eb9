#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/profile_similarity.h"
#include "tests/validity/simulation.h"

namespace axiometer {
namespace {

// Two subjects with true log odds on each dimension, the same cases for both; a case has a score in
// every dimension, shifted by an effect of the case, a part of which is each
// subject's own.
struct World {
  std::vector<double> first;
  std::vector<double> second;
  std::vector<double> first_means;  // expected scores
  std::vector<double> second_means;
};

struct Similarities {
  std::mt19937_64 random;
  std::normal_distribution<double> normal{0, 1};

  double Score(double log_odds) {
    return std::round(4 * Expit(log_odds + 0.8 * normal(random))) / 4;
  }
  double Expected(double log_odds) {
    double mean = 0;
    for (int i = 0; i < 40'000; ++i) {
      mean += Score(log_odds + std::sqrt(0.25 + 0.16) * normal(random)) / 40'000;
    }
    return mean;
  }
  World Make(int dimensions, double spread, double common) {
    World world;
    for (int k = 0; k < dimensions; ++k) {
      const double shared = normal(random);
      world.first.push_back(spread * shared);
      world.second.push_back(spread *
                             (common * shared + std::sqrt(1 - common * common) * normal(random)));
      world.first_means.push_back(Expected(world.first.back()));
      world.second_means.push_back(Expected(world.second.back()));
    }
    return world;
  }
  std::vector<ProfileSums> Draw(const World& world, int clusters) {
    std::vector<ProfileSums> sums;
    for (int g = 0; g < clusters; ++g) {
      const double both = 0.5 * normal(random);
      const double first = both + 0.4 * normal(random);
      const double second = both + 0.4 * normal(random);
      for (size_t k = 0; k < world.first.size(); ++k) {
        ProfileSums& entry = sums.emplace_back();
        entry.dimension = static_cast<int>(k);
        entry.cluster = g;
        entry.first.Add(Score(world.first[k] + first));
        entry.second.Add(Score(world.second[k] + second));
      }
    }
    return sums;
  }
};

double Pearson(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    mx += x[i] / n;
    my += y[i] / n;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}

double Rms(const std::vector<double>& x, const std::vector<double>& y) {
  double square = 0;
  for (size_t i = 0; i < x.size(); ++i) square += (x[i] - y[i]) * (x[i] - y[i]);
  return std::sqrt(square / static_cast<double>(x.size()));
}

struct Shape {
  int dimensions;
  int clusters;
  double spread;  // of the true log odds over dimensions
  double common;  // their correlation between the subjects
};

struct Coverage {
  double pearson = 0;    // of the mean of its own values
  double corrected = 0;  // of the correlation of expected scores
  double distance = 0;   // of the distance of expected scores
};

bool Covers(const Estimate& estimate, double truth) {
  return estimate.interval && estimate.interval->low <= truth && truth <= estimate.interval->high;
}

Coverage Simulate(const Shape& shape, uint64_t seed) {
  Similarities similarities;
  similarities.random.seed(seed);
  const World world = similarities.Make(shape.dimensions, shape.spread, shape.common);
  const double distance = Rms(world.first_means, world.second_means);
  const double pearson = Pearson(world.first_means, world.second_means);
  std::vector<ProfileSimilarity> results;
  double measured = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    results.push_back(CompareProfiles(similarities.Draw(world, shape.clusters)));
    measured += *results.back().pearson.value / kRepetitions;
  }
  Coverage coverage;
  int corrected = 0;  // those that have an interval
  for (const ProfileSimilarity& result : results) {
    coverage.pearson += Covers(result.pearson, measured);
    coverage.distance += Covers(result.distance, distance);
    coverage.corrected += Covers(result.corrected, pearson);
    corrected += result.corrected.interval.has_value();
  }
  coverage.pearson /= kRepetitions;
  coverage.distance /= kRepetitions;
  coverage.corrected /= corrected;
  return coverage;
}

TEST(ProfileSimilarityValidityTest, DistancesCoverThatOfTheTrueProfiles) {
  EXPECT_NEAR(Simulate({10, 25, 1.0, 0.8}, 1).distance, 0.95, kAllowed);
  EXPECT_GE(Simulate({10, 6, 1.0, 0.0}, 2).distance, 0.95 - kAllowed);
  EXPECT_GE(Simulate({20, 10, 0.4, 1.0}, 3).distance, 0.95 - kAllowed) << "equal subjects";
}

TEST(ProfileSimilarityValidityTest, CorrectedCorrelationsCoverThatOfTheTrueProfiles) {
  EXPECT_GE(Simulate({10, 10, 1.0, 0.0}, 4).corrected, 0.95 - kAllowed);
  EXPECT_GE(Simulate({10, 25, 1.0, 0.8}, 5).corrected, 0.95 - kAllowed);
  EXPECT_GE(Simulate({20, 10, 0.4, 0.8}, 6).corrected, 0.95 - kAllowed);
  EXPECT_GE(Simulate({10, 25, 0.4, 1.0}, 7).corrected, 0.95 - kAllowed) << "equal subjects";
}

// Not the true one: with equal subjects Fisher's limits would cover 1 in 1 or 2 % of repetitions.
TEST(ProfileSimilarityValidityTest, MeasuredCorrelationsCoverWhatSuchMeasuringGives) {
  EXPECT_GE(Simulate({10, 10, 1.0, 0.8}, 8).pearson, 0.95 - kAllowed);
  EXPECT_GE(Simulate({10, 25, 0.4, 1.0}, 9).pearson, 0.95 - kAllowed);
}

}  // namespace
}  // namespace axiometer
