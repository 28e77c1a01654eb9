#include "reports/terminal_table.h"

#include <gtest/gtest.h>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

using Lines = std::vector<std::string>;

Lines TextOf(const Table& table, int width) {
  Lines lines;
  for (const TableLine& line : TableLines(table, width)) lines.push_back(line.text);
  return lines;
}

Table Judges() {
  Table table;
  table.columns = {{"Judge", false}, {"With", false}, {"Alpha", true}, {"Equal scores", true}, {"Verdict", false}};
  table.rows = {{"openai/judge-large", "people", "0.71 [0.60, 0.80]", "0.80 [0.70, 0.90]", "fit"},
                {"openai/judge-small", "itself", "0.31 [0.10, 0.50]", "–", "does not repeat itself"}};
  return table;
}

TEST(TerminalTableTest, WhatFitsIsOneTable) {
  EXPECT_EQ(TextOf(Judges(), 100),
            (Lines{"Judge               With                Alpha       Equal scores  Verdict",
                   "openai/judge-large  people  0.71 [0.60, 0.80]  0.80 [0.70, 0.90]  fit",
                   "openai/judge-small  itself  0.31 [0.10, 0.50]                  –  does not repeat itself"}));
  EXPECT_EQ(WidthOf(Judges()), 18 + 2 + 6 + 2 + 17 + 2 + 17 + 2 + 22);
}

TEST(TerminalTableTest, TextWrapsAndNumbersStayWhole) {
  EXPECT_EQ(TextOf(Judges(), 80),
            (Lines{"Judge             With                Alpha       Equal scores  Verdict",
                   "openai/judge-     people  0.71 [0.60, 0.80]  0.80 [0.70, 0.90]  fit", "large",
                   "openai/judge-     itself  0.31 [0.10, 0.50]                  –  does not repeat",
                   "small                                                           itself"}));
}

TEST(TerminalTableTest, WhatStillDoesNotFitGoesIntoFurtherTablesWithTheNamesAgain) {
  EXPECT_EQ(TextOf(Judges(), 40),
            (Lines{"Judge         With                Alpha", "openai/       people  0.71 [0.60, 0.80]", "judge-large",
                   "openai/       itself  0.31 [0.10, 0.50]", "judge-small", "", "Judge         With         Equal scores",
                   "openai/       people  0.80 [0.70, 0.90]", "judge-large", "openai/       itself                  –",
                   "judge-small", "", "Judge         With    Verdict", "openai/       people  fit", "judge-large",
                   "openai/       itself  does not repeat", "judge-small           itself"}));
}

TEST(TerminalTableTest, TitlesWrapBeforeColumnsDo) {
  Table table;
  table.columns = {{"Value", false}, {"Share of all answers", true}, {"Tasks", true}};
  table.rows = {{"benevolence", "0.5", "12"}};
  EXPECT_EQ(TextOf(table, 32), (Lines{"             Share of all", "Value             answers  Tasks",
                                      "benevolence           0.5     12"}));
}

TEST(TerminalTableTest, WidthsAreOfCellsAndNotOfBytes) {
  Table table;
  table.columns = {{"值", false}, {"n", true}};
  table.rows = {{"价值观的测量", "12"}, {"ab", "3"}};
  EXPECT_EQ(TextOf(table, 40), (Lines{"值             n", "价值观的测量  12", "ab             3"}));
  for (const int width : {20, 25, 40}) {
    Table wide = Judges();
    wide.rows[0][0] = "测量价值观的裁判模型测量价值观的裁判模型";
    for (const std::string& line : TextOf(wide, width))
      EXPECT_LE(DisplayWidth(line), static_cast<size_t>(width)) << line;
  }
}

TEST(TerminalTableTest, OnlyTitlesAreHeads) {
  const std::vector<TableLine> lines = TableLines(Judges(), 100);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].head);
  EXPECT_FALSE(lines[1].head);
}

}  // namespace
}  // namespace axiometer
