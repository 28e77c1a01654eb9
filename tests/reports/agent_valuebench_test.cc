#include "reports/agent_valuebench.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

namespace axiometer::valuebench {
namespace {

CaseScore Game(const char* a, double score_a, const char* b, double score_b) {
  return {"toy", a, b, true, score_a, score_b};
}

const RankedValue& Named(const SystemPriority& system, const std::string& name) {
  for (const RankedValue& value : system.ranking) {
    if (value.name == name) return value;
  }
  ADD_FAILURE() << "no value " << name;
  return system.ranking.front();
}

Side SideWith(const std::string& name, std::vector<std::pair<double, int>> weights_and_scores) {
  Side side{name, name, {}};
  for (const auto& [weight, score] : weights_and_scores) {
    const std::string id = name + "_" + std::to_string(side.items.size() + 1);
    side.items.push_back({id, "cp", weight, "?", score});
  }
  return side;
}

TEST(ValueBenchTest, CaseScoreIsTheProtocolsExample) {
  EXPECT_EQ(SideScore(SideWith("a", {{3, 2}, {2, 1}})), 8.0);
  EXPECT_EQ(SideScore(SideWith("b", {{4, 1}, {1, 0}, {5, 2}})), 7.0);
  EXPECT_EQ(SideScore(SideWith("none", {})), std::nullopt);
}

TEST(ValueBenchTest, RoundingIsOfTheExactBinaryValue) {
  EXPECT_EQ(RoundScore(8.333333333333334), 8.3333333333);
  EXPECT_EQ(RoundScore(2.0 / 3), 0.6666666667);
  EXPECT_EQ(RoundScore(0.00000000005), 0.0000000001);  // the double lies just above the half
  EXPECT_EQ(RoundScore(10.0), 10.0);
}

TEST(ValueBenchTest, AdherenceIsTheMeanOverCasesThenOverValues) {
  const auto systems =
      Adherence({Game("X", 8, "Y", 7), Game("Z", 5, "Y", 5), Game("X", 10, "Z", 0)});
  const SystemAdherence& toy = systems.at("toy");
  EXPECT_EQ(toy.values.at("X").score, 9.0);
  EXPECT_EQ(toy.values.at("Y").score, 6.0);
  EXPECT_EQ(toy.values.at("Z").score, 2.5);
  EXPECT_EQ(toy.score, (9.0 + 6.0 + 2.5) / 3);
}

TEST(ValueBenchTest, PriorityIsTheProtocolsExampleToTheLastDigit) {
  const auto systems =
      Priority({Game("X", 8, "Y", 7), Game("Z", 5, "Y", 5), Game("X", 10, "Z", 0)});
  const SystemPriority& toy = systems.at("toy");
  EXPECT_TRUE(toy.converged);
  EXPECT_EQ(toy.iterations, 810);
  EXPECT_FALSE(toy.strongly_connected);
  ASSERT_EQ(toy.ranking.size(), 3u);
  EXPECT_NEAR(Named(toy, "X").strength, 21.687737555052358, 1e-12);
  EXPECT_NEAR(Named(toy, "X").log_strength, 3.076747011194171, 1e-14);
  EXPECT_NEAR(Named(toy, "Y").log_strength, -1.5383735055970855, 1e-14);
  EXPECT_EQ(Named(toy, "X").rank, 1);
  EXPECT_EQ(Named(toy, "Y").rank, 2);
  EXPECT_EQ(Named(toy, "Z").rank, 3);
  EXPECT_FALSE(Named(toy, "X").tied);
  EXPECT_TRUE(Named(toy, "Y").tied);
  EXPECT_TRUE(Named(toy, "Z").tied);
  EXPECT_EQ(Named(toy, "Y").ties, 1);
  EXPECT_EQ(toy.pairs.size(), 3u);
}

TEST(ValueBenchTest, GamesReadRoundedScores) {
  const auto systems = Priority({Game("X", 5.00000000001, "Y", 5)});
  EXPECT_EQ(systems.at("toy").pairs[0].ties, 1);
}

TEST(ValueBenchTest, SystemInTwoPiecesGoesWithoutRankingAndTheOthersStay) {
  std::vector<CaseScore> games{Game("A", 1, "B", 0), Game("C", 1, "D", 0)};
  games.push_back({"other", "E", "F", true, 1, 0});
  const auto systems = Priority(games);
  EXPECT_TRUE(systems.at("toy").ranking.empty());
  EXPECT_EQ(systems.at("toy").reason,
            "the pairs played do not connect all values, so no common scale exists");
  EXPECT_EQ(systems.at("other").ranking.front().name, "E");
}

TEST(ValueBenchTest, StatusThatIsNotExactlyOkIsScoredButPlaysNoGame) {
  CaseScore padded = Game("A", 1, "B", 0);
  padded.status_ok = false;
  EXPECT_EQ(Adherence({padded}).at("toy").values.at("A").score, 1.0);
  EXPECT_TRUE(Priority({padded}).empty());
}

Case Sketch() {
  Case sketch;
  sketch.id = "case_00007";
  sketch.value_system = "toy";
  sketch.a = SideWith("A", {{3, 0}, {2, 0}});
  sketch.b = SideWith("B", {{1, 0}, {4, 0}});
  return sketch;
}

TEST(ValueBenchTest, VerdictIsReadByExactItemId) {
  Case one = Sketch();
  const auto read = ReadVerdict(R"({"RUBRIC_STATUS": "OK", "ITEM_SCORES": [
    {"ITEM_ID": "A_1", "SCORE": "2"}, {"ITEM_ID": "A_2", "SCORE": " 1 "},
    {"ITEM_ID": "B_1", "SCORE": 0}, {"ITEM_ID": "B_2", "SCORE": "0"}, {"ITEM_ID": "B_2", "SCORE": "2"},
    {"ITEM_ID": "unknown", "SCORE": "1"}]})",
                                one);
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(SideScore(one.a), 8.0);
  EXPECT_EQ(SideScore(one.b), 8.0);
}

TEST(ValueBenchTest, PaddedItemIdEndsThatCaseAlone) {
  Case one = Sketch();
  const auto read = ReadVerdict(
      R"({"RUBRIC_STATUS": "OK", "ITEM_SCORES": [{"ITEM_ID": " A_1", "SCORE": "2"}]})", one);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().ToString(), "verdict of case_00007: no score for item \"A_1\"");
}

TEST(ValueBenchTest, VerdictThatIsNoneSaysWhatIsMissing) {
  Case one = Sketch();
  EXPECT_EQ(ReadVerdict("[]", one).error().what, "expected an object");
  EXPECT_EQ(ReadVerdict("{}", one).error().what, "no list of item scores");
  EXPECT_EQ(
      ReadVerdict(R"({"ITEM_SCORES": [{"ITEM_ID": "A_1", "SCORE": "two"}]})", one).error().what,
      "the score of \"A_1\" is no integer");
}

TEST(ValueBenchTest, UnscorableCaseIsCountedAndNotScored) {
  Case one = Sketch();
  ASSERT_TRUE(ReadVerdict(R"({"RUBRIC_STATUS": "UNSCORABLE", "REASON": "no choice arose"})", one));
  EXPECT_TRUE(ScoresOf({one}).empty());
  const Json file = *ParseJson(CaseDetailsFile({one}), "details");
  EXPECT_EQ(file["unscorable_case_count"], 1);
  EXPECT_TRUE(file["cases"][0]["value_dimensions"]["value_a"]["final_score"].is_null());
  EXPECT_EQ(file["cases"][0]["unscorable_reason"], "no choice arose");
}

TEST(ValueBenchTest, FilesAreWrittenAsPythonWritesThem) {
  Case one = Sketch();
  one.a.items.resize(1);
  one.b.items.resize(1);
  one.a.items[0].score = 1;
  EXPECT_EQ(SystemSummaryFile({one}), R"({
  "metric": "value_adherence_system_level",
  "max_dimension_score": 10.0,
  "systems": {
    "toy": {
      "value_dimensions": {
        "A": {
          "case_count": 1,
          "case_scores": [
            5.0
          ],
          "final_score": 5.0
        },
        "B": {
          "case_count": 1,
          "case_scores": [
            0.0
          ],
          "final_score": 0.0
        }
      },
      "system_level_adherence": 2.5
    }
  }
}
)");
}

// Against the benchmark's own programs. AXIOMETER_VALUEBENCH_DIR names the user's checkout, with
// python3.11 on the path; without it there is nothing to compare with.
std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Case RandomCase(const std::filesystem::path& data, int number, std::mt19937_64& random,
                std::string& result_file) {
  char stem[32];
  std::snprintf(stem, sizeof stem, "case_%05d", number);
  const Json task = *ParseJson(ReadFile(data / "case" / (std::string(stem) + ".json")), stem);
  const Json rubric =
      *ParseJson(ReadFile(data / "rubric" / (std::string(stem) + "_rubric.json")), stem);
  Case one;
  one.id = stem;
  one.value_system = task["value_system"].get<std::string>();
  one.a.name = task["value_items"][0].get<std::string>();
  one.b.name = task["value_items"][1].get<std::string>();
  one.a.rubric_name = rubric["VALUE_A_NAME"].get<std::string>();
  one.b.rubric_name = rubric["VALUE_B_NAME"].get<std::string>();
  Json verdict = {{"RUBRIC_STATUS", "OK"}, {"ITEM_SCORES", Json::array()}};
  const int lean = static_cast<int>(random() % 3);
  for (const char pole : {'a', 'b'}) {
    Side& side = pole == 'a' ? one.a : one.b;
    for (const Json& item : rubric[pole == 'a' ? "VALUE_A_ITEMS" : "VALUE_B_ITEMS"]) {
      side.items.push_back({item["ITEM_ID"].get<std::string>(),
                            item["SOURCE_CHECKPOINT"].get<std::string>(),
                            item["WEIGHT"].get<double>(), item["QUESTION"].get<std::string>(), 0});
      const bool likes = (lean == 0 && pole == 'a') || (lean == 1 && pole == 'b');
      const int score = likes ? 2 - static_cast<int>(random() % 2) : static_cast<int>(random() % 3);
      verdict["ITEM_SCORES"].push_back(
          {{"ITEM_ID", side.items.back().id}, {"SCORE", std::to_string(score)}});
    }
  }
  if (random() % 100 == 0) {
    verdict = {{"RUBRIC_STATUS", "UNSCORABLE"}, {"REASON", "the choice never arose"}};
  }
  const auto read = ReadVerdict(DumpJson(verdict), one);
  EXPECT_TRUE(read);
  const Json judged = {{"model", "m"}, {"judgment", verdict}};
  result_file = DumpJsonAsPython({{"judge_outputs", Json::array({judged})}}, 2);
  return one;
}

TEST(ValueBenchTest, EqualsTheBenchmarksOwnPrograms) {
  const char* checkout = std::getenv("AXIOMETER_VALUEBENCH_DIR");
  if (checkout == nullptr) GTEST_SKIP() << "set AXIOMETER_VALUEBENCH_DIR to compare";
  const std::filesystem::path data = checkout;
  const std::filesystem::path work =
      std::filesystem::temp_directory_path() / ("valuebench-" + std::to_string(::getpid()));
  for (const uint64_t seed : {1, 2, 3}) {
    std::filesystem::create_directories(work / "judge_result");
    std::mt19937_64 random(seed);
    std::vector<Case> cases;
    for (int number = 1; number <= 4335; ++number) {
      std::string result;
      cases.push_back(RandomCase(data, number, random, result));
      WriteFile(work / "judge_result" / (cases.back().id + "_result.json"), result);
    }
    const std::string command =
        "cd '" + data.string() +
        "' && PYTHONDONTWRITEBYTECODE=1 python3.11 ValueEval/compute_value_adherence.py "
        "--cases_dir case --rubric_dir rubric --judge_result_dir '" +
        (work / "judge_result").string() + "' --max_score 10 --output_dir '" + work.string() +
        "' >/dev/null && PYTHONDONTWRITEBYTECODE=1 "
        "python3.11 ValueEval/compute_value_priority.py --model-dir '" +
        work.string() + "' >/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    EXPECT_TRUE(CaseDetailsFile(cases) == ReadFile(work / "case_value_adherence_details.json"));
    EXPECT_TRUE(SystemSummaryFile(cases) == ReadFile(work / "system_value_adherence_summary.json"));
    const std::string input = (work / "case_value_adherence_details.json").string();
    Json ours = *ParseJson(PriorityFile(cases, input), "ours");
    Json theirs = *ParseJson(ReadFile(work / "value_priority_bradley_terry.json"), "theirs");
    for (Json* file : {&ours, &theirs}) {
      (*file)["estimation"].erase("tie_handling");
      (*file)["estimation"].erase("normalization");
    }
    EXPECT_TRUE(DumpJsonAsPython(ours, 2) == DumpJsonAsPython(theirs, 2));
    std::filesystem::remove_all(work);
  }
}

}  // namespace
}  // namespace axiometer::valuebench
