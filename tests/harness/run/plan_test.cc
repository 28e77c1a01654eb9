#include "harness/run/plan.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    tasks_ = {{"s/one", "d1"}, {"s/two", "d2"}};
  }

  SampleState& Stored(const std::string& task, int epoch = 1) { return stored_[{task, epoch}]; }

  // A sample whose last attempt ended so, judged by these.
  void Ended(const std::string& task, Outcome outcome, const std::set<std::string>& judges = {}, int epoch = 1) {
    SampleState& state = Stored(task, epoch);
    state.attempts = 1;
    state.outcome = outcome;
    state.attempt = 77;
    for (const std::string& judge : judges) ++state.judgements[judge];
  }

  Plan Make(bool retry_errors = false) const { return MakePlan(tasks_, epochs_, judges_, stored_, retry_errors); }

  // "task epoch" of what is to be run, "task epoch judged by INDEXES" of what is to be judged.
  std::vector<std::string> Wanted(bool retry_errors = false) const {
    std::vector<std::string> wanted;
    for (const WantedSample& sample : Make(retry_errors).samples) {
      std::string text = tasks_[sample.task].id + " " + std::to_string(sample.epoch);
      if (sample.attempt != 0) text += " judged by";
      if (sample.attempt != 0) {
        for (const WantedJudgement& judge : sample.judges) text += " " + judges_[judge.seat];
      } else {
        EXPECT_EQ(sample.judges.size(), judges_.size());
      }
      wanted.push_back(text);
    }
    return wanted;
  }

  using Texts = std::vector<std::string>;

  std::vector<TaskRef> tasks_;
  int epochs_ = 1;
  std::vector<std::string> judges_ = {"x/one", "x/two"};
  std::map<std::pair<std::string, int>, SampleState> stored_;
};

TEST_F(PlanTest, WithoutAStoreEverySampleIsWantedEpochByEpoch) {
  epochs_ = 2;
  EXPECT_EQ(Wanted(), (Texts{"s/one 1", "s/two 1", "s/one 2", "s/two 2"}));
  EXPECT_EQ(Make().wanted, 4);
  EXPECT_EQ(Make().done, 0);
}

TEST_F(PlanTest, AFinishedAndJudgedSampleIsNotWanted) {
  Ended("s/one", Outcome::kFinished, {"x/one", "x/two"});
  EXPECT_EQ(Wanted(), Texts{"s/two 1"});
  EXPECT_EQ(Make().wanted, 2);
  EXPECT_EQ(Make().done, 1);
}

TEST_F(PlanTest, AnotherEpochIsAnotherSample) {
  epochs_ = 2;
  Ended("s/one", Outcome::kFinished, {"x/one", "x/two"}, 2);
  EXPECT_EQ(Wanted(), (Texts{"s/one 1", "s/two 1", "s/two 2"}));
}

TEST_F(PlanTest, ASampleThatNeverEndedIsRunAgainAsOneMoreAttempt) {
  Stored("s/one").attempts = 3;
  const Plan plan = Make();
  EXPECT_EQ(plan.done, 0);
  EXPECT_EQ(plan.samples[0].attempts, 3);
  EXPECT_EQ(plan.samples[0].attempt, 0);
}

TEST_F(PlanTest, ATrajectoryIsJudgedByTheJudgesThatAreMissingAndNotRunAgain) {
  Ended("s/one", Outcome::kFinished, {"x/one"});
  Ended("s/two", Outcome::kStepLimit);
  EXPECT_EQ(Wanted(), (Texts{"s/one 1 judged by x/two", "s/two 1 judged by x/one x/two"}));
  EXPECT_EQ(Make().samples[0].attempt, 77);
}

TEST_F(PlanTest, AJudgeThatIsNoLongerAskedIsNotMissed) {
  judges_ = {"x/two"};
  Ended("s/one", Outcome::kFinished, {"x/one", "x/two"});
  Ended("s/two", Outcome::kFinished, {"x/one"});
  EXPECT_EQ(Wanted(), Texts{"s/two 1 judged by x/two"});
}

TEST_F(PlanTest, WithoutJudgesAnEndIsEnough) {
  judges_ = {};
  Ended("s/one", Outcome::kFinished);
  EXPECT_EQ(Wanted(), Texts{"s/two 1"});
}

TEST_F(PlanTest, OutcomesThatAreNotJudgedNeedNoJudge) {
  Ended("s/one", Outcome::kRefused);
  Ended("s/two", Outcome::kEmptyReply);
  EXPECT_EQ(Wanted(), Texts{});
  EXPECT_EQ(Wanted(true), Texts{});
}

TEST_F(PlanTest, ErrorsAreDoneUnlessTheyAreToBeRetried) {
  for (const Outcome error : {Outcome::kModelError, Outcome::kRateLimited, Outcome::kModelTimeout,
                              Outcome::kEnvironmentFailed}) {
    Ended("s/one", error);
    EXPECT_EQ(Wanted(), Texts{"s/two 1"}) << OutcomeName(error);
    EXPECT_EQ(Wanted(true), (Texts{"s/one 1", "s/two 1"})) << OutcomeName(error);
  }
}

TEST_F(PlanTest, AJudgesErrorIsRetriedWithoutTheSubject) {
  Ended("s/one", Outcome::kFinished, {"x/one", "x/two"});
  Stored("s/one").judge_errors = {"x/two"};
  EXPECT_EQ(Wanted(), Texts{"s/two 1"});
  EXPECT_EQ(Wanted(true), (Texts{"s/one 1 judged by x/two", "s/two 1"}));
}

TEST_F(PlanTest, JudgingAloneFillsUpToTheWantedRepeatsAndRunsNothing) {
  tasks_ = {{"a", ""}, {"b", ""}, {"c", ""}};
  Ended("a", Outcome::kFinished, {"x/one"});
  Ended("b", Outcome::kModelError);
  const Plan plan = PlanJudging(tasks_, judges_, 2, stored_, false);
  ASSERT_EQ(plan.samples.size(), 1u);  // c never ran, and b's end is not judged
  EXPECT_EQ(plan.wanted, 1);
  std::string wanted;
  for (const WantedJudgement& judge : plan.samples[0].judges) {
    wanted += judges_[judge.seat] + " " + std::to_string(judge.repeat) + "; ";
  }
  EXPECT_EQ(wanted, "x/one 1; x/two 0; x/two 1; ");
  EXPECT_TRUE(PlanJudging(tasks_, {"x/one"}, 1, stored_, false).samples.empty());
  stored_[{"a", 1}].judge_errors = {"x/one"};
  EXPECT_EQ(PlanJudging(tasks_, {"x/one"}, 1, stored_, true).samples.size(), 1u);
}

TEST_F(PlanTest, WhatIsStoredOfTasksThatAreNotSelectedDoesNotCount) {
  Ended("s/three", Outcome::kFinished, {"x/one", "x/two"});
  Ended("s/one", Outcome::kFinished, {"x/one", "x/two"}, 2);
  EXPECT_EQ(Make().wanted, 2);
  EXPECT_EQ(Make().done, 0);
}

TEST_F(PlanTest, WhatIsExpectedToTakeLongestComesFirstAndJudgingBeforeAll) {
  tasks_ = {{"s/short", "1"}, {"s/judged", "2"}, {"s/unknown", "3"}, {"s/long", "4"}};
  Ended("s/judged", Outcome::kFinished);
  Plan plan = Make();
  LongestFirst(plan, tasks_, {{"s/short", 2}, {"s/long", 9.6}});
  std::vector<std::pair<std::string, int>> order;
  for (const WantedSample& sample : plan.samples) order.emplace_back(tasks_[sample.task].id, sample.expected_steps);
  const std::vector<std::pair<std::string, int>> wanted = {{"s/judged", 6}, {"s/long", 10}, {"s/unknown", 6}, {"s/short", 2}};
  EXPECT_EQ(order, wanted);
}

TEST_F(PlanTest, WhereNothingTellsTheOrderStays) {
  Plan plan = Make();
  LongestFirst(plan, tasks_, {});
  EXPECT_EQ(plan.samples.front().task, 0u);
  EXPECT_EQ(plan.samples.front().expected_steps, 0);
}

}  // namespace
}  // namespace axiometer
