#include "judges/people_scores.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

std::string ErrorOf(const std::string& text) {
  const auto read = ReadPeoplesScores(text, "f.csv");
  return read ? "" : read.error().ToString();
}

TEST(PeopleScoresTest, ColumnsComeInAnyOrder) {
  const auto read = ReadPeoplesScores(
      "\xEF\xBB\xBFscore,rater,epoch,item,task\r\n2,\"Ann, B.\",3,a1,s/t\r\n\r\n0,bo,1,b1,s/t\r\n",
      "f.csv");
  ASSERT_TRUE(read) << read.error().ToString();
  ASSERT_EQ(read->size(), 2u);
  const PersonScore& first = read->front();
  EXPECT_EQ(first.line, 2u);
  EXPECT_EQ(first.task, "s/t");
  EXPECT_EQ(first.epoch, 3);
  EXPECT_EQ(first.item, "a1");
  EXPECT_EQ(first.rater, "Ann, B.");
  EXPECT_EQ(first.score, 2);
  EXPECT_EQ(read->back().line, 4u);
}

TEST(PeopleScoresTest, WithoutEpochsItIsTheFirst) {
  const auto read = ReadPeoplesScores("task,item,rater,score\nt,a1,ann,1", "f.csv");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().epoch, 1);
}

TEST(PeopleScoresTest, WhatIsWrongIsNamedWithItsLine) {
  const std::string hint = "the columns are task, item, rater, score and, if wanted, epoch";
  const std::string head = "task,item,rater,score,epoch\n";
  EXPECT_EQ(ErrorOf(""), "f.csv: holds no score: " + hint);
  EXPECT_EQ(ErrorOf(head), "f.csv: holds no score: " + hint);
  EXPECT_EQ(ErrorOf("task,item,score\n"), "f.csv:1: there is no column \"rater\": " + hint);
  EXPECT_EQ(ErrorOf("task,item,rater,scores\n"),
            "f.csv:1: unknown column \"scores\": did you mean \"score\"?");
  EXPECT_EQ(ErrorOf("task,item,rater,score,remarks\n"),
            "f.csv:1: unknown column \"remarks\": " + hint);
  EXPECT_EQ(ErrorOf("task,item,rater,score,task\n"), "f.csv:1: column \"task\" is there twice");
  EXPECT_EQ(ErrorOf(head + "t,a1,ann,1\n"), "f.csv:2: expected 5 cells, got 4");
  EXPECT_EQ(ErrorOf(head + "t,a1,,1,1\n"), "f.csv:2: rater: is empty");
  EXPECT_EQ(ErrorOf(head + std::string("t,a1,a\0n,1,1\n", 14)), "f.csv:2: rater: has a control character: \"a\\x00n\"");
  EXPECT_EQ(ErrorOf(head + "t,a1,a\xff,1,1\n"), "f.csv:2: rater: is not UTF-8: \"a\xEF\xBF\xBD\"");
  for (const char* score : {"3", "-1", "1.0", "", "two", " 1"}) {
    EXPECT_EQ(ErrorOf(head + "\nt,a1,ann," + score + ",1\n"),
              "f.csv:3: score: expected 0, 1 or 2, got \"" + std::string(score) + "\"");
  }
  EXPECT_EQ(ErrorOf(head + "t,a1,ann,1,0\n"),
            "f.csv:2: epoch: expected a number from 1, got \"0\"");
  EXPECT_EQ(
      ErrorOf(head + "t,a1,ann,1,1\nt,a1,bo,1,1\nt,a1,ann,2,1\n"),
      "f.csv:4: a second score of \"t\", epoch 1, item \"a1\" by \"ann\", the first in line 2");
  EXPECT_EQ(ErrorOf(head + "t,a1,\"ann,1,1\n"),
            "f.csv:2: a quoted cell begins here and never ends");
}

TEST(PeopleScoresTest, APoleIsScoredIfNoneOfItsItemsIsMissing) {
  std::vector<Verdict> rubric(3);
  rubric[0].item = "a1";
  rubric[0].weight = 3;
  rubric[1].item = "b1";
  rubric[1].pole = 'b';
  rubric[2].item = "a2";
  const Judgement all = PersonsJudgement(rubric, {{"a1", 2}, {"a2", 1}, {"b1", 0}});
  EXPECT_EQ(all.status, JudgementStatus::kScored);
  ASSERT_EQ(all.scores.size(), 2u);
  EXPECT_EQ(all.scores[0].name, "a");
  EXPECT_DOUBLE_EQ(*all.scores[0].number, 7.0 / 8);
  EXPECT_DOUBLE_EQ(*all.scores[1].number, 0);
  EXPECT_EQ(all.verdicts[1].item, "b1");
  const Judgement some = PersonsJudgement(rubric, {{"a1", 2}, {"b1", 1}});
  EXPECT_EQ(some.status, JudgementStatus::kUnscorable);
  EXPECT_EQ(some.problem, "gave no score of a2");
  ASSERT_EQ(some.scores.size(), 1u);
  EXPECT_EQ(some.scores[0].name, "b");
  ASSERT_EQ(some.verdicts.size(), 2u);
  EXPECT_EQ(some.verdicts[1].item, "b1");
}

}  // namespace
}  // namespace axiometer
