#include "reports/plain_text.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(PlainTextTest, WhatATerminalActsOnBecomesVisible) {
  EXPECT_EQ(Harmless("a\x1b[31mred\x07"), "a\\x1b[31mred\\x07");
  EXPECT_EQ(Harmless("a\xe2\x80\xae"
                     "b"),
            "a\\u202eb");
  EXPECT_EQ(Harmless("\xff"), "\xef\xbf\xbd");
}

TEST(PlainTextTest, WhiteSpaceBecomesOneSpaceUnlessLinesAreWanted) {
  EXPECT_EQ(Harmless("  a\r\n\t b  "), "a b");
  EXPECT_EQ(Harmless("a\n b", true), "a\n b");
}

TEST(PlainTextTest, MarkupIsEscaped) {
  EXPECT_EQ(HtmlText("<a href=\"x\">&'</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
}

TEST(PlainTextTest, PaddingCountsCells) {
  EXPECT_EQ(PadRight("价值观", 5), "价值…");
  EXPECT_EQ(PadRight("价值观", 4), "价… ");
  EXPECT_EQ(PadLeft("ab", 4), "  ab");
}

TEST(PlainTextTest, LinesBreakAtSpaces) {
  EXPECT_EQ(Wrapped("one two three", 7), "one two\nthree");
  EXPECT_EQ(Wrapped("abcdefgh", 3), "abc\ndef\ngh");
  EXPECT_EQ(Wrapped("an openai/judge-large-2", 14), "an\nopenai/judge-\nlarge-2");
  EXPECT_EQ(Wrapped("价值观的测量", 5), "价值\n观的\n测量");
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

TEST(PlainTextTest, WhatIsCountedIsOneOrMany) {
  EXPECT_EQ(Counted(1, "sample"), "1 sample");
  EXPECT_EQ(Counted(0, "sample"), "0 samples");
  EXPECT_EQ(Counted(1'204, "pair"), "1,204 pairs");
}

}  // namespace
}  // namespace axiometer
