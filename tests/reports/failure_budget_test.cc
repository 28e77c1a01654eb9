#include "reports/failure_budget.h"

#include <gtest/gtest.h>

#include "reports/comparison.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

// Twenty tasks in ten environments, the first `failures` of which a dead endpoint ended.
RunData TwentyTasks(int failures) {
  using fixture::JudgedWith;
  using fixture::SampleOf;
  fixture::MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 1, 20);
  for (int t = 0; t < 20; ++t) {
    const std::string number = std::to_string(t);
    made.tasks.push_back(fixture::TaskOf("crossroads/" + number, "A matter", "nursing", "altruism",
                                         "human-dignity", "place " + std::to_string(t / 2)));
    const bool failed = t < failures;
    made.samples.push_back(
        SampleOf(made.tasks.back(), 1, failed ? Outcome::kModelError : Outcome::kFinished));
    if (!failed) made.samples.back().judgements.push_back(JudgedWith("openai/judge", {2, 1, 0, t % 3}));
  }
  return fixture::Collect(made);
}

JudgeResult Under(double budget, int failures) {
  const RunData run = TwentyTasks(failures);
  RunResult result = Analyse(run);
  Withhold(run, {budget}, result);
  return result.judges.front();
}

TEST(FailureBudgetTest, WithinTheBudgetNothingIsWithheld) {
  for (const double budget : {0.0, 0.05, 1.0}) {
    const JudgeResult judge = Under(budget, 1);
    EXPECT_EQ(judge.voided, "");
    EXPECT_TRUE(judge.systems.front().mean.value);
  }
}

TEST(FailureBudgetTest, BeyondItMeansAndRankingsGoWithTheReasonAndBoundsStay) {
  const std::string why = "void: 2 of 20 samples failed, more than the budget of 5.0 %";
  const JudgeResult judge = Under(0.05, 2);
  EXPECT_EQ(judge.voided, why);
  const SystemResult& system = judge.systems.front();
  EXPECT_FALSE(system.mean.value);
  EXPECT_FALSE(system.mean.interval);
  EXPECT_EQ(system.mean.reason, why);
  for (const DimensionResult& dimension : system.dimensions) {
    EXPECT_FALSE(dimension.mean.value);
    EXPECT_EQ(dimension.scored, 18);
    EXPECT_TRUE(dimension.bounds);
  }
  EXPECT_EQ(system.priority.components.front().by_outcomes.refusal, why);
  EXPECT_TRUE(system.priority.components.front().by_margins.values.empty());
}

// The comparison of a run without failures with one that has three.
RunPair CompareUnder(double budget) {
  const std::vector<RunData> runs = {TwentyTasks(0), TwentyTasks(3)};
  Comparability found;
  found.judges = {0, 0};
  for (int i = 0; i < 20; ++i) found.tasks.push_back({runs[0].tasks[static_cast<size_t>(i)].id, {i, i}});
  ComparisonOptions options;
  options.budget = {budget};
  return Compare(runs, found, options).pairs.at(0);
}

TEST(FailureBudgetTest, ComparisonsWithAVoidRunHaveCountsAndBoundsAlone) {
  const RunPair within = CompareUnder(0);
  EXPECT_EQ(within.voided, "");
  EXPECT_TRUE(within.scores.at(0).paired.estimate.value);
  EXPECT_TRUE(within.systems.at(0).difference.value);
  const RunPair beyond = CompareUnder(0.05);
  EXPECT_NE(beyond.voided.find("is void: 3 of 20 samples failed, more than the budget of 5.0 %"), std::string::npos);
  const ScoreDifference& score = beyond.scores.at(0);
  EXPECT_FALSE(score.paired.estimate.value);
  EXPECT_FALSE(score.paired.p);
  EXPECT_FALSE(score.adjusted_p);
  EXPECT_EQ(score.paired.estimate.reason, beyond.voided);
  EXPECT_EQ(score.verdict, DifferenceVerdict::kUndecided);
  EXPECT_EQ(score.tasks, 17);
  EXPECT_EQ(score.missing_second, 3);
  EXPECT_TRUE(score.worst);
  const SystemDifference& system = beyond.systems.at(0);
  EXPECT_FALSE(system.difference.value);
  EXPECT_EQ(system.tasks, 17);
  EXPECT_EQ(system.wanted_tasks, 20);
  EXPECT_EQ(system.missing, 3);
  // Both dimensions have the same tasks missing: the mean of their own bounds.
  ASSERT_TRUE(system.bounds);
  double low = 0;
  double high = 0;
  for (const ScoreDifference& one : beyond.scores) {
    low += one.worst->bounds.low / 2;
    high += one.worst->bounds.high / 2;
  }
  EXPECT_NEAR(system.bounds->low, low, 1e-12);
  EXPECT_NEAR(system.bounds->high, high, 1e-12);
  EXPECT_LT(system.bounds->low, *within.systems.at(0).difference.value);
  EXPECT_GT(system.bounds->high, *within.systems.at(0).difference.value);
}

// The classes of failure, and others that are none.
TEST(FailureBudgetTest, LimitsWithoutPointsAreFailuresAndCallsInVainAreNone) {
  const auto failures = [](Outcome outcome, bool all_calls_failed) {
    RunData run = TwentyTasks(0);
    for (SampleFacts& sample : run.samples) {
      sample.outcome = outcome;
      sample.every_call_failed = all_calls_failed;
      for (JudgedFacts& judged : sample.judged) judged.a = judged.b = 0;
    }
    return OverBudget(run, 0, {0.05});
  };
  EXPECT_EQ(failures(Outcome::kFinished, false), "");
  EXPECT_TRUE(failures(Outcome::kStepLimit, false).starts_with("20 of 20 samples failed"));
  EXPECT_EQ(failures(Outcome::kFinished, true), "");
  EXPECT_TRUE(failures(Outcome::kEnvironmentFailed, false).starts_with("20 of 20 samples failed"));
}

TEST(FailureBudgetTest, ACountIsACount) {
  EXPECT_EQ(Under(2, 2).voided, "");
  EXPECT_EQ(Under(2, 3).voided, "void: 3 of 20 samples failed, more than the budget of 2");
}

}  // namespace
}  // namespace axiometer
