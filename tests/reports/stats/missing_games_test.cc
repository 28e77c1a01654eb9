#include "reports/stats/missing_games.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

#include "reports/stats/davidson.h"
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

TEST(MissingGamesTest, ManyOfOnePairAreCountedByHowTheyEnd) {
  EXPECT_FALSE(OutcomesDepend(Pair(10, 9), 2, kFirstAbove)[0]);
  EXPECT_TRUE(OutcomesDepend(Pair(8, 9), 2, kFirstAbove)[0]);
  EXPECT_FALSE(OutcomesDepend(Pair(30, 30), 2, kFirstAbove)[0]);
  EXPECT_TRUE(OutcomesDepend(Pair(30, 31), 2, kFirstAbove)[0]);
}

TEST(MissingGamesTest, GamesOfOthersDoNotTurnAnOrder) {
  Games games = Pair(1, 0);
  for (int i = 0; i < 9; ++i) games.push_back({2, 3, GameOutcome::kMissing, 0, 10 + i});
  EXPECT_FALSE(OutcomesDepend(games, 4, kFirstAbove)[0]);
}

// Every claim of order, by each of some amounts.
std::vector<OrderClaim> AllClaims(int values) {
  std::vector<OrderClaim> claims;
  for (int i = 0; i < values; ++i) {
    for (int j = 0; j < values; ++j) {
      if (i == j) continue;
      for (const double more_than : {0.0, 0.4, 1.0}) claims.push_back({i, j, more_than});
    }
  }
  return claims;
}

// Some of the games without their outcome.
Games WithMissing(Games games, int missing, std::mt19937_64& random) {
  while (missing > 0) {
    PairedGame& game = games[random() % games.size()];
    if (game.missing()) continue;
    game.outcome = GameOutcome::kMissing;
    --missing;
  }
  return games;
}

// Davidson's strengths under each of the 3^k fillings.
std::vector<bool> BrokenByTrying(Games games, int values, const std::vector<OrderClaim>& claims) {
  std::vector<PairedGame*> missing;
  for (PairedGame& game : games) {
    if (game.missing()) missing.push_back(&game);
  }
  int fillings = 1;
  for (size_t i = 0; i < missing.size(); ++i) fillings *= 3;
  std::vector<bool> broken(claims.size(), false);
  for (int filling = 0; filling < fillings; ++filling) {
    int rest = filling;
    for (PairedGame* game : missing) {
      game->outcome =
          std::vector{GameOutcome::kFirst, GameOutcome::kTie, GameOutcome::kSecond}[static_cast<size_t>(rest % 3)];
      rest /= 3;
    }
    const std::vector<double> strengths = MaximiseDavidson(games, values)->strengths;
    for (size_t i = 0; i < claims.size(); ++i) {
      const auto above = static_cast<size_t>(claims[i].above);
      const auto below = static_cast<size_t>(claims[i].below);
      if (strengths[above] - strengths[below] < claims[i].more_than - 1e-9) broken[i] = true;
    }
  }
  return broken;
}

TEST(MissingGamesTest, SmallSystemsEqualTryingEveryFilling) {
  std::mt19937_64 random(1);
  for (int design = 0; design < 40; ++design) {
    Games games = SimulatedGames({0, 0.5, 1, 1.5, 2}, 0, 6, random);
    if (design % 2 == 0) {
      const Games more = SimulatedGames({0, 0.5, 1, 1.5, 2}, 3, 4, random);
      games.insert(games.end(), more.begin(), more.end());
    }
    games = WithMissing(std::move(games), 1 + design % 5, random);
    const std::vector<OrderClaim> claims = AllClaims(5);
    EXPECT_EQ(OutcomesDepend(games, 5, claims), BrokenByTrying(games, 5, claims)) << "design " << design;
  }
}

// Where the search has to stop early, what it leaves open is said to depend: no filling breaks what it calls safe, and
// in a large system it calls nearly everything safe that is.
TEST(MissingGamesTest, LargeSystemsAreNeverCalledSafeWrongly) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal(0, 1);
  int64_t unbroken = 0;
  int64_t safe = 0;
  for (int design = 0; design < 3; ++design) {
    std::vector<double> strengths(24);
    for (double& strength : strengths) strength = normal(random);
    const Games games = WithMissing(SimulatedGames(strengths, 10, 60, random), 5, random);
    const std::vector<OrderClaim> claims = AllClaims(24);
    const std::vector<bool> depends = OutcomesDepend(games, 24, claims);
    const std::vector<bool> broken = BrokenByTrying(games, 24, claims);
    for (size_t i = 0; i < claims.size(); ++i) {
      EXPECT_TRUE(depends[i] || !broken[i]) << "design " << design << ", claim " << i;
      unbroken += !broken[i];
      safe += !depends[i];
    }
  }
  EXPECT_GE(static_cast<double>(safe), 0.98 * static_cast<double>(unbroken));
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
