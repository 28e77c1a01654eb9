#include "tasks/text_overlap.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

using Words = std::vector<std::string>;

TEST(TextOverlap, WordsAreRunsOfLettersAndDigits) {
  EXPECT_EQ(RougeWords("The cat's 2 bowls – naïve."),
            (Words{"the", "cat", "s", "2", "bowls", "na", "ve"}));
  EXPECT_EQ(RougeWords(" ?! "), Words{});
}

TEST(TextOverlap, Rouge1CountsSharedWordsAsOftenAsBothHaveThem) {
  const Overlap overlap = Rouge1({"a", "a", "b", "c"}, {"a", "b", "b", "d", "e"});
  EXPECT_DOUBLE_EQ(overlap.precision, 2.0 / 4);
  EXPECT_DOUBLE_EQ(overlap.recall, 2.0 / 5);
  EXPECT_DOUBLE_EQ(overlap.f, 4.0 / 9);
}

TEST(TextOverlap, RougeLIsTheLongestCommonSubsequence) {
  // police killed the gunman / police kill the gunman; the gunman kill police (Lin 2004, section
  // 3).
  const Words reference = {"police", "killed", "the", "gunman"};
  EXPECT_DOUBLE_EQ(RougeL({"police", "kill", "the", "gunman"}, reference).f, 0.75);
  EXPECT_DOUBLE_EQ(RougeL({"the", "gunman", "kill", "police"}, reference).f, 0.5);
}

TEST(TextOverlap, NothingSharedIsZeroAndNeverADivisionByZero) {
  for (const Overlap& overlap : {Rouge1({"a"}, {"b"}), RougeL({"a"}, {"b"}), Rouge1({}, {}),
                                 RougeL({}, {"a"}), RougeL({"a"}, {})}) {
    EXPECT_EQ(overlap.precision, 0);
    EXPECT_EQ(overlap.recall, 0);
    EXPECT_EQ(overlap.f, 0);
  }
}

}  // namespace
}  // namespace axiometer
