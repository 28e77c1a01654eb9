#include "tasks/dvmap.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

const char* const kColumns[] = {"Q_id",         "Country",       "Gender",          "Marital Status", "Has Children",
                                "Education Level", "Occupation", "Work Nature",     "Religion",       "Life Stage",
                                "Income Bracket",  "Common Language", "frequency", "Category",       "Question",
                                "prompt",          "Options",    "answer"};

// Rows as the reading script prints them.
class DvmapRowsTest : public testing::Test {
 protected:
  DvmapRowsTest() : rows_("test", "our system message") {}

  static std::string Header() {
    Json header = Json::array();
    for (const char* name : kColumns) {
      header.push_back({name, std::string(name) == "frequency" ? "number" : "text"});
    }
    return DumpJson(Json{{"file", "/data/test.parquet"}, {"header", header}});
  }
  static Json Row(const std::string& country, const std::string& person, const std::string& question,
                  const std::string& answer, const std::string& options = "Low, Medium, High") {
    return Json::array({question, country, person, "s", "c", "e", "o", "w", "r", "l", "i", "t", 0.5, "SECTION",
                        "How much?", "\n  Speak as " + person + ".\n  ", options, answer});
  }
  Result<void> Give(const std::vector<Json>& rows) {
    Result<void> taken = rows_.Take(Header());
    for (const Json& row : rows) {
      if (taken) taken = rows_.Take(DumpJson(row));
    }
    return taken;
  }
  std::unique_ptr<Dvmap> Finished(const std::vector<Json>& rows) {
    Result<void> taken = Give(rows);
    if (taken) taken = rows_.Take(DumpJson(Json{{"end", rows.size()}}));
    EXPECT_TRUE(taken) << taken.error().ToString();
    Result<std::unique_ptr<Dvmap>> split = rows_.Finish();
    EXPECT_TRUE(split) << split.error().ToString();
    return std::move(*split);
  }
  static Json FactsOf(const Dvmap& split, size_t index) { return Json::parse((*split.Load(index))->facts); }

  DvmapRows rows_;
};

TEST_F(DvmapRowsTest, ARowIsATask) {
  const std::unique_ptr<Dvmap> split = Finished({Row("Norland", "Ann", "Q1", "High")});
  ASSERT_EQ(split->refs().size(), 1u);
  EXPECT_EQ(split->refs()[0].id, "dvmap/test/0");
  const std::shared_ptr<const Task> task = *split->Load(0);
  EXPECT_EQ(task->digest, split->refs()[0].digest);
  EXPECT_EQ(task->kind, TaskKind::kChoice);
  EXPECT_EQ(task->gold, "High");
  ASSERT_EQ(task->options.size(), 3u);
  EXPECT_EQ(task->options[1].text, "Medium");
  ASSERT_EQ(task->opening.size(), 2u);
  EXPECT_EQ(task->opening[0].text, "our system message");
  EXPECT_EQ(task->opening[1].text, "\n  Speak as Ann.\n  ");
  EXPECT_TRUE(task->opening[0].as_parts && task->opening[1].as_parts);
  EXPECT_EQ(task->tags.at("country"), "Norland");
  EXPECT_EQ(task->tags.at("question"), "Q1");
  EXPECT_EQ(task->tags.at("gender"), "Ann");
  EXPECT_EQ(task->tags.at("marital_status"), "s");
  EXPECT_EQ(task->tags.count("not_kept"), 0u);
}

TEST_F(DvmapRowsTest, FrequencyIsNoPartOfWhatTheSubjectSees) {
  const std::shared_ptr<const Task> task = *Finished({Row("Norland", "Ann", "Q1", "High")})->Load(0);
  for (const Message& message : task->opening) EXPECT_EQ(message.text.find("0.5"), std::string::npos);
}

TEST_F(DvmapRowsTest, APersonIsElevenEqualAttributes) {
  const std::unique_ptr<Dvmap> split =
      Finished({Row("Norland", "Ann", "Q1", "High"), Row("Norland", "Bob", "Q1", "Low"), Row("Norland", "Ann", "Q2", "Low"),
                Row("Sudmark", "Ann", "Q1", "Low")});
  std::vector<std::string> personas;
  for (size_t i = 0; i < 4; ++i) personas.push_back((*split->Load(i))->tags.at("persona"));
  EXPECT_EQ(personas, (std::vector<std::string>{"0", "1", "0", "2"}));
}

TEST_F(DvmapRowsTest, GoldSharesAndBaselinesAreThoseOfTheSplit) {
  const std::unique_ptr<Dvmap> split =
      Finished({Row("Norland", "Ann", "Q1", "High"), Row("Norland", "Bob", "Q1", "High"), Row("Norland", "Cid", "Q1", "Low"),
                Row("Sudmark", "Dot", "Q1", "Low"), Row("Sudmark", "Eve", "Q1", "Low"), Row("Sudmark", "Fay", "Q1", "Medium")});
  EXPECT_EQ(DumpJson(FactsOf(*split, 0)["gold_shares"]), DumpJson(Json{1 / 3.0, 0.0, 2 / 3.0}));
  const auto guesses = [&](size_t index) {
    std::vector<double> right;
    const Json facts = FactsOf(*split, index);
    for (const Json& guess : facts["baselines"]) right.push_back(guess[1].get<double>());
    return right;
  };
  // Low is the commonest of the question, High of Norland.
  EXPECT_EQ(guesses(0), (std::vector<double>{1 / 3.0, 0, 1}));
  EXPECT_EQ(guesses(2), (std::vector<double>{1 / 3.0, 1, 0}));
  EXPECT_EQ(guesses(3), (std::vector<double>{1 / 3.0, 1, 1}));
}

TEST_F(DvmapRowsTest, OfEquallyCommonAnswersTheFirstOptionCounts) {
  const std::unique_ptr<Dvmap> split = Finished({Row("Norland", "Ann", "Q1", "High"), Row("Norland", "Bob", "Q1", "Medium")});
  EXPECT_EQ(FactsOf(*split, 0)["baselines"][1][1].get<double>(), 0);
  EXPECT_EQ(FactsOf(*split, 1)["baselines"][1][1].get<double>(), 1);
}

TEST_F(DvmapRowsTest, ADroppedRowIsATaskApart) {
  const std::unique_ptr<Dvmap> split = Finished({Row("Norland", "Ann", "Q1", "Never"), Row("Norland", "Bob", "Q1", "Med"),
                                                 Row("Norland", "Cid", "Q1", "Low")});
  EXPECT_EQ((*split->Load(0))->tags.at("not_kept"), "yes");
  EXPECT_EQ((*split->Load(0))->tags.at("no_option"), "yes");
  EXPECT_EQ((*split->Load(1))->tags.count("not_kept"), 0u);
  EXPECT_EQ((*split->Load(1))->tags.at("no_option"), "yes");
  EXPECT_EQ(split->notes()[2],
            "dvmap: 1 row, first row 0, column \"answer\": \"Never\" is not among the options; the protocol leaves such rows out");
  EXPECT_EQ(split->notes()[3],
            "dvmap: 1 row, first row 1, column \"answer\": \"Med\" is part of an option, but none of them; the protocol keeps such rows");
}

TEST_F(DvmapRowsTest, RowsThatAreAlikeAreTwoTasks) {
  const std::unique_ptr<Dvmap> split = Finished({Row("Norland", "Ann", "Q1", "High"), Row("Norland", "Ann", "Q1", "High")});
  EXPECT_NE(split->refs()[0].digest, split->refs()[1].digest);
}

TEST_F(DvmapRowsTest, RowsAreCountedWithinTheirFile) {
  ASSERT_TRUE(Give({Row("Norland", "Ann", "Q1", "High")}));
  Json second = Json::parse(Header());
  second["file"] = "/data/second.arrow";
  ASSERT_TRUE(rows_.Take(DumpJson(second)));
  Json row = Row("Norland", "Bob", "Q1", "High");
  ASSERT_TRUE(rows_.Take(DumpJson(row)));
  row[17] = nullptr;
  EXPECT_EQ(rows_.Take(DumpJson(row)).error().ToString(), "/data/second.arrow: row 1, column \"answer\": is null");
}

TEST_F(DvmapRowsTest, AColumnThereTwiceOrOfAnotherType) {
  Json header = Json::parse(Header());
  header["header"].push_back({"marital-status", "text"});
  EXPECT_EQ(rows_.Take(DumpJson(header)).error().ToString(),
            "/data/test.parquet: column \"Marital Status\" is there twice");
  header = Json::parse(Header());
  header["header"][12][1] = "text";
  EXPECT_EQ(rows_.Take(DumpJson(header)).error().ToString(),
            "/data/test.parquet: column \"frequency\": expected number, got text");
}

TEST_F(DvmapRowsTest, AReaderThatStopsEarlyIsNoSplit) {
  ASSERT_TRUE(Give({Row("Norland", "Ann", "Q1", "High")}));
  EXPECT_EQ(rows_.Finish().error().ToString(), "DVMap reader: ended before its last line");
}

TEST_F(DvmapRowsTest, WhatTheReaderCannotReadIsTold) {
  const auto error = rows_.Take(R"({"error": "what", "where": "file", "hint": "do"})").error();
  EXPECT_EQ(error.ToString(), "file: what: do");
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(rows_.Take(R"({"error": "no pyarrow", "where": "", "hint": "install it"})").error().kind, ErrorKind::kFailed);
  EXPECT_EQ(rows_.Take("[1]").error().ToString(), "DVMap reader: a row before the header");
}

TEST(DvmapOptions, AreSplitAtCommasAndStripped) {
  EXPECT_EQ(DvmapOptions(" Low, Medium ,High\n"), (std::vector<std::string>{"Low", "Medium", "High"}));
  EXPECT_EQ(DvmapOptions("one"), std::vector<std::string>{"one"});
  EXPECT_EQ(DvmapOptions("a,,b"), (std::vector<std::string>{"a", "", "b"}));
}

TEST(DvmapFilesTest, TheLayoutsOfTheRepositoryAreKnown) {
  TemporaryFolder folder;
  folder.Write("Demographic_Value_Alignment/DVMap_Corpus/test.parquet", "PAR1");
  folder.Write("Triple-Generalization_Evaluation_Benchmark/eval_api_parallel.py", "SYSTEM_PROMPT = 's'");
  folder.Write("Triple-Generalization_Evaluation_Benchmark/Cross-Value/state.json",
               R"({"_data_files": [{"filename": "b.arrow"}, {"filename": "a.arrow"}]})");
  folder.Write("Triple-Generalization_Evaluation_Benchmark/Cross-Value/a.arrow", "x");
  folder.Write("Triple-Generalization_Evaluation_Benchmark/Cross-Value/b.arrow", "x");
  const auto test = FindDvmap(folder.path(), "");
  ASSERT_TRUE(test) << test.error().ToString();
  EXPECT_EQ(test->split, "test");
  EXPECT_NE(test->system_module, "");
  const auto value = FindDvmap(folder.path(), "cross-value");
  ASSERT_TRUE(value) << value.error().ToString();
  EXPECT_EQ(value->split, "Cross-Value");
  ASSERT_EQ(value->files.size(), 2u);
  EXPECT_TRUE(value->files[0].ends_with("/b.arrow"));  // in the order of state.json
  const auto file = FindDvmap(folder.path() + "/Demographic_Value_Alignment/DVMap_Corpus/test.parquet", "");
  ASSERT_TRUE(file) << file.error().ToString();
  EXPECT_EQ(file->system_module, test->system_module);
}

TEST_F(DvmapRowsTest, WhatTheReaderCannotHaveSaidIsAnError) {
  EXPECT_EQ(rows_.Take(R"({"file": "f", "header": 1})").error().ToString(), "DVMap reader: an unexpected header: \"1\"");
  EXPECT_FALSE(rows_.Take(R"({"file": "f", "header": [["Q_id", "text"], ["answer"]]})"));
  EXPECT_EQ(rows_.Take(R"({"error": 2, "hint": null})").error().ToString(), "an error without words");
}

}  // namespace
}  // namespace axiometer
