#include "reports/stats/value_priority.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/reports/stats/simulated_games.h"

namespace axiometer {
namespace {

using Games = std::vector<PairedGame>;

// Every pair of values meets `times`, each game a cluster of its own; the lower number wins but for
// every sixth game.
Games LowerNumberWins(int values, int times) {
  Games games;
  for (int a = 0; a < values; ++a) {
    for (int b = a + 1; b < values; ++b) {
      for (int i = 0; i < times; ++i) {
        const bool wins = i % 6 != 5;
        const double size = 0.3 + 0.01 * (i % 5);
        games.push_back({a, b, wins ? GameOutcome::kFirst : GameOutcome::kSecond,
                         wins ? size : -size, static_cast<int>(games.size())});
      }
    }
  }
  return games;
}

const PriorityComponent& Only(const ValuePriority& priority) { return priority.components.at(0); }

TEST(ValuePriorityTest, AClearOrderIsDecidedByBothRatings) {
  const ValuePriority priority = PriorityOf(LowerNumberWins(3, 60), 3);
  EXPECT_EQ(priority.reason, "");
  ASSERT_EQ(priority.components.size(), 1u);
  const PriorityComponent& component = Only(priority);
  EXPECT_EQ(component.games, 180);
  EXPECT_EQ(component.clusters, 180);
  EXPECT_FALSE(component.one_case_a_pair);
  EXPECT_EQ(component.counts[1].wins, 60);
  EXPECT_EQ(component.counts[1].losses, 60);
  for (const PriorityRating* rating : {&component.by_outcomes, &component.by_margins}) {
    EXPECT_EQ(rating->refusal, "");
    EXPECT_EQ(rating->caution, "");
    EXPECT_LT(*rating->gate_p, 0.001);
    ASSERT_EQ(rating->values.size(), 3u);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(rating->values[i].value, i);
      EXPECT_EQ(rating->values[i].rank.low, i + 1);
      EXPECT_EQ(rating->values[i].rank.high, i + 1);
      EXPECT_EQ(rating->values[i].groups, (std::vector<int>{i}));
    }
    EXPECT_EQ(rating->groups, (std::vector<std::vector<int>>{{0}, {1}, {2}}));
    EXPECT_EQ(rating->decided, 3);
    for (const PriorityPair& pair : rating->pairs) {
      EXPECT_GT(pair.compared.difference, 0);
      EXPECT_GT(*pair.compared.probability, 0.9);
      EXPECT_FALSE(pair.depends_on_missing);
    }
  }
}

TEST(ValuePriorityTest, PairsAndGroupsFollowTheOrderOfPrint) {
  Games games = LowerNumberWins(3, 60);
  for (PairedGame& game : games) {
    game.a = 2 - game.a;
    game.b = 2 - game.b;
  }
  const PriorityRating rating = Only(PriorityOf(games, 3)).by_outcomes;
  EXPECT_EQ(rating.values[0].value, 2);
  EXPECT_EQ(rating.groups, (std::vector<std::vector<int>>{{2}, {1}, {0}}));
  EXPECT_EQ(rating.pairs[0].compared.first, 2);
  EXPECT_EQ(rating.pairs[0].compared.second, 1);
  EXPECT_EQ(rating.pairs[2].compared.second, 0);
}

TEST(ValuePriorityTest, EqualValuesGetNoRanking) {
  Games games;
  for (int i = 0; i < 30; ++i) {
    const bool first = i % 2 == 0;
    games.push_back({i % 3, (i + 1) % 3, first ? GameOutcome::kFirst : GameOutcome::kSecond,
                     first ? 0.25 : -0.25, i});
  }
  const PriorityComponent component = Only(PriorityOf(games, 3));
  for (const PriorityRating* rating : {&component.by_outcomes, &component.by_margins}) {
    EXPECT_EQ(rating->refusal, "these data do not support any ranking of 3 values (p = 1)");
    EXPECT_TRUE(rating->values.empty());
    EXPECT_TRUE(rating->pairs.empty());
    EXPECT_EQ(rating->decided, 0);
  }
}

TEST(ValuePriorityTest, TiesAloneGiveNoRanking) {
  Games games;
  for (int i = 0; i < 12; ++i) games.push_back({0, 1, GameOutcome::kTie, 0, i});
  const PriorityComponent component = Only(PriorityOf(games, 2));
  EXPECT_EQ(component.by_outcomes.refusal, "every game was a tie");
  EXPECT_EQ(component.by_margins.refusal, "every score difference is 0");
  EXPECT_FALSE(component.by_outcomes.gate_p);
}

TEST(ValuePriorityTest, FiveClustersAreTooFew) {
  Games games = LowerNumberWins(2, 40);
  for (PairedGame& game : games) game.cluster %= 5;
  EXPECT_EQ(Only(PriorityOf(games, 2)).by_outcomes.refusal,
            "fewer than 6 independent clusters of games: too few to tell an order from chance");
  for (PairedGame& game : games) game.cluster = (game.a + game.cluster) % 6;
}

TEST(ValuePriorityTest, PartsThatNeverMetAreRankedApart) {
  Games games = LowerNumberWins(2, 20);
  for (PairedGame game : LowerNumberWins(2, 20)) {
    game.a += 3;
    game.b += 3;
    game.cluster += 100;
    games.push_back(game);
  }
  const ValuePriority priority = PriorityOf(games, 5);
  EXPECT_EQ(priority.reason, "the games fall into 2 parts that never met: ranked apart");
  ASSERT_EQ(priority.components.size(), 2u);
  EXPECT_EQ(priority.components[1].by_outcomes.values[0].value, 3);
  EXPECT_EQ(priority.alone, (std::vector<int>{2}));
}

TEST(ValuePriorityTest, ValuesWithoutAGameAreNamed) {
  const ValuePriority priority = PriorityOf(LowerNumberWins(2, 20), 4);
  EXPECT_EQ(priority.reason, "2 of 4 values without a game: not ranked");
  EXPECT_EQ(priority.alone, (std::vector<int>{2, 3}));
  EXPECT_EQ(PriorityOf({}, 3).reason, "no game was played");
  EXPECT_EQ(PriorityOf({}, 1).reason, "fewer than two values");
  EXPECT_TRUE(PriorityOf({}, 3).components.empty());
}

TEST(ValuePriorityTest, AValueThatNeverLostIsFittedWithACaution) {
  Games games = LowerNumberWins(3, 30);
  for (PairedGame& game : games) {
    if (game.a == 0) game.outcome = GameOutcome::kFirst;
  }
  EXPECT_EQ(Only(PriorityOf(games, 3)).by_outcomes.caution,
            "finite only through the penalty: some values never lost to the others");
}

TEST(ValuePriorityTest, CompleteSeparationHasRanksAndNoStrengths) {
  Games games = LowerNumberWins(3, 30);
  for (PairedGame& game : games) game.outcome = game.a < game.b ? GameOutcome::kFirst : GameOutcome::kSecond;
  const PriorityRating rating = Only(PriorityOf(games, 3)).by_outcomes;
  EXPECT_TRUE(rating.separated);
  EXPECT_EQ(rating.caution, "no game contradicts the order, so that no strength is finite and none is printed");
  EXPECT_EQ(rating.decided, 3);
  EXPECT_FALSE(Only(PriorityOf(LowerNumberWins(3, 30), 3)).by_outcomes.separated);
}

TEST(ValuePriorityTest, DifferencesOnOneClusterStayUndecided) {
  Games games = LowerNumberWins(2, 40);
  games.push_back({1, 2, GameOutcome::kFirst, 1, 1000});
  const PriorityRating rating = Only(PriorityOf(games, 3)).by_margins;
  EXPECT_EQ(rating.caution, "2 of 3 differences rest on one cluster and stay undecided");
  EXPECT_EQ(rating.decided, 1);
  EXPECT_EQ(rating.groups, (std::vector<std::vector<int>>{{0, 2}, {1, 2}}));
}

TEST(ValuePriorityTest, ADecidedPairThatMissingGamesReverseIsStamped) {
  Games games = LowerNumberWins(2, 30);  // 25 to 5
  for (int i = 0; i < 15; ++i) games.push_back({0, 1, GameOutcome::kMissing, 0, 1000 + i});
  EXPECT_EQ(Only(PriorityOf(games, 2)).missing, 15);
  EXPECT_EQ(Only(PriorityOf(games, 2)).counts[0].missing, 15);
  EXPECT_FALSE(Only(PriorityOf(games, 2)).by_outcomes.pairs[0].depends_on_missing);
  for (int i = 0; i < 15; ++i) games.push_back({1, 0, GameOutcome::kMissing, 0, 2000 + i});
  const PriorityRating rating = Only(PriorityOf(games, 2)).by_outcomes;
  EXPECT_TRUE(rating.pairs[0].compared.decided);
  EXPECT_TRUE(rating.pairs[0].depends_on_missing);
  EXPECT_TRUE(Only(PriorityOf(games, 2)).by_margins.pairs[0].depends_on_missing);
}

TEST(ValuePriorityTest, RanksThatMissingGamesCouldMoveHaveWiderBounds) {
  Games games = LowerNumberWins(3, 60);
  const PriorityComponent complete = Only(PriorityOf(games, 3));
  for (const PriorityValue& value : complete.by_outcomes.values) EXPECT_FALSE(value.rank_bounds);
  // 50 games to 10: all 30 to the other side would leave 50 to 40, which decides nothing.
  for (int i = 0; i < 30; ++i) games.push_back({1, 2, GameOutcome::kMissing, 0, 1000 + i});
  const PriorityComponent component = Only(PriorityOf(games, 3));
  for (const PriorityRating* rating : {&component.by_outcomes, &component.by_margins}) {
    ASSERT_EQ(rating->values.size(), 3u);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(rating->values[i].rank.low, i + 1);
      EXPECT_EQ(rating->values[i].rank.high, i + 1);
      ASSERT_TRUE(rating->values[i].rank_bounds);
      EXPECT_LE(rating->values[i].rank_bounds->low, i + 1);
      EXPECT_GE(rating->values[i].rank_bounds->high, i + 1);
    }
    EXPECT_EQ(rating->values[0].rank_bounds->low, 1);
    EXPECT_EQ(rating->values[1].rank_bounds->high, 3);
    EXPECT_LE(rating->values[2].rank_bounds->low, 2);
  }
}

// A game that would have joined two parts counts as missing of both.
// Games of which an epoch is missing: fitted as they are, and bounded as if they could have ended in any way.
TEST(ValuePriorityTest, GamesThatCouldStillTurnWidenTheBoundsAlone) {
  const Games games = LowerNumberWins(3, 60);
  Games partly = games;
  for (PairedGame& game : partly) {
    game.margin_open = true;
    game.outcome_open = game.a != 0 && game.b != 0;
  }
  const PriorityComponent whole = Only(PriorityOf(games, 3));
  const PriorityComponent open = Only(PriorityOf(partly, 3));
  EXPECT_EQ(open.missing, 0);
  EXPECT_EQ(open.partly, open.games);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(open.by_outcomes.values[i].strength, whole.by_outcomes.values[i].strength);
    EXPECT_EQ(open.by_outcomes.values[i].rank.low, whole.by_outcomes.values[i].rank.low);
    ASSERT_TRUE(open.by_margins.values[i].rank_bounds);
    EXPECT_EQ(open.by_margins.values[i].rank_bounds->low, 1);
    EXPECT_EQ(open.by_margins.values[i].rank_bounds->high, 3);
  }
  for (const PriorityPair& pair : whole.by_outcomes.pairs) EXPECT_FALSE(pair.depends_on_missing);
  EXPECT_TRUE(open.by_outcomes.pairs[2].depends_on_missing);  // 1 above 2
}

TEST(ValuePriorityTest, MissingGamesAcrossPartsStampToo) {
  Games games = LowerNumberWins(2, 30);
  games.push_back({2, 3, GameOutcome::kTie, 0, 500});
  for (int i = 0; i < 200; ++i) games.push_back({2, 0, GameOutcome::kMissing, 0, 1000 + i});
  const ValuePriority priority = PriorityOf(games, 4);
  ASSERT_EQ(priority.components.size(), 2u);
  EXPECT_EQ(Only(priority).missing, 0);
  EXPECT_TRUE(Only(priority).by_outcomes.pairs[0].depends_on_missing);
}

TEST(ValuePriorityTest, OrderOfRowsChangesNothing) {
  std::mt19937_64 random(8);
  Games games = SimulatedGames({2, 1, 0, -1, -2, 1.5}, 0, 9, random);
  const ValuePriority priority = PriorityOf(games, 6);
  std::shuffle(games.begin(), games.end(), random);
  const ValuePriority again = PriorityOf(games, 6);
  EXPECT_TRUE(Only(priority).one_case_a_pair);
  const PriorityRating& one = Only(priority).by_margins;
  const PriorityRating& two = Only(again).by_margins;
  EXPECT_EQ(one.refusal, "");
  EXPECT_EQ(one.gate_p, two.gate_p);
  EXPECT_NEAR(one.critical, two.critical, 1e-6);
  ASSERT_EQ(one.pairs.size(), two.pairs.size());
  for (size_t i = 0; i < one.pairs.size(); ++i) {
    EXPECT_EQ(one.pairs[i].compared.first, two.pairs[i].compared.first);
    EXPECT_EQ(one.pairs[i].compared.decided, two.pairs[i].compared.decided);
    EXPECT_NEAR(*one.pairs[i].compared.probability, *two.pairs[i].compared.probability, 1e-9);
  }
}

}  // namespace
}  // namespace axiometer
