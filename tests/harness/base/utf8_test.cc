#include "harness/base/utf8.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(Utf8, RefusesIllFormedText) {
  EXPECT_TRUE(IsUtf8("aé漢😀"));
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_EQ(FindInvalidUtf8("ab\xFF"), 2u);
  EXPECT_FALSE(IsUtf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(IsUtf8("\xE0\x80\x80"));      // overlong
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(IsUtf8("\xE6\xBC"));          // cut off
}

TEST(Utf8, ReplacesEachMaximalIllFormedPart) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFF" "b"), "a\uFFFDb");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE6\xBC"), "\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE6\xBC" "x"), "\uFFFDx");
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\x80"), "\uFFFD\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xF1\x80\x80\xE1\x80\xC2" "b"), "\uFFFD\uFFFD\uFFFDb");
}

TEST(Utf8, RoundTripsCodePoints) {
  EXPECT_EQ(CodePoints("aé漢😀"), U"aé漢😀");
  EXPECT_EQ(EncodeUtf8(U"aé漢😀"), "aé漢😀");
}

TEST(Utf8, TrimsAsPythonDoes) {
  EXPECT_EQ(TrimPython(" \t\n\u00A0\u2003\u3000x y\u0085\u2029 "), "x y");
  EXPECT_EQ(TrimPython("\x1C\x1Fx\x1D"), "x");
  EXPECT_EQ(TrimPython("\u200Bx"), "\u200Bx");  // zero width space is no white space
  EXPECT_EQ(TrimPython(" \u3000 "), "");
}

TEST(Utf8, NeutralisesWhatATerminalWouldObey) {
  EXPECT_EQ(ForTerminal("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(ForTerminal("a\tb\nc\r"), "a b\\nc\\r");
  EXPECT_EQ(ForTerminal("a\nb", true), "a\nb");
  EXPECT_EQ(ForTerminal("\u202Eabc\u2066"), "\\u202eabc\\u2066");
  EXPECT_EQ(ForTerminal("\u009B2J"), "\\x9b2J");
  EXPECT_EQ(ForTerminal("\x9B" "2J"), "\uFFFD2J");
  EXPECT_EQ(ForTerminal("é漢😀"), "é漢😀");
  EXPECT_EQ(ForTerminal("\U000E0041"), "\\U000e0041");
}

TEST(Utf8, MeasuresColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("漢字"), 4u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("😀"), 2u);
  EXPECT_EQ(DisplayWidth("한국"), 4u);
  EXPECT_EQ(DisplayWidth("Ａ"), 2u);
  EXPECT_EQ(DisplayWidth("█é…"), 3u);
}

}  // namespace
}  // namespace axiometer
