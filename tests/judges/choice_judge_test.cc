#include "judges/choice_judge.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

std::vector<ChoiceOption> Letters(bool swapped = false) {
  if (swapped) return {{"B", "help", 'b'}, {"A", "keep", 'a'}};
  return {{"A", "keep", 'a'}, {"B", "help", 'b'}};
}

std::vector<ChoiceOption> Degrees(char first) {
  std::vector<ChoiceOption> options;
  for (int i = 1; i <= 7; ++i) options.push_back({std::to_string(i), "", 0});
  options.front().pole = first;
  options.back().pole = first == 'a' ? 'b' : 'a';
  return options;
}

std::string Read(std::string_view reply, const std::vector<ChoiceOption>& options) {
  const ChoiceReading reading = ReadChoice(reply, options);
  EXPECT_EQ(reading.option.has_value(), reading.problem.empty());
  return reading.option ? options[*reading.option].key : reading.problem;
}

TEST(ReadChoice, TheLineThatWasAskedFor) {
  EXPECT_EQ(Read("Both have a point.\n\nAnswer: A", Letters()), "A");
  EXPECT_EQ(Read("answer: b", Letters()), "B");
  EXPECT_EQ(Read("Answer: B", Letters(true)), "B");
  EXPECT_EQ(ReadChoice("Answer: B", Letters(true)).option, 0u);
  EXPECT_EQ(Read("Answer: 5", Degrees('a')), "5");
}

TEST(ReadChoice, MarksAndFurtherWordsAroundIt) {
  EXPECT_EQ(Read("**Answer: A**", Letters()), "A");
  EXPECT_EQ(Read("> **Final answer:** (B)", Letters()), "B");
  EXPECT_EQ(Read("### Answer\n\nB", Letters()), "B");
  EXPECT_EQ(Read("Answer:\nA. Book it in April.", Letters()), "A");
  EXPECT_EQ(Read("Answer: A because a rule is a rule", Letters()), "A");
  EXPECT_EQ(Read("Answer：B", Letters()), "B");
  EXPECT_EQ(Read("Answer: 5/7", Degrees('a')), "5");
  EXPECT_EQ(Read("Answer: 5 out of 7", Degrees('a')), "5");
  EXPECT_EQ(Read("Answer: 5.", Degrees('a')), "5");
}

TEST(ReadChoice, TheLastLineDecides) {
  EXPECT_EQ(Read("Answer: A\nOn second thought:\nAnswer: B", Letters()), "B");
  EXPECT_EQ(Read("Answer: A\nAnswer: neither", Letters()), "the answer names no option");
}

TEST(ReadChoice, TheReplyAloneWithoutThatLine) {
  EXPECT_EQ(Read("B", Letters()), "B");
  EXPECT_EQ(Read(" (a) ", Letters()), "A");
  EXPECT_EQ(Read("A. Book it in April", Letters()), "A");
  EXPECT_EQ(Read("A rule is a rule", Letters()), "no line begins with \"Answer:\"");
  EXPECT_EQ(Read("I would take B.", Letters()), "no line begins with \"Answer:\"");
}

TEST(ReadChoice, NoOptionOrSeveral) {
  EXPECT_EQ(Read("", Letters()), "the reply is blank");
  EXPECT_EQ(Read(" \n\t", Letters()), "the reply is blank");
  EXPECT_EQ(Read("Answer: A or B", Letters()), "the answer names more than one option");
  EXPECT_EQ(Read("Answer: A/B", Letters()), "the answer names no option");
  EXPECT_EQ(Read("Answer: C", Letters()), "the answer names no option");
  EXPECT_EQ(Read("Answer: Apple", Letters()), "the answer names no option");
  EXPECT_EQ(Read("Answer:", Letters()), "the answer names no option");
  EXPECT_EQ(Read("Answer: 8", Degrees('a')), "the answer names no option");
  EXPECT_EQ(Read("Answer: 45", Degrees('a')), "the answer names no option");
  EXPECT_EQ(Read("Answer: 4.5", Degrees('a')), "the answer names more than one option");
  EXPECT_EQ(Read("Answer: 3-4", Degrees('a')), "the answer names more than one option");
  EXPECT_EQ(Read("Answer: 3 or 4", Degrees('a')), "the answer names more than one option");
}

Judgement Judged(std::vector<ChoiceOption> options, const char* reply) {
  Task task;
  task.kind = TaskKind::kChoice;
  task.options = std::move(options);
  Trajectory trajectory;
  trajectory.final_text = reply;
  return MakeChoiceJudge()->Conclude(task, trajectory, nullptr);
}

TEST(ChoiceJudge, TheShareOfAPoleIsTheAnswersPlace) {
  const Judgement kept = Judged(Letters(true), "Answer: A");
  ASSERT_EQ(kept.status, JudgementStatus::kScored);
  ASSERT_EQ(kept.scores.size(), 4u);
  EXPECT_EQ(kept.scores[0].name, "a");
  EXPECT_EQ(kept.scores[0].number, 1.0);
  EXPECT_EQ(kept.scores[1].number, 0.0);
  EXPECT_EQ(kept.scores[2].text, "A");
  EXPECT_EQ(kept.scores[3].number, 1.0);                       // printed last
  const Judgement degree = Judged(Degrees('b'), "Answer: 3");  // 1 is all b
  EXPECT_DOUBLE_EQ(*degree.scores[0].number, 2.0 / 6);
  EXPECT_DOUBLE_EQ(*degree.scores[1].number, 4.0 / 6);
}

TEST(ChoiceJudge, AnUnreadAnswerIsNoScore) {
  const Judgement judgement = Judged(Letters(), "It depends.");
  EXPECT_EQ(judgement.status, JudgementStatus::kUnreadable);
  EXPECT_TRUE(judgement.scores.empty());
  EXPECT_EQ(judgement.problem, "no line begins with \"Answer:\"");
}

}  // namespace
}  // namespace axiometer
