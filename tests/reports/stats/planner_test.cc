#include "reports/stats/planner.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reports/stats/mean_interval.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

// 20 tasks, each its own cluster, 2 epochs, 1 judgement.
VarianceComponents Pilot() {
  VarianceComponents pilot;
  pilot.design = {20, 20, 2, 1};
  pilot.cluster_count = 20;
  pilot.df = 19;
  pilot.repetition = VarianceComponent{0.06, 0.06, 0.06, 20, 1};
  pilot.tasks = VarianceComponent{0.04, 0.04, 0.14, 19, 2};
  return pilot;
}

// 5 clusters of 8 tasks, 1 epoch.
VarianceComponents ClusteredPilot() {
  VarianceComponents pilot;
  pilot.design = {5, 40, 1, 1};
  pilot.cluster_count = 5;
  pilot.own_clusters = false;
  pilot.df = 4;
  pilot.tasks = VarianceComponent{0.04, 0.04, 0.04, 35, 1};
  pilot.clusters = VarianceComponent{0.02, 0.02, 0.2, 4, 8};
  return pilot;
}

TaskPlanRequest HalfWidthOf(double half_width) {
  TaskPlanRequest request;
  request.half_width = half_width;
  request.costs = {2, 1, 0};
  return request;
}

TEST(PlannerTest, PilotsThatAreTooSmallAreRefused) {
  VarianceComponents pilot = Pilot();
  pilot.design.tasks = 9;
  EXPECT_EQ(PlanTasks(pilot, HalfWidthOf(0.1)).reason, "a pilot of fewer than 10 tasks");
  pilot = ClusteredPilot();
  pilot.cluster_count = 3;
  EXPECT_EQ(PlanTasks(pilot, HalfWidthOf(0.1)).reason, "a pilot of fewer than 4 clusters");
  pilot = Pilot();
  pilot.tasks->variance = pilot.repetition->variance = 0;
  EXPECT_EQ(PlanTasks(pilot, HalfWidthOf(0.1)).reason, "no variance in the pilot");
  EXPECT_EQ(PlanTasks(EstimateNoise({}), HalfWidthOf(0.1)).reason, "never scored");
}

// The slow obvious version: every number of tasks from 2 on.
TEST(PlannerTest, TheNumberOfTasksIsTheSmallestThatIsEnough) {
  const TaskPlans plans = PlanTasks(Pilot(), HalfWidthOf(0.08));
  ASSERT_EQ(plans.plans.size(), 3u);
  for (const TaskPlan& plan : plans.plans) {
    int64_t tasks = 2;
    const auto half = [&] {
      const auto n = static_cast<double>(tasks);
      return *UpperTQuantile(0.025, n - 1) * std::sqrt(0.04 / n + 0.06 / (n * plan.epochs));
    };
    while (half() > 0.08) ++tasks;
    EXPECT_EQ(plan.tasks, tasks);
    EXPECT_NEAR(plan.half_width, half(), 1e-12);
    EXPECT_EQ(plan.cost, static_cast<double>(tasks) * (2 + plan.epochs));
    EXPECT_EQ(plan.judges, 1) << "the pilot knows of one judgement only";
  }
  EXPECT_LE(plans.plans[0].cost, plans.plans[1].cost);
  EXPECT_LE(plans.plans[1].cost, plans.plans[2].cost);
  // sqrt(2 * 0.06 / (1 * 0.04)) = 1.73: the cheapest whole number is a neighbour.
  EXPECT_NEAR(*plans.ideal_epochs, std::sqrt(3.0), 1e-12);
  EXPECT_TRUE(plans.plans[0].epochs == 1 || plans.plans[0].epochs == 2);
}

// scipy: chi2.ppf(0.2, 19) = 13.7158; the mean square 0.14 may be 0.14 * 19 / 13.7158.
TEST(PlannerTest, BeingSureTakesTheUpperLimitOfTheMeanSquare) {
  const TaskPlans plans = PlanTasks(Pilot(), HalfWidthOf(0.08));
  const TaskPlan& plan = plans.plans[0];
  const double tasks_variance = 0.04 + (0.14 * 19 / 13.715789706290439 - 0.14) / 2;
  int64_t tasks = 2;
  const auto half = [&] {
    const auto n = static_cast<double>(tasks);
    return *UpperTQuantile(0.025, n - 1) * std::sqrt(tasks_variance / n + 0.06 / (n * plan.epochs));
  };
  while (half() > 0.08) ++tasks;
  EXPECT_EQ(plan.tasks_to_be_sure, tasks);
  EXPECT_GT(*plan.tasks_to_be_sure, plan.tasks);
}

TEST(PlannerTest, DearPreparationAsksForMoreEpochs) {
  TaskPlanRequest request = HalfWidthOf(0.01);
  request.costs = {100, 1, 0};
  EXPECT_EQ(PlanTasks(Pilot(), request).plans[0].epochs, 10);
  request.costs = {0, 1, 0};
  EXPECT_EQ(PlanTasks(Pilot(), request).plans[0].epochs, 1);
  EXPECT_FALSE(PlanTasks(Pilot(), request).ideal_epochs);
}

TEST(PlannerTest, APilotOfOneEpochGetsNoAdviceOnEpochs) {
  const TaskPlans plans = PlanTasks(ClusteredPilot(), HalfWidthOf(0.25));
  ASSERT_EQ(plans.plans.size(), 1u);
  EXPECT_EQ(plans.plans[0].epochs, 1);
  EXPECT_FALSE(plans.ideal_epochs);
}

// t(4) sqrt(0.02 / 5) = 0.176: tasks without end do not reach 0.15, clusters do.
TEST(PlannerTest, TasksCannotMakeUpForClusters) {
  const TaskPlans plans = PlanTasks(ClusteredPilot(), HalfWidthOf(0.15));
  EXPECT_TRUE(plans.plans.empty());
  int clusters = 2;
  while (*UpperTQuantile(0.025, clusters - 1.0) *
             std::sqrt(0.02 / clusters + 0.04 / (8.0 * clusters)) >
         0.15) {
    ++clusters;
  }
  EXPECT_EQ(plans.clusters_needed, clusters);
  EXPECT_EQ(plans.reason, "no number of tasks in 5 clusters is enough; " +
                              std::to_string(clusters) + " clusters would be");
  TaskPlanRequest request = HalfWidthOf(0.2);
  request.clusters = 2;
  EXPECT_NE(PlanTasks(ClusteredPilot(), request).reason.find("no number of tasks in 2 clusters"),
            std::string::npos);
}

// Near the edge the plan is for the interval that will be printed.
TEST(PlannerTest, ProportionsAreSolvedByTheirOwnInterval) {
  VarianceComponents pilot = Pilot();
  pilot.repetition.reset();
  pilot.design.epochs = 1;
  pilot.tasks = VarianceComponent{0.95 * 0.05, 0.95 * 0.05, 0.95 * 0.05, 19, 1};
  TaskPlanRequest request = HalfWidthOf(0.05);
  request.proportion = 0.95;
  const TaskPlans plans = PlanTasks(pilot, request);
  ASSERT_EQ(plans.plans.size(), 1u);
  const auto length = [](int64_t n) {
    std::vector<Observation> rows;
    for (int64_t i = 0; i < n; ++i)
      rows.push_back({i < 0.95 * n ? 1.0 : 0.0, static_cast<int>(i), 0});
    const Interval interval = *MeanInterval(rows, ScoreScale::kBinary).interval;
    return (interval.high - interval.low) / 2;
  };
  EXPECT_NEAR(length(plans.plans[0].tasks), 0.05, 0.004);
}

TEST(PlannerTest, ThePlanIsASentence) {
  EXPECT_EQ(DescribePlan({170, 2, 1, 510, 0.08, 240}),
            "170 tasks, 2 epochs, 1 judgement each; to be 80 % sure, 240 tasks.");
  EXPECT_EQ(DescribePlan({170, 1, 1, 510, 0.08, std::nullopt}),
            "170 tasks, 1 epoch, 1 judgement each; no number of tasks makes it 80 % sure.");
}

}  // namespace
}  // namespace axiometer
