#include "reports/stats/missing_games.h"

#include <gtest/gtest.h>

#include <random>

#include "reports/stats/margin_rating.h"
#include "tests/reports/stats/simulated_games.h"

namespace axiometer {
namespace {

using Games = std::vector<PairedGame>;

Games Pair(int wins, int missing) {
  Games games;
  for (int i = 0; i < wins + missing; ++i) {
    games.push_back({0, 1, i < wins ? GameOutcome::kFirst : GameOutcome::kMissing, 0.5, i});
  }
  return games;
}

const std::vector<OrderClaim> kFirstAbove{{0, 1}};

TEST(MissingGamesTest, FewAreFilledInEveryWay) {
  EXPECT_FALSE(OutcomesDepend(Pair(5, 0), 2, kFirstAbove)[0]);
  EXPECT_FALSE(OutcomesDepend(Pair(5, 1), 2, kFirstAbove)[0]);
  EXPECT_FALSE(OutcomesDepend(Pair(3, 3), 2, kFirstAbove)[0]);  // at worst equal
  EXPECT_TRUE(OutcomesDepend(Pair(3, 4), 2, kFirstAbove)[0]);
}

TEST(MissingGamesTest, ManyAreBoundedByWinShares) {
  EXPECT_FALSE(OutcomesDepend(Pair(10, 9), 2, kFirstAbove)[0]);
  EXPECT_TRUE(OutcomesDepend(Pair(8, 9), 2, kFirstAbove)[0]);
}

TEST(MissingGamesTest, GamesOfOthersDoNotTouchWinShares) {
  Games games = Pair(1, 0);
  for (int i = 0; i < 9; ++i) games.push_back({2, 3, GameOutcome::kMissing, 0, 10 + i});
  EXPECT_FALSE(OutcomesDepend(games, 4, kFirstAbove)[0]);
}

// 0 is above 1 through 2 alone: a lost game of 2 against 1 turns that round.
TEST(MissingGamesTest, FillingSeesWhatThirdValuesCarry) {
  Games games{{0, 2, GameOutcome::kTie, 0, 0},
              {2, 1, GameOutcome::kFirst, 0, 1},
              {2, 1, GameOutcome::kMissing, 0, 2},
              {2, 1, GameOutcome::kMissing, 0, 3}};
  EXPECT_TRUE(OutcomesDepend(games, 3, kFirstAbove)[0]);
  games.pop_back();
  games.pop_back();
  EXPECT_FALSE(OutcomesDepend(games, 3, kFirstAbove)[0]);
}

TEST(MissingGamesTest, MarginsGoToTheirWorstEnds) {
  EXPECT_FALSE(MarginsDepend(Pair(4, 1), 2, kFirstAbove)[0]);
  EXPECT_FALSE(MarginsDepend(Pair(4, 2), 2, kFirstAbove)[0]);  // at worst equal
  EXPECT_TRUE(MarginsDepend(Pair(4, 3), 2, kFirstAbove)[0]);
}

// The fit is linear: its worst is at some corner of the missing margins.
TEST(MissingGamesTest, MarginsEqualTheSlowObviousVersion) {
  std::mt19937_64 random(6);
  for (int design = 0; design < 60; ++design) {
    Games games = SimulatedGames({0, 1, 2, 3}, 0, 6, random);
    const Games more = SimulatedGames({0, 1, 2, 3}, 2, 4, random);
    games.insert(games.end(), more.begin(), more.end());
    std::vector<PairedGame*> missing;
    for (int i = 0; i < 3; ++i) {
      PairedGame& game = games[random() % games.size()];
      if (game.missing()) continue;
      game.outcome = GameOutcome::kMissing;
      missing.push_back(&game);
    }
    const std::vector<OrderClaim> claims{{1, 0}, {2, 0}, {3, 0}, {2, 1}, {3, 1}, {3, 2}};
    const std::vector<bool> depends = MarginsDepend(games, 4, claims);
    std::vector<bool> reversed(claims.size(), false);
    for (PairedGame* game : missing) game->outcome = GameOutcome::kTie;
    for (unsigned corner = 0; corner < 1u << missing.size(); ++corner) {
      for (size_t i = 0; i < missing.size(); ++i) missing[i]->margin = corner >> i & 1 ? 1 : -1;
      const std::vector<double> strengths = FitMargins(games, 4).strengths;
      for (size_t c = 0; c < claims.size(); ++c) {
        if (strengths[claims[c].above] < strengths[claims[c].below]) reversed[c] = true;
      }
    }
    EXPECT_EQ(depends, reversed);
  }
}

}  // namespace
}  // namespace axiometer
