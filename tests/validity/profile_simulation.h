#pragma once

#include <cmath>
#include <vector>

#include "reports/stats/profile_similarity.h"
#include "tests/validity/simulation.h"

namespace axiometer {

// Two subjects with true log odds on each dimension, the same cases for both; a case has a score in every dimension,
// shifted by an effect of the case, a part of which is each subject's own.
struct ProfileWorld {
  std::vector<double> first;
  std::vector<double> second;
  std::vector<double> first_means;  // expected scores
  std::vector<double> second_means;
};

struct ProfileShape {
  int dimensions;
  int clusters;
  double spread;  // of the true log odds over dimensions
  double common;  // their correlation between the subjects
};

struct Profiles : Dice {
  using Dice::Dice;

  double Score(double log_odds) { return std::round(4 * Expit(log_odds + 0.8 * Normal())) / 4; }
  double Expected(double log_odds) {
    double mean = 0;
    for (int i = 0; i < 40'000; ++i) mean += Score(log_odds + std::sqrt(0.25 + 0.16) * Normal()) / 40'000;
    return mean;
  }
  ProfileWorld Make(const ProfileShape& shape) {
    ProfileWorld world;
    for (int k = 0; k < shape.dimensions; ++k) {
      const double shared = Normal();
      world.first.push_back(shape.spread * shared);
      world.second.push_back(shape.spread *
                             (shape.common * shared + std::sqrt(1 - shape.common * shape.common) * Normal()));
      world.first_means.push_back(Expected(world.first.back()));
      world.second_means.push_back(Expected(world.second.back()));
    }
    return world;
  }
  std::vector<ProfileSums> Draw(const ProfileWorld& world, int clusters) {
    std::vector<ProfileSums> sums;
    for (int g = 0; g < clusters; ++g) {
      const double both = 0.5 * Normal();
      const double first = both + 0.4 * Normal();
      const double second = both + 0.4 * Normal();
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

inline double PearsonOf(const std::vector<double>& x, const std::vector<double>& y) {
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

inline double RootMeanSquare(const std::vector<double>& x, const std::vector<double>& y) {
  double square = 0;
  for (size_t i = 0; i < x.size(); ++i) square += (x[i] - y[i]) * (x[i] - y[i]);
  return std::sqrt(square / static_cast<double>(x.size()));
}

struct ProfileRates {
  Rate pearson;    // of the mean of its own values
  Rate corrected;  // of the correlation of expected scores; of those that have an interval
  Rate distance;   // of the distance of expected scores
};

inline ProfileRates SimulateProfiles(const ProfileShape& shape, int repetitions, uint64_t seed) {
  Profiles profiles(seed);
  const ProfileWorld world = profiles.Make(shape);
  const double distance = RootMeanSquare(world.first_means, world.second_means);
  const double pearson = PearsonOf(world.first_means, world.second_means);
  std::vector<ProfileSimilarity> results;
  double measured = 0;
  for (int i = 0; i < repetitions; ++i) {
    results.push_back(CompareProfiles(profiles.Draw(world, shape.clusters)));
    measured += *results.back().pearson.value / repetitions;
  }
  ProfileRates rates;
  for (const ProfileSimilarity& result : results) {
    CountCover(result.pearson, measured, rates.pearson);
    CountCover(result.distance, distance, rates.distance);
    CountCover(result.corrected, pearson, rates.corrected);
  }
  return rates;
}

}  // namespace axiometer
