#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "reports/stats/davidson.h"
#include "reports/stats/margin_rating.h"
#include "reports/stats/philox.h"
#include "reports/stats/ranking_gate.h"
#include "reports/stats/simultaneous_ranks.h"
#include "reports/stats/value_priority.h"
#include "tests/reports/stats/simulated_games.h"
#include "tests/validity/simulation.h"

namespace axiometer {

// The shapes of Agent-ValueBench's value systems.
struct RankingShape {
  int values;
  int skipped;   // pairs without a case
  int clusters;  // environments
};
inline constexpr RankingShape kMft08{5, 0, 10};
inline constexpr RankingShape kVsm13{10, 0, 40};
inline constexpr RankingShape kPvq40{29, 25, 299};

inline constexpr int kRankingDraws = 500;

inline std::vector<double> DrawStrengths(const RankingShape& shape, Dice& dice) {
  std::vector<double> strengths(static_cast<size_t>(shape.values));
  for (double& strength : strengths) strength = dice.Normal();
  return strengths;
}

struct EqualValuesRates {
  Rate undecided;        // no pair is decided, rightly
  Rate separated_gated;  // some pair is decided although all are equal, and the gate let it pass
};

inline EqualValuesRates SimulateEqualValues(const RankingShape& shape, GateBasis basis, int repetitions,
                                            uint64_t seed) {
  Dice dice(seed);
  EqualValuesRates rates;
  for (int i = 0; i < repetitions; ++i) {
    const std::vector<double> strengths(static_cast<size_t>(shape.values), 0.0);
    const std::vector<PairedGame> games = SimulatedGames(strengths, shape.skipped, shape.clusters, dice.random);
    const RatingFit fit =
        basis == GateBasis::kOutcomes ? FitDavidson(games, shape.values).rating : FitMargins(games, shape.values);
    const uint64_t key = RandomKey(seed, "validity", std::to_string(i));
    const SimultaneousRanks ranks = RanksOf(fit, key, kRankingDraws, 0.95);
    const bool decided =
        std::any_of(ranks.pairs.begin(), ranks.pairs.end(), [](const ComparedPair& pair) { return pair.decided; });
    rates.undecided.Count(!decided);
    rates.separated_gated.Count(decided &&
                                TestEqualValues(games, shape.values, basis, key + 1, kRankingDraws)->p <= 0.05);
  }
  return rates;
}

// Values a spread of one logit apart: the intervals hold all true ranks at once.
inline Rate SimulateRanks(const RankingShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate covered;
  for (int i = 0; i < repetitions; ++i) {
    const std::vector<double> strengths = DrawStrengths(shape, dice);
    const std::vector<PairedGame> games = SimulatedGames(strengths, shape.skipped, shape.clusters, dice.random);
    const SimultaneousRanks ranks = RanksOf(FitDavidson(games, shape.values).rating,
                                            RandomKey(seed, "validity", std::to_string(i)), kRankingDraws, 0.95);
    bool all = true;
    for (size_t value = 0; value < strengths.size(); ++value) {
      int rank = 1;
      for (const double other : strengths) rank += other > strengths[value];
      all = all && ranks.ranks[value].low <= rank && rank <= ranks.ranks[value].high;
    }
    covered.Count(all);
  }
  return covered;
}

// Games drawn from Davidson's model itself, every pair `rounds` times, each game a cluster: how often the interval of
// one strength holds the true one, values together.
inline Rate SimulateStrengths(int values, int rounds, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate covered;
  for (int i = 0; i < repetitions; ++i) {
    DavidsonPoint truth;
    for (int value = 0; value < values; ++value) truth.strengths.push_back(dice.Normal());
    double mean = 0;
    for (const double strength : truth.strengths) mean += strength / values;
    for (double& strength : truth.strengths) strength -= mean;
    truth.log_tie = -0.5;
    std::vector<PairedGame> games;
    for (int a = 0; a < values; ++a) {
      for (int b = a + 1; b < values; ++b) {
        const ExpectedGame expected = ExpectGame(truth, a, b);
        const double win = expected.points - expected.tie / 2;
        for (int round = 0; round < rounds; ++round) {
          const double drawn = dice.Uniform();
          const GameOutcome outcome = drawn < win                  ? GameOutcome::kFirst
                                      : drawn < win + expected.tie ? GameOutcome::kTie
                                                                   : GameOutcome::kSecond;
          games.push_back({a, b, outcome, 0, static_cast<int>(games.size())});
        }
      }
    }
    const SimultaneousRanks ranks =
        RanksOf(FitDavidson(games, values).rating, RandomKey(seed, "validity", std::to_string(i)), 100, 0.95);
    for (size_t value = 0; value < ranks.strengths.size(); ++value) {
      const std::optional<Interval>& interval = ranks.strengths[value];
      if (!interval) continue;
      covered.Count(interval->low <= truth.strengths[value] && truth.strengths[value] <= interval->high);
    }
  }
  return covered;
}

// Of the pairs that are said to be in this order with probability `low` or more, the share that is. Strengths are drawn
// as a spread of one logit.
struct Calibration {
  double said = 0;  // mean
  Rate right;       // pairs; those of one repetition depend on each other
};
inline Calibration SimulateOrderProbability(const RankingShape& shape, double low, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Calibration out;
  for (int i = 0; i < repetitions; ++i) {
    const std::vector<double> strengths = DrawStrengths(shape, dice);
    const std::vector<PairedGame> games = SimulatedGames(strengths, shape.skipped, shape.clusters, dice.random);
    const SimultaneousRanks ranks =
        RanksOf(FitDavidson(games, shape.values).rating, RandomKey(seed, "validity", std::to_string(i)), 100, 0.95);
    for (const ComparedPair& pair : ranks.pairs) {
      const double p = std::max(*pair.probability, 1 - *pair.probability);
      if (p < low) continue;
      out.said += p;
      const bool first = *pair.probability > 0.5;
      out.right.Count((strengths[static_cast<size_t>(pair.first)] > strengths[static_cast<size_t>(pair.second)]) ==
                      first);
    }
  }
  if (out.right.of > 0) out.said /= static_cast<double>(out.right.of);
  return out;
}

// A clear order, of whose games some go missing, those that the first value won the likelier: how often the bounds of
// ranks hold every rank interval of the complete games.
inline Rate SimulateRankBounds(int values, int missing, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate held;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<double> strengths;
    for (int v = 0; v < values; ++v) strengths.push_back(2.5 * v);
    std::vector<PairedGame> complete;
    for (int round = 0; round < 6; ++round) {
      std::vector<PairedGame> games = SimulatedGames(strengths, 0, 10, dice.random);
      for (PairedGame& game : games) game.cluster += 10 * round;
      complete.insert(complete.end(), games.begin(), games.end());
    }
    std::vector<PairedGame> known = complete;
    for (int left = missing; left > 0;) {
      PairedGame& game = known[dice.random() % known.size()];
      if (game.missing() || (game.outcome == GameOutcome::kSecond && dice.Uniform() < 0.5)) continue;
      game.outcome = GameOutcome::kMissing;
      --left;
    }
    PriorityOptions options;
    options.draws = kRankingDraws;
    options.seed = static_cast<uint64_t>(i);
    const PriorityRating before = PriorityOf(complete, values, options).components.at(0).by_outcomes;
    const PriorityRating after = PriorityOf(known, values, options).components.at(0).by_outcomes;
    if (!before.refusal.empty() || !after.refusal.empty()) continue;
    bool all = true;
    for (const PriorityValue& value : after.values) {
      for (const PriorityValue& was : before.values) {
        if (was.value != value.value) continue;
        all = all && value.rank_bounds->low <= was.rank.low && was.rank.high <= value.rank_bounds->high;
      }
    }
    held.Count(all);
  }
  return held;
}

}  // namespace axiometer
