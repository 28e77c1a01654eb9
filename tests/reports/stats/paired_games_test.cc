#include "reports/stats/paired_games.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace axiometer {
namespace {

using Games = std::vector<PairedGame>;

PairedGame Game(int a, int b, GameOutcome outcome, int cluster = 0) {
  return {a, b, outcome, 0, cluster};
}

constexpr GameOutcome kFirst = GameOutcome::kFirst;
constexpr GameOutcome kTie = GameOutcome::kTie;
constexpr GameOutcome kMissing = GameOutcome::kMissing;

TEST(PairedGamesTest, ComponentsAreWhatPlayedGamesConnect) {
  const Games games{Game(4, 1, kFirst), Game(1, 2, kTie), Game(5, 3, kFirst), Game(0, 1, kMissing)};
  const GameGraph played = PlayedGraph(games, 7);
  EXPECT_EQ(played.components, (std::vector<std::vector<int>>{{1, 2, 4}, {3, 5}}));
  EXPECT_EQ(played.alone, (std::vector<int>{0, 6}));
  const GameGraph planned = PlannedGraph(games, 7);
  EXPECT_EQ(planned.components, (std::vector<std::vector<int>>{{0, 1, 2, 4}, {3, 5}}));
  EXPECT_EQ(planned.alone, (std::vector<int>{6}));
}

TEST(PairedGamesTest, GamesAmongMembersAreRenumberedByPlace) {
  const Games games{Game(4, 1, kFirst, 8), Game(1, 2, kTie), Game(4, 2, kMissing)};
  const Games among = GamesAmong(games, std::vector<int>{1, 4});
  ASSERT_EQ(among.size(), 1u);
  EXPECT_EQ(among[0].a, 1);
  EXPECT_EQ(among[0].b, 0);
  EXPECT_EQ(among[0].cluster, 8);
}

TEST(PairedGamesTest, ACycleOfWinsOrOneTieBackIsStronglyConnected) {
  const Games chain{Game(0, 1, kFirst), Game(1, 2, kFirst)};
  EXPECT_FALSE(StronglyConnected(chain, 3));
  Games cycle = chain;
  cycle.push_back(Game(2, 0, kFirst));
  EXPECT_TRUE(StronglyConnected(cycle, 3));
  Games tie = chain;
  tie.push_back(Game(0, 2, kTie));
  EXPECT_TRUE(StronglyConnected(tie, 3));
  Games missing = chain;
  missing.push_back(Game(0, 2, kMissing));
  EXPECT_FALSE(StronglyConnected(missing, 3));
}

TEST(PairedGamesTest, GamesThatContradictNoOrderAreSeparated) {
  const Games chain{Game(0, 1, kFirst), Game(1, 2, kFirst), Game(0, 2, kFirst), Game(2, 1, kMissing)};
  EXPECT_TRUE(CompletelySeparated(chain, 3));
  EXPECT_TRUE(CompletelySeparated({}, 3));
  Games cycle = chain;
  cycle.push_back(Game(2, 0, kFirst));
  EXPECT_FALSE(CompletelySeparated(cycle, 3));
  Games tie = chain;
  tie.push_back(Game(0, 1, kTie));
  EXPECT_FALSE(CompletelySeparated(tie, 3));
  // 0 never lost, 1 and 2 beat each other.
  EXPECT_FALSE(CompletelySeparated(Games{Game(0, 1, kFirst), Game(1, 2, kFirst), Game(2, 1, kFirst)}, 3));
}

TEST(PairedGamesTest, AValueThatMetOthersInOneClusterIsOnItsOwn) {
  const Games games{Game(0, 1, kFirst, 1), Game(0, 1, kFirst, 2), Game(1, 2, kFirst, 3),
                    Game(2, 0, kFirst, 4), Game(3, 0, kFirst, 5), Game(3, 1, kTie, 5)};
  const std::vector<int> number = ConnectedWithoutAnyCluster(games, 4);
  EXPECT_EQ(number[0], number[1]);
  EXPECT_EQ(number[0], number[2]);
  EXPECT_NE(number[0], number[3]);
}

TEST(PairedGamesTest, LeavingClustersOutEqualsTheSlowObviousVersion) {
  std::mt19937_64 random(5);
  for (int design = 0; design < 200; ++design) {
    const int values = 2 + static_cast<int>(random() % 5);
    const int clusters = 1 + static_cast<int>(random() % 5);
    Games games;
    std::set<int> seen;
    for (int i = static_cast<int>(random() % 10); i >= 0; --i) {
      const int a = static_cast<int>(random() % values);
      const int b = static_cast<int>((a + 1 + random() % (values - 1)) % values);
      games.push_back(Game(a, b, kTie, static_cast<int>(random() % clusters)));
      seen.insert(games.back().cluster);
    }
    const std::vector<int> number = ConnectedWithoutAnyCluster(games, values);
    const auto connected = [values](const Games& some, int i, int j) {
      for (const auto& component : PlayedGraph(some, values).components) {
        const std::set<int> members(component.begin(), component.end());
        if (members.count(i) && members.count(j)) return true;
      }
      return false;
    };
    for (int i = 0; i < values; ++i) {
      for (int j = i + 1; j < values; ++j) {
        bool always = connected(games, i, j);
        for (const int left_out : seen) {
          Games rest;
          for (const PairedGame& game : games) {
            if (game.cluster != left_out) rest.push_back(game);
          }
          always = always && connected(rest, i, j);
        }
        EXPECT_EQ(number[i] == number[j], always);
      }
    }
  }
}

}  // namespace
}  // namespace axiometer
