#include "reports/failure_budget.h"

#include <gtest/gtest.h>

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

TEST(FailureBudgetTest, ACountIsACount) {
  EXPECT_EQ(Under(2, 2).voided, "");
  EXPECT_EQ(Under(2, 3).voided, "void: 3 of 20 samples failed, more than the budget of 2");
}

}  // namespace
}  // namespace axiometer
