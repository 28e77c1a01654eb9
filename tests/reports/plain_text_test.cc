#include "reports/plain_text.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(PlainTextTest, ControlsBecomeVisible) {
  EXPECT_EQ(Harmless("a\x1b[31mred\x07"), "a␛[31mred␇");
  EXPECT_EQ(Harmless(std::string_view("nul\0!", 5)), "nul␀!");
  EXPECT_EQ(Harmless("\xc2\x9b" "31m"), "\xef\xbf\xbd" "31m");  // C1 introducer
}

TEST(PlainTextTest, WhatIsNotUtf8IsReplaced) {
  EXPECT_EQ(Harmless("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(Harmless("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");             // overlong
  EXPECT_EQ(Harmless("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // surrogate
  EXPECT_EQ(Harmless("cut \xe2\x80"), "cut \xef\xbf\xbd\xef\xbf\xbd");
}

TEST(PlainTextTest, DirectionMarksAreTakenOut) {
  EXPECT_EQ(Harmless("a\xe2\x80\xae" "b"), "a\xef\xbf\xbd" "b");
}

TEST(PlainTextTest, WhiteSpaceBecomesOneSpaceUnlessLinesAreWanted) {
  EXPECT_EQ(Harmless("  a\r\n\t b  "), "a b");
  EXPECT_EQ(Harmless("a\r\n\tb\rc", true), "a\n\tb␍c");
}

TEST(PlainTextTest, MarkupIsEscaped) {
  EXPECT_EQ(HtmlText("<a href=\"x\">&'</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
}

TEST(PlainTextTest, WidthCountsCells) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("价值"), 4);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1);  // combining acute
  EXPECT_EQ(PadRight("价值观", 5), "价值…");
  EXPECT_EQ(PadRight("价值观", 4), "价… ");
  EXPECT_EQ(PadLeft("ab", 4), "  ab");
}

TEST(PlainTextTest, LinesBreakAtSpaces) {
  EXPECT_EQ(Wrapped("one two three", 7), "one two\nthree");
  EXPECT_EQ(Wrapped("abcdefgh", 3), "abc\ndef\ngh");
}

TEST(PlainTextTest, ExcerptNeverCutsACharacter) {
  EXPECT_EQ(Excerpt("aé", 2), "a…");
  EXPECT_EQ(Excerpt("aé", 3), "aé");
}

TEST(PlainTextTest, NumbersForPeople) {
  EXPECT_EQ(Fixed(0.005, 2), "0.01");
  EXPECT_EQ(Fixed(-0.001, 2), "0.00");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-1234), "-1,234");
  EXPECT_EQ(Grouped(999), "999");
}

}  // namespace
}  // namespace axiometer
