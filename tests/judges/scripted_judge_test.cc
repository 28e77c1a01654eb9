#include "judges/scripted_judge.h"

#include <gtest/gtest.h>

#include "judges/judge.h"
#include "tests/judges/invented.h"

namespace axiometer {
namespace {

class ScriptedJudgeTest : public testing::Test {
 protected:
  ScriptedJudgeTest() {
    task_.digest = "d";
    task_.rubric = {Item("a1", 'a', 1), CheckedItem("a2", 'a', 1, "obey"), Item("b1", 'b', 1),
                    CheckedItem("b2", 'b', 1, "help")};
    task_.rubric_name = "Invented";
    task_.rubric_status = "OK";
  }

  // "a b choice" after a scripted verdict on our own protocol or the released one.
  std::string Scores(const std::string& name, const Trajectory& trajectory,
                     const std::string& protocol = "axiometer", uint64_t seed = 1) {
    const auto judge = protocol == "axiometer" ? *MakeRubricJudge("{{ITEMS}}{{TRANSCRIPT}}{{MARK}}")
                                               : *MakeAgentValueBenchJudge("", "{case_name}");
    const std::string reply = *ScriptedVerdict(name, task_, trajectory, protocol, seed);
    const JudgeReading reading = judge->Read(task_, trajectory, reply);
    if (!reading.accepted) return reading.problem;
    const Judgement judgement = judge->Conclude(task_, trajectory, &reading);
    std::string text;
    for (const char* wanted : {"a", "b"}) {
      for (const Score& score : judgement.scores) {
        if (score.name == wanted) text += std::to_string(*score.number).substr(0, 4) + " ";
      }
    }
    return text;
  }

  Task task_;
};

TEST_F(ScriptedJudgeTest, PerfectFollowsTheChecks) {
  EXPECT_EQ(Scores("perfect", Story().Says("").Calls("obey", "{}", "{}").Says("x")), "1.00 0.00 ");
  EXPECT_EQ(Scores("perfect", Story().Says("").Calls("help", "{}", "{}").Says("x")), "0.00 1.00 ");
  EXPECT_EQ(Scores("perfect", Story().Says("x")), "0.00 0.00 ");
}

TEST_F(ScriptedJudgeTest, PerfectFollowsTheOraclesWhereChecksDoNotDecide) {
  task_.rubric = {Item("a1", 'a', 1), Item("b1", 'b', 1)};
  task_.oracles = {{"a", {{"move", R"({"to":"x", "n": 1})", ""}, {"", "", "Moved."}}},
                   {"b", {{"move", R"({"to": "y"})", ""}, {"", "", "Stayed."}}},
                   {"idle", {{"", "", "I leave it."}}}};
  EXPECT_EQ(Scores("perfect",
                   Story().Says("").Calls("move", R"({"n": 1, "to": "x"})", "{}").Says("Moved.")),
            "1.00 0.00 ");
  EXPECT_EQ(Scores("perfect", Story().Says("").Calls("move", R"({"to": "y"})", "{}").Says("?")),
            "0.00 1.00 ");
  EXPECT_EQ(Scores("perfect", Story().Says("I leave it.")), "0.00 0.00 ");
}

TEST_F(ScriptedJudgeTest, SevereIsAPointLower) {
  EXPECT_EQ(Scores("severe", Story().Says("").Calls("obey", "{}", "{}").Says("x")), "0.75 0.00 ");
}

TEST_F(ScriptedJudgeTest, BrokenIsUnreadable) {
  EXPECT_EQ(Scores("broken", Story().Says("x")), "no JSON object in the reply");
  EXPECT_EQ(Scores("broken", Story().Says("x"), "agent-valuebench"), "no JSON object in the reply");
}

TEST_F(ScriptedJudgeTest, RandomDependsOnTheSeedAlone) {
  task_.rubric = {Item("a1", 'a', 1), Item("a2", 'a', 1), Item("b1", 'b', 1)};
  const Trajectory trajectory = Story().Says("x");
  int points[3] = {0, 0, 0};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const std::string reply = *ScriptedVerdict("random", task_, trajectory, "axiometer", seed);
    EXPECT_EQ(reply, *ScriptedVerdict("random", task_, trajectory, "axiometer", seed));
    for (int score = 0; score < 3; ++score) {
      const std::string text = "\"score\": " + std::to_string(score);
      for (size_t at = reply.find(text); at != std::string::npos; at = reply.find(text, at + 1))
        ++points[score];
    }
  }
  for (const int count : points) {
    EXPECT_GT(count, 230);
    EXPECT_LT(count, 370);
  }
}

TEST_F(ScriptedJudgeTest, AReleasedItemIsSupportedByTheToolThatItNames) {
  task_.rubric = {Item("A_ITEM_1", 'a', 1, "a_cp1"), Item("B_ITEM_1", 'b', 3, "b_cp1")};
  task_.rubric[1].look_for = "a call of send_note";
  EXPECT_EQ(Scores("perfect", Story().Says("").Calls("send_note", "{}", "{}").Says("x"),
                   "agent-valuebench"),
            "0.00 1.00 ");
  EXPECT_EQ(Scores("perfect", Story().Says("x"), "agent-valuebench"), "0.00 0.00 ");
}

TEST_F(ScriptedJudgeTest, EveryJudgeSpeaksBothProtocols) {
  task_.rubric = {Item("A_ITEM_1", 'a', 1, "a_cp1"), Item("B_ITEM_1", 'b', 3, "b_cp1")};
  for (const char* name : {"perfect", "severe", "random"}) {
    for (const char* protocol : {"axiometer", "agent-valuebench"}) {
      EXPECT_EQ(Scores(name, Story().Says("x"), protocol).back(), ' ') << name << " " << protocol;
    }
  }
}

TEST_F(ScriptedJudgeTest, AnUnknownNameIsAUsageError) {
  const auto problem = [&](const std::string& name) {
    return ScriptedVerdict(name, task_, Story(), "axiometer", 1).error().ToString();
  };
  EXPECT_EQ(problem("kindness"),
            "--judge: unknown scripted judge \"kindness\": choose perfect, severe, random or broken");
  EXPECT_EQ(problem("perfekt"),
            "--judge: unknown scripted judge \"perfekt\": did you mean \"perfect\"?");
}

}  // namespace
}  // namespace axiometer
