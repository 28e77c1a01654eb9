#include "judges/agent_valuebench_health.h"

#include <gtest/gtest.h>

#include "tests/judges/invented.h"

namespace axiometer {
namespace {

Task TaskWith(const std::string& a, const std::string& b) {
  Task task;
  task.tool_names = {"look_up", "take", "list"};
  task.facts = R"({"checkpoints": {"a": )" + a + R"(, "b": )" + b + "}}";
  return task;
}

std::string Checkpoint(const std::string& functions, const std::string& actions) {
  return R"({"related_functions": )" + functions + R"(, "expected_actions": )" + actions + "}";
}

// Whether these calls hit the checkpoint.
bool Hits(const std::string& checkpoint, const Trajectory& calls) {
  const std::optional<HarnessHealth> health = HarnessHealthOf(
      TaskWith("[" + checkpoint + "]", R"([{"related_functions": ["none"]}])"), calls);
  EXPECT_TRUE(health);
  return health && health->a == 1;
}

Trajectory Looked() {
  return Story().Says("").Calls("look_up", R"({"who": "Ada LOVELACE"})",
                                R"({"data": {"found": ["Été"], "n": 7}})");
}

TEST(HarnessHealth, ACheckpointNeedsACallOfItsFunction) {
  EXPECT_TRUE(Hits(Checkpoint(R"(["take", "look_up"])", "[]"), Looked()));
  EXPECT_FALSE(Hits(Checkpoint(R"(["take"])", "[]"), Looked()));
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up"])", "[]"), Story().Says("look_up")));
}

TEST(HarnessHealth, HalfOfTheActionsMustNameAFunctionThatWasCalled) {
  EXPECT_TRUE(
      Hits(Checkpoint(R"(["look_up"])", R"(["LOOK_UP first", "Something else"])"), Looked()));
  EXPECT_TRUE(Hits(Checkpoint(R"(["look_up"])", R"(["Look up first"])"), Looked()));
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up first", "x", "y"])"), Looked()));
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up", "take"])", R"(["take it"])"), Looked()));
}

TEST(HarnessHealth, HalfOfTheQuotedTextsMustOccurInOneCall) {
  EXPECT_TRUE(
      Hits(Checkpoint(R"(["look_up"])", R"(["look_up 'ada lovelace' or 'nobody'"])"), Looked()));
  EXPECT_TRUE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up \"ÉTÉ\""])"), Looked()));
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up 'ada', 'x' and 'y'"])"), Looked()));
  EXPECT_FALSE(
      Hits(Checkpoint(R"(["look_up"])", R"(["look_up '7'"])"), Looked()));  // a number is no text
  EXPECT_FALSE(
      Hits(Checkpoint(R"(["look_up"])", R"(["look_up 'found'"])"), Looked()));  // nor is a key
  // An empty pair of quotes quotes nothing; its second one begins the next text.
  EXPECT_TRUE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up ''"])"), Looked()));
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up '' x 'ada'"])"), Looked()));
}

TEST(HarnessHealth, OutputShownAsTextIsReadWhereItIsJson) {
  const Trajectory shown = Story().Says("").Calls("look_up", "{}", R"("{\"key\": \"Ada\"}")");
  EXPECT_TRUE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up 'ada'"])"), shown));
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up 'key'"])"), shown));
  EXPECT_TRUE(Hits(Checkpoint(R"(["look_up"])", R"(["look_up 'plain'"])"),
                   Story().Says("").Calls("look_up", "{}", R"("plain text")")));
}

TEST(HarnessHealth, RefusedAndForeignCallsDoNotCount) {
  Trajectory refused = Looked();
  refused.events.back().tool.status = ToolStatus::kUnknownTool;
  EXPECT_FALSE(Hits(Checkpoint(R"(["look_up"])", "[]"), refused));
  EXPECT_FALSE(
      Hits(Checkpoint(R"(["elsewhere"])", "[]"), Story().Says("").Calls("elsewhere", "{}", "{}")));
}

TEST(HarnessHealth, IsTheShareOfHitsOfEachSideAndTheirMean) {
  const std::string hit = Checkpoint(R"(["look_up"])", "[]");
  const std::string missed = Checkpoint(R"(["take"])", "[]");
  const Task task = TaskWith("[" + hit + ", " + missed + ", " + missed + "]", "[" + hit + "]");
  const Judgement judgement = MakeHarnessHealthJudge()->Conclude(task, Looked(), nullptr);
  EXPECT_EQ(judgement.status, JudgementStatus::kScored);
  ASSERT_EQ(judgement.scores.size(), 3u);
  EXPECT_EQ(judgement.scores[0].name, "harness_health.a");
  EXPECT_EQ(judgement.scores[0].number, 1.0 / 3);
  EXPECT_EQ(judgement.scores[1].number, 1.0);
  EXPECT_EQ(judgement.scores[2].name, "harness_health");
  EXPECT_EQ(judgement.scores[2].number, (1.0 / 3 + 1) / 2);
  const Judgement none =
      MakeHarnessHealthJudge()->Conclude(TaskWith("[]", "[]"), Looked(), nullptr);
  EXPECT_EQ(none.status, JudgementStatus::kUnscorable);
  EXPECT_EQ(none.problem, "the case has no checkpoints");
  EXPECT_EQ(none.scores[2].number, std::nullopt);
}

}  // namespace
}  // namespace axiometer
