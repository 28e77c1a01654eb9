#include "harness/model/reply_text.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(OneLine, CollapsesWhiteSpaceAndControlCharacters) {
  EXPECT_EQ(OneLine("  a\n\n\tb\x1b[31mc ", 100), "a b [31mc");
  EXPECT_EQ(OneLine("", 100), "");
  EXPECT_EQ(OneLine("a\xFF", 100), "a\uFFFD");
}

TEST(OneLine, CutsBetweenCharactersAndTellsTheSize) {
  EXPECT_EQ(OneLine("abcdef", 6), "abcdef");
  EXPECT_EQ(OneLine("abcdefg", 6), "abcdef… (7 bytes)");
  EXPECT_EQ(OneLine("ééé", 3), "é… (6 bytes)");
}

TEST(WithoutKey, ReplacesEveryOccurrence) {
  EXPECT_EQ(WithoutKey("a sk-12 b sk-12", "sk-12"), "a [key] b [key]");
  EXPECT_EQ(WithoutKey("keykeykey", "keyk"), "[key]eykey");
}

TEST(WithoutKey, APlaceholderIsNoSecret) {
  EXPECT_EQ(WithoutKey("x marks", "x"), "x marks");
  EXPECT_EQ(WithoutKey("x marks", ""), "x marks");
}

}  // namespace
}  // namespace axiometer
