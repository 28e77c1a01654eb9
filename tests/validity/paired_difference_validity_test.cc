#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/paired_difference.h"
#include "tests/validity/simulation.h"

namespace axiometer {
namespace {

// Two subjects that do the same tasks: log odds of task and cluster are shared but for a part of
// the cluster that is each subject's own, which makes differences of one cluster alike.
struct Shape {
  std::vector<int> clusters;  // rows of each
  bool binary = false;
  double effect = 0;  // on the log odds of the first
};

struct Pairs {
  std::mt19937_64 random;
  std::normal_distribution<double> normal{0, 1};
  std::uniform_real_distribution<double> uniform{0, 1};

  double Score(double log_odds, bool binary) {
    if (binary) return uniform(random) < Expit(log_odds);
    return std::round(4 * Expit(log_odds + 0.7 * normal(random))) / 4;
  }
  std::vector<PairedRow> Draw(const Shape& shape) {
    std::vector<PairedRow> rows;
    for (size_t g = 0; g < shape.clusters.size(); ++g) {
      const double shared = 0.5 * normal(random);
      const double first = shape.effect + 0.4 * normal(random);
      const double second = 0.4 * normal(random);
      for (int i = 0; i < shape.clusters[g]; ++i) {
        const double task = 0.4 + shared + 0.7 * normal(random);
        rows.push_back({Score(task + first, shape.binary) - Score(task + second, shape.binary),
                        static_cast<int>(g)});
      }
    }
    return rows;
  }
};

struct Rates {
  double covered = 0;
  double rejected = 0;  // by t
  double flipped = 0;   // by signs
  double equivalent = 0;
};

Rates Simulate(const Shape& shape, uint64_t seed, std::optional<double> margin = std::nullopt) {
  Pairs pairs;
  pairs.random.seed(seed);
  // The true mean difference from many clusters of one row.
  double truth = 0;
  if (shape.effect != 0) {
    Shape many = shape;
    many.clusters.assign(200'000, 1);
    for (const PairedRow& row : pairs.Draw(many)) truth += row.difference / 200'000;
  }
  Rates rates;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    PairedOptions options;
    options.margin = margin;
    options.key = static_cast<uint64_t>(repetition);
    options.draws = 400;
    const PairedDifference compared = ComparePaired(pairs.Draw(shape), options);
    const Interval interval = *compared.estimate.interval;
    rates.covered += interval.low <= truth && truth <= interval.high;
    rates.rejected += compared.p && *compared.p < 0.05;
    rates.flipped += compared.sign_flip.p && *compared.sign_flip.p < 0.05;
    rates.equivalent += compared.equivalence && compared.equivalence->equivalent;
  }
  for (double* rate : {&rates.covered, &rates.rejected, &rates.flipped, &rates.equivalent}) {
    *rate /= kRepetitions;
  }
  return rates;
}

TEST(PairedDifferenceValidityTest, IntervalsCoverTheTruth) {
  EXPECT_NEAR(Simulate({std::vector<int>(25, 1), false, 0.5}, 1).covered, 0.95, kAllowed);
  EXPECT_NEAR(Simulate({std::vector<int>(5, 8), false, 0.5}, 2).covered, 0.95, kAllowed);
  EXPECT_NEAR(Simulate({std::vector<int>(10, 16), true, 0.5}, 3).covered, 0.95, kAllowed);
  EXPECT_GE(Simulate({{1, 1, 2, 4, 16}, false, 0.5}, 4).covered, 0.95 - kAllowed);
}

TEST(PairedDifferenceValidityTest, EqualSubjectsAreRarelyCalledDifferent) {
  for (const Shape& shape :
       {Shape{std::vector<int>(25, 1), false, 0}, Shape{std::vector<int>(5, 8), false, 0},
        Shape{std::vector<int>(10, 16), true, 0}}) {
    const Rates rates = Simulate(shape, 5);
    EXPECT_NEAR(rates.rejected, 0.05, kAllowed);
    EXPECT_LE(rates.flipped, 0.05 + kAllowed);
  }
}

// At the margin itself the two are not equivalent, and are called so in 5 % at most.
TEST(PairedDifferenceValidityTest, SubjectsAtTheMarginAreRarelyCalledEquivalent) {
  Pairs pairs;
  pairs.random.seed(6);
  double truth = 0;
  for (const PairedRow& row : pairs.Draw({std::vector<int>(200'000, 1), false, 0.5})) {
    truth += row.difference / 200'000;
  }
  const Rates rates = Simulate({std::vector<int>(40, 4), false, 0.5}, 7, truth);
  EXPECT_LE(rates.equivalent, 0.05 + kAllowed);
}

}  // namespace
}  // namespace axiometer
