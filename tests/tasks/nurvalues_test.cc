#include "tasks/nurvalues.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

const std::string kHeader =
    "index,text_CN,text_EN,complicated_text_CN,complicated_text_EN,Nursing_Value,Alignment";

NurvaluesTable Parsed(const std::string& csv) {
  Result<NurvaluesTable> table = ParseNurvalues(csv, "t.csv");
  EXPECT_TRUE(table) << table.error().ToString();
  return table ? *table : NurvaluesTable();
}
std::string ProblemOfTable(const std::string& csv) {
  const Result<NurvaluesTable> table = ParseNurvalues(csv, "t.csv");
  return table ? "" : table.error().ToString();
}

// `rows` rows, every second one aligned.
NurvaluesTable Table(int rows) {
  std::string csv = kHeader + "\n";
  for (int i = 0; i < rows; ++i) {
    const std::string n = std::to_string(i);
    csv += n + ",案" + n + ",case " + n + ",对" + n + ",a: talk " + n + ",Human_Dignity," +
           (i % 2 == 0 ? "1" : "0") + "\n";
  }
  return Parsed(csv);
}

NurvaluesPrompts Prompts(const std::string& prompt = "[{{VALUE}}] {{TEXT}} {{EXAMPLES}}") {
  return {prompt, "{{NUMBER}}: {{TEXT}} = {{LABEL}};", Sha256(prompt)};
}

NurvaluesView View(NurvaluesMode mode, bool hard = false, bool chinese = false) {
  NurvaluesView view;
  view.mode = mode;
  view.hard = hard;
  view.chinese = chinese;
  return view;
}

std::unique_ptr<TaskSource> Source(NurvaluesTable table, const NurvaluesView& view,
                                   const NurvaluesPrompts& prompts = Prompts()) {
  Result<std::unique_ptr<TaskSource>> made = MakeNurvalues(std::move(table), view, prompts, false);
  EXPECT_TRUE(made) << made.error().ToString();
  return made ? std::move(*made) : nullptr;
}

TEST(NurvaluesTable, CellsHoldLinesAndTheFileAMarkAndCarriageReturns) {
  const NurvaluesTable table =
      Parsed("\xEF\xBB\xBF" + kHeader +
             "\r\n7,短,\"short, said\",\"a：一\nb：二\",\"a: one\nb: \"\"two\"\"\",Justice,1\r\n");
  ASSERT_EQ(table.rows.size(), 1u);
  const NurvaluesRow& row = table.rows[0];
  EXPECT_EQ(row.index, 7);
  EXPECT_EQ(row.text(View(NurvaluesMode::kIo)), "short, said");
  EXPECT_EQ(row.text(View(NurvaluesMode::kIo, false, true)), "短");
  EXPECT_EQ(row.text(View(NurvaluesMode::kIo, true)), "a: one\nb: \"two\"");
  EXPECT_EQ(row.text(View(NurvaluesMode::kIo, true, true)), "a：一\nb：二");
  EXPECT_EQ(row.value, "Justice");
  EXPECT_TRUE(row.aligned);
}

TEST(NurvaluesTable, ColumnsAreFoundByNameAndUnknownOnesKept) {
  const NurvaluesTable table = Parsed(
      "Alignment,note,Nursing Value,INDEX,complicated_text,text_en\n0.0,n,Human Dignity,3.0,x,y\n");
  const NurvaluesRow& row = table.rows.at(0);
  EXPECT_EQ(row.index, 3);
  EXPECT_FALSE(row.aligned);
  EXPECT_EQ(row.value, "Human_Dignity");
  EXPECT_EQ(row.text(View(NurvaluesMode::kIo, true, true)), "x");
  EXPECT_EQ(row.text(View(NurvaluesMode::kIo)), "y");
  EXPECT_EQ(row.others, (std::map<std::string, std::string>{{"note", "n"}}));
}

TEST(NurvaluesTable, TheOldNameGivesWayToTheNewOne) {
  const NurvaluesTable table = Parsed(
      "index,complicated_text,complicated_text_CN,Nursing_Value,Alignment\n1,old,new,Justice,1\n");
  EXPECT_EQ(table.rows.at(0).text(View(NurvaluesMode::kIo, true, true)), "new");
  EXPECT_EQ(table.rows.at(0).others.at("complicated_text"), "old");
}

TEST(NurvaluesTable, RowsWithOneShortCaseAreOneSituation) {
  const NurvaluesTable table = Parsed(kHeader +
                                      "\n5,甲,one,,,Justice,1\n6,乙,two,,,Justice,0\n7,甲,three,,,"
                                      "Altruism,1\n8,丙,three,,,Altruism,0\n");
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].situation, 5);
  EXPECT_EQ(table.rows[1].situation, 6);
  EXPECT_EQ(table.rows[2].situation, 5);
  EXPECT_EQ(table.rows[3].situation, 5);
}

TEST(NurvaluesTable, WhatIsWrongIsNamedWithLineColumnAndReason) {
  const std::string row = "\n1,c,e,\"h\n1\",h,Justice,1";
  EXPECT_EQ(ProblemOfTable(""),
            "t.csv: is empty: the data set is published at "
            "huggingface.co/datasets/Ben012345/NurValues and "
            "github.com/BenYyyyyy/NurValues");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n2,c,e,h,h,Justice,2"),
            "t.csv:4: column \"Alignment\": expected 0 or 1, got \"2\"");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n2,c,e,h,h,Justice,"),
            "t.csv:4: column \"Alignment\": expected 0 or 1, got \"\"");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n2,c,e,h,h,Justice,0.5"),
            "t.csv:4: column \"Alignment\": expected 0 or 1, got \"0.5\"");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n1.0,c,e,h,h,Justice,0"),
            "t.csv:4: column \"index\": 1 is that of line 2 already");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n,c,e,h,h,Justice,0"), "t.csv:4: column \"index\": is empty");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\nx1,c,e,h,h,Justice,0"),
            "t.csv:4: column \"index\": expected a whole number, got \"x1\"");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n2,c,e,h,h,Justise,0"),
            "t.csv:4: column \"Nursing_Value\": \"Justise\" is none of the five values: did you "
            "mean \"Justice\"?");
  EXPECT_EQ(ProblemOfTable(kHeader + row + "\n2,c,e,h,h,Justice"),
            "t.csv:4: a row of 6 cells; the header has 7");
  EXPECT_EQ(ProblemOfTable(kHeader + "\n"),
            "t.csv: has no rows: the data set is published at "
            "huggingface.co/datasets/Ben012345/NurValues and "
            "github.com/BenYyyyyy/NurValues");
  EXPECT_EQ(ProblemOfTable(kHeader + "\n1,\xff,e,h,h,Justice,1\n"),
            "t.csv:2: not UTF-8 text: save the table as UTF-8");
  EXPECT_EQ(ProblemOfTable("version https://git-lfs.github.com/spec/v1\n"),
            "t.csv: a Git LFS pointer, not the data itself: run `git lfs pull` in the checkout");
}

TEST(NurvaluesTable, AHeaderWithoutANeededColumnIsPrinted) {
  EXPECT_EQ(ProblemOfTable("index,text_EN,Value,Alignment\n1,e,Justice,1\n"),
            "t.csv:1: no column \"Nursing_Value\"; the header is: \"index, text_EN, Value, "
            "Alignment\": needed are index, "
            "Nursing_Value, Alignment and the text to be shown");
  EXPECT_EQ(ProblemOfTable(kHeader + ",ALIGNMENT\n"), "t.csv:1: column \"Alignment\" is there twice");
  EXPECT_EQ(ProblemOfTable("\xEF\xBB\xBForiginal_text\r\n一句话\r\n").substr(0, 139),
            "t.csv:1: no column \"index\"; the header is: \"original_text\": this is the table of "
            "unlabelled texts; name "
            "nursing_value_CN+EN.csv: the data s");
}

TEST(NurvaluesSource, ARowIsATaskOfItsView) {
  NurvaluesTable table = Table(2);
  table.rows[1].others = {{"note", "n"}};
  const std::unique_ptr<TaskSource> source = Source(table, View(NurvaluesMode::kIo));
  ASSERT_EQ(source->refs().size(), 2u);
  EXPECT_EQ(source->refs()[1].id, "nurvalues/easy/en/1");
  const std::shared_ptr<const Task> task = *source->Load(1);
  EXPECT_EQ(task->digest, source->refs()[1].digest);
  EXPECT_EQ(task->kind, TaskKind::kLabel);
  ASSERT_EQ(task->opening.size(), 1u);
  EXPECT_EQ(task->opening[0].role, Role::kUser);
  EXPECT_EQ(task->opening[0].text, "[Human Dignity] case 1 ");
  EXPECT_EQ(task->gold, "0");
  ASSERT_EQ(task->options.size(), 2u);
  EXPECT_EQ(task->options[0].key, "1");
  EXPECT_EQ(task->options[1].text, "Does not align with the corresponding nursing value");
  ASSERT_EQ(task->oracles.size(), 2u);
  EXPECT_EQ(task->oracles[1].leaning, "0");
  EXPECT_EQ(task->oracles[1].steps[0].say, "Does not align with the corresponding nursing value");
  EXPECT_EQ(task->tags, (std::map<std::string, std::string>{{"value", "Human_Dignity"},
                                                            {"level", "easy"},
                                                            {"language", "en"},
                                                            {"mode", "io"},
                                                            {"item", "1"},
                                                            {"situation", "1"},
                                                            {"prompt", "axiometer-1"}}));
  EXPECT_EQ(Json::parse(task->facts),
            (Json{{"prompt_digest", Prompts().digest}, {"columns", {{"note", "n"}}}}));
  EXPECT_EQ(Source(table, View(NurvaluesMode::kCot, true, true))->refs()[0].id,
            "nurvalues/hard/cn/0");
}

TEST(NurvaluesSource, TheLicenceIsNamedOnce) {
  const std::unique_ptr<TaskSource> source = Source(Table(2), View(NurvaluesMode::kIo));
  ASSERT_EQ(source->notes().size(), 1u);
  EXPECT_NE(source->notes()[0].find("CC BY-NC 4.0"), std::string::npos);
}

TEST(NurvaluesSource, TextOfTheDataIsNoPlaceholder) {
  NurvaluesTable table = Table(2);
  table.rows[0].texts[0] = "say {{VALUE}} and {{";
  EXPECT_EQ((*Source(table, View(NurvaluesMode::kIo))->Load(0))->opening[0].text,
            "[Human Dignity] say {{VALUE}} and {{ ");
}

TEST(NurvaluesSource, EqualRowsOfTwoModesAreTwoTasks) {
  EXPECT_NE(Source(Table(2), View(NurvaluesMode::kCot))->refs()[0].digest,
            Source(Table(2), View(NurvaluesMode::kVote))->refs()[0].digest);
}

TEST(NurvaluesSource, AnEmptyTextMattersWhereItIsShown) {
  NurvaluesTable table = Table(4);
  table.rows[2].texts[2] = " \n";
  EXPECT_TRUE(MakeNurvalues(table, View(NurvaluesMode::kIo), Prompts(), false));
  const Result<std::unique_ptr<TaskSource>> refused =
      MakeNurvalues(table, View(NurvaluesMode::kIo, true), Prompts(), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().ToString(),
            "t.csv:4: the row with index 2, column \"complicated_text_EN\": is empty or missing: "
            "fill it in, leave the row "
            "out of the table, or choose another level or language");
}

TEST(NurvaluesSource, ExamplesAreHalfOfEitherLabelPositivesFirstAndNeverTheRowItself) {
  const NurvaluesTable table = Table(12);
  std::set<std::vector<size_t>> drawn;
  for (size_t row = 0; row < 12; ++row) {
    const std::vector<size_t> examples = NurvaluesExamples(table, row, 6, 0);
    ASSERT_EQ(examples.size(), 6u);
    EXPECT_EQ(std::set<size_t>(examples.begin(), examples.end()).size(), 6u);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(table.rows[examples[i]].aligned, i < 3);
      EXPECT_NE(examples[i], row);
    }
    drawn.insert(examples);
  }
  EXPECT_GT(drawn.size(), 6u);
  EXPECT_EQ(NurvaluesExamples(table, 3, 4, 1), NurvaluesExamples(table, 3, 4, 1));
  EXPECT_NE(NurvaluesExamples(table, 3, 10, 1), NurvaluesExamples(table, 3, 10, 2));
}

TEST(NurvaluesSource, ExamplesAreShownNumberedFromZero) {
  NurvaluesView view = View(NurvaluesMode::kKshot);
  view.k = 2;
  const NurvaluesTable table = Table(6);
  const std::vector<size_t> examples = NurvaluesExamples(table, 1, 2, 0);
  const std::shared_ptr<const Task> task = *Source(table, view)->Load(1);
  const std::string first = std::to_string(examples[0]);
  const std::string second = std::to_string(examples[1]);
  EXPECT_EQ(task->opening[0].text, "[Human Dignity] case 1 0: case " + first +
                                       " = Aligns with the corresponding nursing value;1: case " +
                                       second +
                                       " = Does not align with the corresponding nursing value;");
  EXPECT_EQ(Json::parse(task->facts)["examples"], Json({examples[0], examples[1]}));
}

TEST(NurvaluesSource, TooFewRowsForTheExamples) {
  NurvaluesView view = View(NurvaluesMode::kKshot);
  view.k = 6;
  const Result<std::unique_ptr<TaskSource>> refused =
      MakeNurvalues(Table(7), view, Prompts(), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().ToString(),
            "-T k: 6 examples beside each row need 4 rows of either label; the table has 3 of one");
  EXPECT_TRUE(MakeNurvalues(Table(8), view, Prompts(), false));
}

TEST(NurvaluesPrompts, EveryViewHasOneWithBothLabelsOnce) {
  const std::string data_dir = std::filesystem::path(AXIOMETER_TEST_DIR).parent_path().string();
  std::set<std::string> digests;
  for (const NurvaluesMode mode :
       {NurvaluesMode::kIo, NurvaluesMode::kCot, NurvaluesMode::kSc, NurvaluesMode::kKshot}) {
    for (const bool hard : {false, true}) {
      for (const bool chinese : {false, true}) {
        const Result<NurvaluesPrompts> read =
            ReadNurvaluesPrompts(data_dir, View(mode, hard, chinese));
        ASSERT_TRUE(read) << read.error().ToString();
        const auto count = [&read](const std::string& text) {
          size_t found = 0;
          for (size_t at = read->prompt.find(text); at != std::string::npos;
               at = read->prompt.find(text, at + 1))
            ++found;
          return found;
        };
        const std::string both = std::string("[") + NurvaluesLabel(chinese, true) + ", " +
                                 NurvaluesLabel(chinese, false) + "]";
        EXPECT_EQ(count(both), 1u);
        EXPECT_EQ(count(NurvaluesLabel(chinese, false)), 1u);
        EXPECT_EQ(count(NurvaluesLabel(chinese, true)),
                  chinese ? 2u : 1u);  // once inside the other
        EXPECT_EQ(count("{{TEXT}}"), 1u);
        EXPECT_GE(count("{{VALUE}}"), 1u);
        EXPECT_EQ(count("{{EXAMPLES}}"), mode == NurvaluesMode::kKshot ? 1u : 0u);
        EXPECT_EQ(read->example.empty(), mode != NurvaluesMode::kKshot);
        // The case of the easy level comes after its instructions where only a label is wanted.
        const bool case_last =
            !hard && (mode == NurvaluesMode::kIo || mode == NurvaluesMode::kKshot ||
                      (mode == NurvaluesMode::kCot && chinese));
        EXPECT_EQ(read->prompt.find("{{TEXT}}") > read->prompt.find(both), case_last);
        digests.insert(read->digest);
      }
    }
  }
  EXPECT_EQ(digests.size(), 16u);
}

TEST(NurvaluesFiles, TheTableIsFoundInAFolderOrTheOneAbove) {
  const TemporaryFolder folder;
  const std::filesystem::path root = folder.path();
  std::filesystem::create_directories(root / "data");
  std::ofstream(root / "data" / "nursing_value_CN+EN.csv") << "x";
  EXPECT_EQ(*FindNurvalues(root.string()), (root / "data" / "nursing_value_CN+EN.csv").string());
  EXPECT_EQ(*FindNurvalues((root / "data").string()),
            (root / "data" / "nursing_value_CN+EN.csv").string());
  std::ofstream(root / "other.csv") << "x";
  EXPECT_EQ(*FindNurvalues((root / "other.csv").string()), (root / "other.csv").string());
  std::filesystem::remove(root / "data" / "nursing_value_CN+EN.csv");
  EXPECT_EQ(
      FindNurvalues(root.string()).error().ToString(),
      root.string() +
          ": no nursing_value_CN+EN.csv here, in data or in dataset: the data set is published at "
          "huggingface.co/datasets/Ben012345/NurValues and github.com/BenYyyyyy/NurValues");
  EXPECT_EQ(FindNurvalues((root / "nowhere").string()).error().kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace axiometer
