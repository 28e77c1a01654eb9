#include "reports/stats/letter_groups.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace axiometer {
namespace {

using Groups = std::vector<std::vector<int>>;
using Pairs = std::vector<std::pair<int, int>>;

TEST(LetterGroupsTest, NothingToldApartIsOneGroup) {
  EXPECT_EQ(*LetterGroups(3, Pairs{}), (Groups{{0, 1, 2}}));
  EXPECT_EQ(*LetterGroups(0, Pairs{}), Groups{});
}

TEST(LetterGroupsTest, EverythingToldApartIsAGroupEach) {
  EXPECT_EQ(*LetterGroups(3, Pairs{{0, 1}, {0, 2}, {1, 2}}), (Groups{{0}, {1}, {2}}));
}

TEST(LetterGroupsTest, NeighboursOverlap) {
  EXPECT_EQ(*LetterGroups(4, Pairs{{0, 2}, {0, 3}, {1, 3}}), (Groups{{0, 1}, {1, 2}, {2, 3}}));
}

// 0 is told apart from 6 and 7, 1 from 3 and 4, 2 from 4; 5 from none.
TEST(LetterGroupsTest, GroupsNeedNotBeNeighbours) {
  const Groups groups = *LetterGroups(8, Pairs{{0, 6}, {0, 7}, {1, 3}, {1, 4}, {2, 4}});
  EXPECT_EQ(groups, (Groups{{0, 1, 2, 5}, {0, 2, 3, 5}, {0, 3, 4, 5}, {1, 2, 5, 6, 7},
                            {2, 3, 5, 6, 7}, {3, 4, 5, 6, 7}}));
}

// Every set of items is tried.
TEST(LetterGroupsTest, EqualsTheSlowObviousVersion) {
  std::mt19937_64 random(11);
  for (int design = 0; design < 200; ++design) {
    const int items = 1 + static_cast<int>(random() % 8);
    const unsigned percent = random() % 101;
    Pairs apart;
    for (int i = 0; i < items; ++i) {
      for (int j = i + 1; j < items; ++j) {
        if (random() % 100 < percent) apart.emplace_back(i, j);
      }
    }
    std::shuffle(apart.begin(), apart.end(), random);
    std::vector<unsigned> alike;
    for (unsigned set = 1; set < (1u << items); ++set) {
      bool fine = true;
      for (const auto& [i, j] : apart) fine = fine && !((set >> i & 1) && (set >> j & 1));
      if (fine) alike.push_back(set);
    }
    std::set<std::vector<int>> largest;
    for (const unsigned set : alike) {
      bool within = false;
      for (const unsigned other : alike) within = within || (set != other && (set & ~other) == 0);
      if (within) continue;
      std::vector<int> members;
      for (int i = 0; i < items; ++i) {
        if (set >> i & 1) members.push_back(i);
      }
      largest.insert(members);
    }
    EXPECT_EQ(*LetterGroups(items, apart), Groups(largest.begin(), largest.end()));
  }
}

TEST(LetterGroupsTest, TooManyGroupsAreNone) {
  // Ten threes told apart among themselves: 3^10 sets.
  Pairs apart;
  for (int i = 0; i < 30; i += 3) {
    apart.insert(apart.end(), {{i, i + 1}, {i, i + 2}, {i + 1, i + 2}});
  }
  EXPECT_FALSE(LetterGroups(30, apart));
}

TEST(LetterGroupsTest, LettersGoOnAfterZ) {
  EXPECT_EQ(GroupLetters(0), "a");
  EXPECT_EQ(GroupLetters(25), "z");
  EXPECT_EQ(GroupLetters(26), "aa");
  EXPECT_EQ(GroupLetters(27), "ab");
  EXPECT_EQ(GroupLetters(702), "aaa");
}

}  // namespace
}  // namespace axiometer
