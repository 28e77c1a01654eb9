#include "reports/stats/ranking_gate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "tests/reports/stats/simulated_games.h"

namespace axiometer {
namespace {

using Games = std::vector<PairedGame>;

Games FirstAlwaysWins(int clusters) {
  Games games;
  for (int g = 0; g < clusters; ++g) games.push_back({0, 1, GameOutcome::kFirst, 0.2, g});
  return games;
}

TEST(RankingGateTest, AllOneWayHasTheSmallestPThatTheClustersAllow) {
  for (const int clusters : {1, 5, 6, 11}) {
    const std::optional<EqualValuesTest> gate =
        TestEqualValues(FirstAlwaysWins(clusters), 2, GateBasis::kOutcomes, 1, 2000);
    ASSERT_TRUE(gate);
    EXPECT_TRUE(gate->exact);
    EXPECT_EQ(gate->clusters, clusters);
    EXPECT_DOUBLE_EQ(gate->p, std::pow(2.0, 1 - clusters));
  }
}

// Six clusters, margins 1, 1, 1, 1, 1 and -1 for the first value: |sum| >= 4 in 2 * (1 + 6) of 64.
TEST(RankingGateTest, HandWorkedMargins) {
  Games games = FirstAlwaysWins(6);
  for (PairedGame& game : games) game.margin = 1;
  games[2].margin = -1;
  EXPECT_DOUBLE_EQ(TestEqualValues(games, 2, GateBasis::kMargins, 1, 2000)->p, 14.0 / 64);
}

TEST(RankingGateTest, OneClusterFlipsAsAWhole) {
  Games games = FirstAlwaysWins(8);
  for (PairedGame& game : games) game.cluster = game.cluster / 2;
  EXPECT_DOUBLE_EQ(TestEqualValues(games, 2, GateBasis::kOutcomes, 1, 2000)->p, 2.0 / 16);
}

TEST(RankingGateTest, TiesSayNothing) {
  Games games = FirstAlwaysWins(7);
  for (PairedGame& game : games) game.outcome = GameOutcome::kTie;
  EXPECT_EQ(TestEqualValues(games, 2, GateBasis::kOutcomes, 1, 2000)->p, 1);
}

TEST(RankingGateTest, NoPlayedGameHasNoP) {
  Games games = FirstAlwaysWins(7);
  for (PairedGame& game : games) game.outcome = GameOutcome::kMissing;
  EXPECT_FALSE(TestEqualValues(games, 2, GateBasis::kOutcomes, 1, 2000));
}

double SlowStatistic(const Games& games, int values, GateBasis basis, unsigned reversed,
                     const std::map<int, int>& bit) {
  double statistic = 0;
  for (int value = 0; value < values; ++value) {
    double sum = 0;
    double count = 0;
    for (const PairedGame& game : games) {
      if (game.a != value && game.b != value) continue;
      const double s = basis == GateBasis::kOutcomes ? game.points() - 0.5 : game.margin;
      const double sign = (reversed >> bit.at(game.cluster) & 1) != 0 ? -1 : 1;
      sum += sign * (game.a == value ? s : -s);
      count += 1;
    }
    if (count > 0) statistic += sum * sum / count;
  }
  return statistic;
}

TEST(RankingGateTest, EqualsTheSlowObviousVersion) {
  std::mt19937_64 random(3);
  for (int design = 0; design < 20; ++design) {
    const int values = 3 + static_cast<int>(random() % 3);
    const int clusters = 6 + design % 8;  // up to 13: beyond 11 the signs are drawn
    const Games games =
        SimulatedGames(std::vector<double>(static_cast<size_t>(values), 0.0), 0, clusters, random);
    std::map<int, int> bit;
    for (const PairedGame& game : games) {
      bit.emplace(game.cluster, static_cast<int>(bit.size()));
    }
    for (const GateBasis basis : {GateBasis::kOutcomes, GateBasis::kMargins}) {
      const double observed = SlowStatistic(games, values, basis, 0, bit);
      int hits = 0;
      const unsigned all = 1u << bit.size();
      for (unsigned reversed = 0; reversed < all; ++reversed) {
        hits += SlowStatistic(games, values, basis, reversed, bit) >= observed - 1e-9;
      }
      const double p = static_cast<double>(hits) / all;
      const EqualValuesTest gate = *TestEqualValues(games, values, basis, 17, 2000);
      EXPECT_EQ(gate.exact, bit.size() <= 11);
      EXPECT_NEAR(gate.p, p, gate.exact ? 1e-12 : 4 * std::sqrt(p * (1 - p) / 2000) + 1e-3);
    }
  }
}

TEST(RankingGateTest, NamesSidesAndOrderChangeNothing) {
  std::mt19937_64 random(4);
  const Games games = SimulatedGames({0.5, 0, -0.5, 0.2}, 0, 6, random);
  const Games again = Reshuffled(games, {2, 0, 3, 1}, random);
  for (const GateBasis basis : {GateBasis::kOutcomes, GateBasis::kMargins}) {
    EXPECT_DOUBLE_EQ(TestEqualValues(games, 4, basis, 1, 2000)->p,
                     TestEqualValues(again, 4, basis, 1, 2000)->p);
  }
}

}  // namespace
}  // namespace axiometer
