#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "reports/stats/davidson.h"
#include "reports/stats/margin_rating.h"
#include "reports/stats/philox.h"
#include "reports/stats/ranking_gate.h"
#include "reports/stats/simultaneous_ranks.h"
#include "tests/reports/stats/simulated_games.h"

// Simulations of known truth on the shapes of Agent-ValueBench's value systems. 400 repetitions
// have a standard error of 1.1 points at 95 %; 3.3 are allowed.
namespace axiometer {
namespace {

constexpr int kRepetitions = 400;
constexpr int kDraws = 500;
constexpr double kAllowed = 0.033;

struct Shape {
  int values;
  int skipped;   // pairs without a case
  int clusters;  // environments
};
constexpr Shape kMft08{5, 0, 10};
constexpr Shape kVsm13{10, 0, 40};
constexpr Shape kPvq40{29, 25, 299};

struct Tally {
  double covered = 0;          // all rank intervals hold the true ranks; equal values: none decided
  double separated_gated = 0;  // some pair decided although all are equal, and the gate let it pass
};

// All values equal: any decided pair is false.
Tally Equal(const Shape& shape, GateBasis basis, uint64_t seed) {
  std::mt19937_64 random(seed);
  Tally tally;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const std::vector<double> strengths(static_cast<size_t>(shape.values), 0.0);
    const std::vector<PairedGame> games =
        SimulatedGames(strengths, shape.skipped, shape.clusters, random);
    const RatingFit fit = basis == GateBasis::kOutcomes ? FitDavidson(games, shape.values).rating
                                                        : FitMargins(games, shape.values);
    const uint64_t key = RandomKey(seed, "validity", std::to_string(repetition));
    const SimultaneousRanks ranks = RanksOf(fit, key, kDraws, 0.95);
    bool decided = false;
    for (const ComparedPair& pair : ranks.pairs) decided = decided || pair.decided;
    if (!decided) tally.covered += 1.0 / kRepetitions;
    if (decided && TestEqualValues(games, shape.values, basis, key + 1, kDraws)->p <= 0.05) {
      tally.separated_gated += 1.0 / kRepetitions;
    }
  }
  return tally;
}

TEST(RankingValidityTest, EqualValuesAreNotSeparatedByOutcomes) {
  EXPECT_GE(Equal(kMft08, GateBasis::kOutcomes, 1).covered, 0.95 - kAllowed);
  EXPECT_GE(Equal(kVsm13, GateBasis::kOutcomes, 2).covered, 0.95 - kAllowed);
  EXPECT_GE(Equal(kPvq40, GateBasis::kOutcomes, 3).covered, 0.95 - kAllowed);
}

TEST(RankingValidityTest, EqualValuesAreNotSeparatedByMarginsBehindTheGate) {
  EXPECT_LE(Equal(kMft08, GateBasis::kMargins, 4).separated_gated, 0.05 + kAllowed);
  EXPECT_LE(Equal(kVsm13, GateBasis::kMargins, 5).separated_gated, 0.05 + kAllowed);
  EXPECT_LE(Equal(kPvq40, GateBasis::kMargins, 6).separated_gated, 0.05 + kAllowed);
}

// Values a spread of one logit apart: the intervals hold all true ranks at once.
double JointCoverage(const Shape& shape, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 1);
  int covered = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<double> strengths(static_cast<size_t>(shape.values));
    for (double& strength : strengths) strength = normal(random);
    const std::vector<PairedGame> games =
        SimulatedGames(strengths, shape.skipped, shape.clusters, random);
    const SimultaneousRanks ranks =
        RanksOf(FitDavidson(games, shape.values).rating,
                RandomKey(seed, "validity", std::to_string(repetition)), kDraws, 0.95);
    bool all = true;
    for (int i = 0; i < shape.values; ++i) {
      int rank = 1;
      for (const double other : strengths) rank += other > strengths[i];
      all = all && ranks.ranks[i].low <= rank && rank <= ranks.ranks[i].high;
    }
    covered += all;
  }
  return static_cast<double>(covered) / kRepetitions;
}

TEST(RankingValidityTest, RankIntervalsHoldAllTrueRanksAtOnce) {
  EXPECT_GE(JointCoverage(kMft08, 7), 0.95 - kAllowed);
  EXPECT_GE(JointCoverage(kVsm13, 8), 0.95 - kAllowed);
  EXPECT_GE(JointCoverage(kPvq40, 9), 0.95 - kAllowed);
}

// Of the pairs that are said to be in this order with probability `low` or more, the share that is.
// Strengths are drawn as a spread of one logit.
struct Calibration {
  double said = 0;
  double right = 0;
  double pairs = 0;
};
Calibration Calibrate(const Shape& shape, double low, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 1);
  Calibration out;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<double> strengths(static_cast<size_t>(shape.values));
    for (double& strength : strengths) strength = normal(random);
    const std::vector<PairedGame> games =
        SimulatedGames(strengths, shape.skipped, shape.clusters, random);
    const SimultaneousRanks ranks =
        RanksOf(FitDavidson(games, shape.values).rating,
                RandomKey(seed, "validity", std::to_string(repetition)), 100, 0.95);
    for (const ComparedPair& pair : ranks.pairs) {
      const double p = std::max(*pair.probability, 1 - *pair.probability);
      if (p < low) continue;
      const bool first = *pair.probability > 0.5;
      out.pairs += 1;
      out.said += p;
      out.right += (strengths[pair.first] > strengths[pair.second]) == first;
    }
  }
  out.said /= out.pairs;
  out.right /= out.pairs;
  return out;
}

TEST(RankingValidityTest, ProbabilitiesOfOrderAreNotOverconfident) {
  for (const double low : {0.6, 0.8, 0.95}) {
    uint64_t seed = 10;
    for (const Shape& shape : {kMft08, kVsm13, kPvq40}) {
      const Calibration found = Calibrate(shape, low, seed++);
      EXPECT_GE(found.right, found.said - kAllowed)
          << shape.values << " values, said at least " << low << ", " << found.pairs << " pairs";
    }
  }
}

}  // namespace
}  // namespace axiometer
