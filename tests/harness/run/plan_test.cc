#include "harness/run/plan.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

// Taken out one by one.
std::vector<WantedSample> All(Plan plan) {
  std::vector<WantedSample> samples;
  while (std::optional<WantedSample> sample = plan.Next()) samples.push_back(std::move(*sample));
  EXPECT_EQ(plan.size(), 0u);
  return samples;
}

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
    for (const WantedSample& sample : All(Make(retry_errors))) {
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
  EXPECT_EQ(All(plan)[0].attempts, 3);
  EXPECT_EQ(All(plan)[0].attempt, 0);
}

TEST_F(PlanTest, ATrajectoryIsJudgedByTheJudgesThatAreMissingAndNotRunAgain) {
  Ended("s/one", Outcome::kFinished, {"x/one"});
  Ended("s/two", Outcome::kStepLimit);
  EXPECT_EQ(Wanted(), (Texts{"s/one 1 judged by x/two", "s/two 1 judged by x/one x/two"}));
  EXPECT_EQ(All(Make())[0].attempt, 77);
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
  ASSERT_EQ(plan.size(), 1u);  // c never ran, and b's end is not judged
  EXPECT_EQ(plan.wanted, 1);
  std::string wanted;
  const WantedSample first = All(plan)[0];
  for (const WantedJudgement& judge : first.judges) {
    wanted += judges_[judge.seat] + " " + std::to_string(judge.repeat) + "; ";
  }
  EXPECT_EQ(wanted, "x/one 1; x/two 0; x/two 1; ");
  EXPECT_TRUE(PlanJudging(tasks_, {"x/one"}, 1, stored_, false).size() == 0);
  stored_[{"a", 1}].judge_errors = {"x/one"};
  EXPECT_EQ(PlanJudging(tasks_, {"x/one"}, 1, stored_, true).size(), 1u);
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
  for (const WantedSample& sample : All(plan)) order.emplace_back(tasks_[sample.task].id, sample.expected_steps);
  const std::vector<std::pair<std::string, int>> wanted = {{"s/judged", 6}, {"s/long", 10}, {"s/unknown", 6}, {"s/short", 2}};
  EXPECT_EQ(order, wanted);
}

TEST_F(PlanTest, WhereNothingTellsTheOrderStays) {
  Plan plan = Make();
  LongestFirst(plan, tasks_, {});
  EXPECT_EQ(All(plan).front().task, 0u);
  EXPECT_EQ(All(plan).front().expected_steps, 0);
}

TEST_F(PlanTest, EpochByEpochAlsoAroundWhatIsThereAndTaskByTaskWhereLengthsAreKnown) {
  epochs_ = 3;
  Ended("s/one", Outcome::kFinished, {"x/one", "x/two"}, 2);
  EXPECT_EQ(Wanted(), (Texts{"s/one 1", "s/two 1", "s/two 2", "s/one 3", "s/two 3"}));
  EXPECT_EQ(Make().size(), 5u);
  EXPECT_EQ(Make().done, 1);
  Plan plan = Make();
  LongestFirst(plan, tasks_, {{"s/one", 1}, {"s/two", 2}});
  std::vector<std::pair<size_t, int>> order;
  for (const WantedSample& sample : All(plan)) order.emplace_back(sample.task, sample.epoch);
  EXPECT_EQ(order, (std::vector<std::pair<size_t, int>>{{1, 1}, {1, 2}, {1, 3}, {0, 1}, {0, 3}}));
  EXPECT_EQ(plan.Tasks(), (std::vector<size_t>{0, 1}));
  EXPECT_TRUE(plan.runs_any());
}

}  // namespace
}  // namespace axiometer
