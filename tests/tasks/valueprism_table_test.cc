#include "tasks/valueprism_table.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

using Layout = ValuePrismLayout;

ValuePrismTable Read(const std::string& text, Layout layout) {
  Result<ValuePrismTable> table = ParseValuePrismTable(text, "t.csv", layout);
  EXPECT_TRUE(table) << (table ? "" : table.error().ToString());
  return table ? std::move(*table) : ValuePrismTable();
}

std::string Problem(const std::string& text, Layout layout) {
  const Result<ValuePrismTable> table = ParseValuePrismTable(text, "t.csv", layout);
  return table ? "" : table.error().ToString();
}

TEST(ValuePrismTable, EachLayoutHasItsRoles) {
  const ValuePrismTable valence = Read("situation,vrd,text,valence\nA nap,Right,Right to rest,Supports\n", Layout::kValence);
  ASSERT_EQ(valence.rows.size(), 1u);
  EXPECT_EQ(valence.rows[0].situation, "A nap");
  EXPECT_EQ(valence.rows[0].type, "Right");
  EXPECT_EQ(valence.rows[0].text, "Right to rest");
  EXPECT_EQ(valence.rows[0].valence, "Supports");
  EXPECT_EQ(Read("situation,vrd,text,relevance\nA nap,Right,Right to rest,no\n", Layout::kRelevance).rows.at(0).relevance, "No");
  EXPECT_EQ(Read("situation,vrd,text,explanation\nA nap,Right,Rest,Because.\n", Layout::kExplanation).rows.at(0).explanation,
            "Because.");
  EXPECT_EQ(Read("situation,vrd,text\nA nap,Right,Rest\n", Layout::kGenerative).rows.at(0).text, "Rest");
  const ValuePrismTable full =
      Read("situation,vrd,text,explanation,valence\nA nap,Duty,Duty to work,\"It, too.\",opposes\n", Layout::kFull);
  EXPECT_EQ(full.rows.at(0).valence, "Opposes");
  EXPECT_EQ(full.rows.at(0).explanation, "It, too.");
}

TEST(ValuePrismTable, HeadersAreMatchedThroughAliasesWhateverTheirCase) {
  const ValuePrismTable table = Read("Action,TYPE, value ,label\nA nap,values,Rest,either\n", Layout::kValence);
  EXPECT_EQ(table.rows.at(0).situation, "A nap");
  EXPECT_EQ(table.rows.at(0).type, "Value");
  EXPECT_EQ(table.rows.at(0).text, "Rest");
  EXPECT_EQ(table.rows.at(0).valence, "Either");
  EXPECT_EQ(Read("action,vrd,text,relevant\nA nap,Value,Rest,1\n", Layout::kRelevance).rows.at(0).relevance, "Yes");
  EXPECT_EQ(Read("action,vrd,text,output\nA nap,Value,Rest,0.0\n", Layout::kRelevance).rows.at(0).relevance, "No");
}

TEST(ValuePrismTable, TheNameOfARoleGoesBeforeItsAliases) {
  const ValuePrismTable table =
      Read("situation,vrd,text,label,valence\nA nap,Value,Rest,Opposes,Supports\n", Layout::kValence);
  EXPECT_EQ(table.rows.at(0).valence, "Supports");
}

TEST(ValuePrismTable, AnUnmatchedRolePrintsTheHeader) {
  EXPECT_EQ(Problem("situation,kind,text,valence\nx,Value,y,Supports\n", Layout::kValence),
            "t.csv: no column for vrd: the header is \"situation\", \"kind\", \"text\", \"valence\": "
            "expected a column vrd or type");
  EXPECT_EQ(Problem("situation,vrd,text\nx,Value,y\n", Layout::kRelevance),
            "t.csv: no column for relevance: the header is \"situation\", \"vrd\", \"text\": "
            "expected a column relevance, relevant, label or output");
}

TEST(ValuePrismTable, RowsWithMissingCellsAreLeftOutAndCounted) {
  const ValuePrismTable table = Read(
      "situation,vrd,text,valence\n"
      "A nap,Value,,Supports\n"
      "A nap,nan,Rest,Supports\n"
      "A nap,Value,NaN,Supports\n"
      ",Value,Rest,Supports\n"
      "A nap,Value,Rest,\n"
      "\n"
      "A nap,Value,Rest,Supports\n",
      Layout::kValence);
  EXPECT_EQ(table.read, 6u);
  EXPECT_EQ(table.without_vrd, 3u);
  EXPECT_EQ(table.without_other, 2u);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].row, 5u);
}

TEST(ValuePrismTable, AWrongCellIsNamedByLineRowAndColumn) {
  EXPECT_EQ(Problem("situation,vrd,text,valence\n\"A\nnap\",Value,Rest,Supports\nA nap,Value,Rest,maybe\n", Layout::kValence),
            "t.csv:4: row 1, column \"valence\": expected Supports, Opposes or Either, got \"maybe\"");
  EXPECT_EQ(Problem("situation,type,text,relevant\nA nap,Virtue,Rest,1\n", Layout::kRelevance),
            "t.csv:2: row 0, column \"type\": expected Value, Right or Duty, got \"Virtue\"");
  EXPECT_EQ(Problem("situation,vrd,text,relevance\nA nap,Value,Rest,2\n", Layout::kRelevance),
            "t.csv:2: row 0, column \"relevance\": expected Yes or No, got \"2\"");
  EXPECT_EQ(Problem("situation,vrd,text,valence\nA nap,Value,Rest\n", Layout::kValence),
            "t.csv:2: row 0: 3 cells, the header has 4");
  EXPECT_EQ(Problem("situation,vrd,text,valence\nA\xFF,Value,Rest,Either\n", Layout::kValence),
            "t.csv:2: the file is not UTF-8");
  EXPECT_EQ(Problem("", Layout::kValence), "t.csv: the file is empty: expected a header and rows");
  EXPECT_EQ(Problem("situation,vrd,text,valence\n", Layout::kValence), "t.csv: the table has a header and no row");
}

TEST(ValuePrismTable, AMixtureIsTakenApartByTask) {
  const ValuePrismTable table = Read(
      "input,output\n"
      "[Generate]:\tAction: A nap,Right: Right to rest: always\n"
      "[Relevance]:\tAction: A nap\tRight: Right to rest,Yes\n"
      "Situation: A nap\tVRD: Duty: Duty to work,Opposes\n"
      "\"Situation: A nap\nType: Value\nText: Health\",Sleep heals.\n",
      Layout::kMixture);
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].task, ValuePrismTask::kGeneration);
  EXPECT_EQ(table.rows[0].type, "Right");
  EXPECT_EQ(table.rows[0].text, "Right to rest");
  EXPECT_EQ(table.rows[1].task, ValuePrismTask::kRelevance);
  EXPECT_EQ(table.rows[1].relevance, "Yes");
  EXPECT_EQ(table.rows[2].task, ValuePrismTask::kValence);
  EXPECT_EQ(table.rows[2].type, "Duty");
  EXPECT_EQ(table.rows[2].text, "Duty to work");
  EXPECT_EQ(table.rows[2].valence, "Opposes");
  EXPECT_EQ(table.rows[3].task, ValuePrismTask::kExplanation);
  EXPECT_EQ(table.rows[3].explanation, "Sleep heals.");
  for (const ValuePrismRow& row : table.rows) EXPECT_EQ(row.situation, "A nap");
}

TEST(ValuePrismTable, ATaskTableMayBePairsOfTextsToo) {
  const ValuePrismTable table = Read("input,output\nAction: A nap\tValue: Rest,supports\n", Layout::kValence);
  EXPECT_EQ(table.rows.at(0).valence, "Supports");
  EXPECT_EQ(Problem("input,output\nA nap and rest,supports\n", Layout::kValence),
            "t.csv:2: row 0, column \"input\": expected a field \"Situation: …\" or \"Action: …\", got \"A nap and rest\"");
  EXPECT_EQ(Problem("input,output\nAction: A nap,Rest\n", Layout::kGenerative),
            "t.csv:2: row 0, column \"output\": expected \"Value: …\", \"Right: …\" or \"Duty: …\", got \"Rest\"");
}

TEST(ValuePrismTable, ARecordHoldsAllTextsOfItsSituation) {
  const std::string records =
      R"([{"id":1,"situation":"A nap","vrd":["Rest","Duty to work"],"explanation":["a","b"],"input":"","output":""},)"
      R"({"id":2,"situation":"A run","vrd":["Health"]}])";
  const ValuePrismTable table = Read(records, Layout::kVital);
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.read, 2u);
  EXPECT_EQ(table.rows[1].row, 0u);
  EXPECT_EQ(table.rows[1].text, "Duty to work");
  EXPECT_EQ(table.rows[1].type, "");
  EXPECT_EQ(table.rows[1].explanation, "b");
  EXPECT_EQ(table.rows[2].row, 1u);
  const std::string lines = R"({"situation":"A nap","vrd":["Rest"]})" "\n" R"({"situation":"A run","vrd":["Health"]})" "\n";
  EXPECT_EQ(Read(lines, Layout::kVital).rows.size(), 2u);
  EXPECT_EQ(Problem(R"([{"situation":"A nap","vrd":["Rest"],"explanation":[]}])", Layout::kVital),
            "t.csv: [0].explanation: 0 texts beside 1 in \"vrd\"");
  EXPECT_EQ(Problem(R"([{"situation":"A nap","vrd":"Rest"}])", Layout::kVital),
            "t.csv: [0].vrd: expected an array, got \"Rest\"");
}

}  // namespace
}  // namespace axiometer
