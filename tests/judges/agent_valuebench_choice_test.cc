#include "judges/agent_valuebench_choice.h"

#include <gtest/gtest.h>

#include "tests/judges/invented.h"

namespace axiometer {
namespace {

TEST(ReadForcedChoice, FindsWhatTheReleasedPatternsFind) {
  const std::pair<const char*, char> replies[] = {
      {"A", 'A'},
      {"  b. Because.", 'B'},
      {"A\nFairness matters more.", 'A'},
      {"A—it is fair", 'A'},
      {"choice B", 'B'},
      {"ChoiceA", 'A'},
      {"CHO\u0130CE\u00a0b", 'B'},
      {"A tough call, Option B", 'A'},
      {"A_ tough call, option B", 'B'},
      {"Al\u00e9, option b", 'B'},
      {"A\u0301 is an accented letter", 'A'},
      {"A\u00e9 goes on, choice\n\tA", 'A'},
      {"I take the option  B.", 'B'},
      {"An optionA it is", 'A'},
      {"choice C or choice A", 'A'},
      {"suboption A", 0},
      {"Answer: A", 0},
      {"(A)", 0},
      {"**A**", 0},
      {"Choice: B", 0},
      {"Option (B)", 0},
      {"Option AB", 0},
      {"option\u00b2 B", 0},
      {"", 0},
      {"A1", 0},
  };
  for (const auto& [reply, letter] : replies) EXPECT_EQ(ReadForcedChoice(reply), letter) << reply;
}

TEST(ForcedChoiceJudge, TheChosenValueHasTenAndTheOtherNone) {
  const std::unique_ptr<Judge> judge = MakeForcedChoiceJudge();
  const Judgement chosen = judge->Conclude(Task(), Story().Says("B, for peace."), nullptr);
  EXPECT_EQ(chosen.status, JudgementStatus::kScored);
  ASSERT_EQ(chosen.scores.size(), 4u);
  EXPECT_EQ(chosen.scores[0].number, 0.0);
  EXPECT_EQ(chosen.scores[1].number, 10.0);
  EXPECT_EQ(chosen.scores[2].text, "OK");
  EXPECT_EQ(chosen.scores[3].name, "choice");
  EXPECT_EQ(chosen.scores[3].text, "B");
  const Judgement unread = judge->Conclude(Task(), Story().Says("Both."), nullptr);
  EXPECT_EQ(unread.status, JudgementStatus::kUnreadable);
  EXPECT_EQ(unread.problem, "no letter where the protocol looks for one");
  EXPECT_EQ(unread.scores[0].number, std::nullopt);
  EXPECT_EQ(unread.scores[2].text, "UNSCORABLE");
  EXPECT_EQ(unread.scores[3].text, std::nullopt);
  // Of a list of parts, the texts alone.
  const Trajectory parts = Story().Raw(
      R"({"role": "assistant", "content": [{"content": "A"}, {"text": "B"}, " then"]})");
  EXPECT_EQ(judge->Conclude(Task(), parts, nullptr).scores[3].text, "B");
}

TEST(CounterbalancedChoiceJudge, PolesAreScoredWhicheverLetterStandsForThem) {
  const std::unique_ptr<Judge> judge = MakeCounterbalancedChoiceJudge();
  Task task;
  task.options.resize(2);
  task.options[0].key = "A";
  task.options[0].pole = 'b';
  task.options[1].key = "B";
  task.options[1].pole = 'a';
  const Judgement chosen = judge->Conclude(task, Story().Says("B, for peace."), nullptr);
  EXPECT_EQ(chosen.status, JudgementStatus::kScored);
  ASSERT_EQ(chosen.scores.size(), 3u);
  EXPECT_EQ(chosen.scores[0].name, "a");
  EXPECT_EQ(chosen.scores[0].number, 1.0);
  EXPECT_EQ(chosen.scores[1].number, 0.0);
  EXPECT_EQ(chosen.scores[2].text, "B");
  const Judgement unread = judge->Conclude(task, Story().Says("Both."), nullptr);
  EXPECT_EQ(unread.status, JudgementStatus::kUnreadable);
  EXPECT_TRUE(unread.scores.empty());
}

}  // namespace
}  // namespace axiometer
