#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "reports/stats/mean_interval.h"

// Simulations of known truth through the functions that reports use: short ones are tests of the suite (*_test.cc),
// long ones a table (validity_main.cc, README.md). Here and in *_simulation.h is what the two share.
namespace axiometer {

// Of the short ones: a coverage of 95 % has a standard error of 1.1 points, of which three are allowed.
inline constexpr int kRepetitions = 400;
inline constexpr double kAllowed = 0.033;

// How often something held in repetitions of an experiment.
struct Rate {
  int64_t hits = 0;
  int64_t of = 0;
  int64_t cautioned = 0;  // estimates that carried a caution
  std::string caution;    // the latest

  void Count(bool hit) {
    hits += hit;
    ++of;
  }
  double share() const { return of == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(of); }
  // Monte Carlo standard error.
  double error() const { return of == 0 ? 0 : std::sqrt(share() * (1 - share()) / static_cast<double>(of)); }
};

// A share in (0, 1) from log odds, as the answers of a subject with a leaning.
inline double Expit(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

// Random numbers of one simulation.
struct Dice {
  explicit Dice(uint64_t seed) : random(seed) {}

  double Normal() { return normal(random); }
  double Uniform() { return uniform(random); }

  std::mt19937_64 random;
  std::normal_distribution<double> normal{0, 1};
  std::uniform_real_distribution<double> uniform{0, 1};
};

// No interval is no cover.
inline bool Covers(const Estimate& estimate, double truth) {
  return estimate.interval && estimate.interval->low <= truth && truth <= estimate.interval->high;
}

// Of the estimates that have an interval.
inline void CountCover(const Estimate& estimate, double truth, Rate& rate) {
  if (!estimate.interval) return;
  rate.Count(Covers(estimate, truth));
  if (estimate.caution.empty()) return;
  ++rate.cautioned;
  rate.caution = estimate.caution;
}

}  // namespace axiometer
