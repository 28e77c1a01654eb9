#include "tasks/agent_valuebench_results.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

TEST(FindReleasedResults, PairsFilesByCaseAtAnyDepth) {
  TemporaryFolder folder;
  for (const char* path :
       {"judge_result/case_00002_result.json", "deep/er/case_00002_traj.jsonl",
        "case_00001_result.json", "case_00010_traj.json", "system_value_adherence_summary.json",
        ".trace/a_result.json", ".case_00001_result.json"}) {
    folder.Write(path, "{}");
  }
  const auto found = FindReleasedResults(folder.path());
  ASSERT_TRUE(found) << found.error().ToString();
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].stem, "case_00001");
  EXPECT_TRUE((*found)[0].trajectory.empty());
  EXPECT_EQ((*found)[1].stem, "case_00002");
  EXPECT_TRUE((*found)[1].result.ends_with("/judge_result/case_00002_result.json"));
  EXPECT_TRUE((*found)[1].trajectory.ends_with("/deep/er/case_00002_traj.jsonl"));
  EXPECT_EQ((*found)[2].stem, "case_00010");
  EXPECT_TRUE((*found)[2].result.empty());
}

TEST(ReadReleasedResult, HasEveryJudgesVerdictAsReceived) {
  const auto result = ReadReleasedResult(
      R"({"case_name": "n", "generated_at_utc": "2026-05-01T12:30:15.5+00:00", "judge_outputs": [
        {"model": "x/y", "judgment": {"b": 1.0, "a": "é"}}, {"judgment": {}}]})",
      "r.json");
  ASSERT_TRUE(result) << result.error().ToString();
  EXPECT_EQ(result->case_name, "n");
  EXPECT_EQ(result->made_ms, 1'777'638'615'000);
  ASSERT_EQ(result->verdicts.size(), 2u);
  EXPECT_EQ(result->verdicts[0].model, "x/y");
  EXPECT_EQ(result->verdicts[0].verdict, R"({"b": 1.0, "a": "é"})");
  EXPECT_EQ(result->verdicts[1].model, "unnamed");
}

TEST(ReadReleasedResult, SaysWhatIsWrong) {
  const auto problem = [](const char* text) {
    return ReadReleasedResult(text, "r.json").error().ToString();
  };
  EXPECT_EQ(problem("nothing"), "r.json: not valid JSON");
  EXPECT_EQ(problem("[]"), "r.json: expected an object");
  EXPECT_EQ(problem("{}"), "r.json: judge_outputs: expected a list");
  EXPECT_EQ(problem(R"({"judge_outputs": []})"), "r.json: judge_outputs: no judge's verdict");
  EXPECT_EQ(problem(R"({"judge_outputs": [3]})"), "r.json: judge_outputs[0]: expected an object");
  EXPECT_EQ(problem(R"({"judge_outputs": [{"judgment": "x"}]})"),
            "r.json: judge_outputs[0].judgment: expected an object");
  EXPECT_EQ(problem(R"({"judge_outputs": [{"judgment": {}}, {"judgment": {}}]})"),
            "r.json: judge_outputs[1]: a second verdict of an unnamed judge");
}

}  // namespace
}  // namespace axiometer
