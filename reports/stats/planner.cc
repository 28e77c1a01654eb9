#include "reports/stats/planner.h"

#include <algorithm>
#include <cmath>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr double kFewestTasks = 10;
constexpr int kFewestPilotClusters = 4;
constexpr int kMostEpochs = 10;
constexpr int kMostJudges = 5;
constexpr int64_t kMostTasks = 1'000'000;
constexpr int kMostClusters = 100'000;
constexpr double kSureness = 0.80;
constexpr size_t kPlans = 3;

std::optional<double> HalfWidth(const VarianceComponents& noise, const NoiseDesign& design,
                                const TaskPlanRequest& request) {
  ClusterMean mean;
  mean.variance = VarianceOfMean(noise, design);
  mean.df = DegreesOfFreedom(noise, design);
  if (!request.proportion) {
    const std::optional<double> t = UpperTQuantile((1 - request.level) / 2, mean.df);
    if (!t) return std::nullopt;
    return *t * std::sqrt(mean.variance);
  }
  mean.mean = *request.proportion;
  const std::optional<ScoreLimits> limits = WilsonLimits(mean, design.tasks, request.level);
  if (!limits) return std::nullopt;
  return (limits->high - limits->low) / 2;
}

bool Reaches(const VarianceComponents& noise, const NoiseDesign& design,
             const TaskPlanRequest& request) {
  const std::optional<double> half = HalfWidth(noise, design, request);
  return half && *half <= request.half_width;
}

// The smallest number in [low, high] for which `reached` holds, which it does from there on;
// nullopt if not even at `high`.
template <class Reached>
std::optional<int64_t> Smallest(int64_t low, int64_t high, Reached reached) {
  if (!reached(high)) return std::nullopt;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (reached(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

NoiseDesign DesignOf(const VarianceComponents& noise, const TaskPlanRequest& request, int64_t tasks,
                     int epochs, int judges) {
  NoiseDesign design;
  design.tasks = static_cast<double>(tasks);
  design.epochs = epochs;
  design.judges = judges;
  const double to_be_had = noise.own_clusters ? design.tasks
                           : request.clusters ? *request.clusters
                                              : noise.design.clusters;
  design.clusters = std::min(design.tasks, to_be_had);
  return design;
}

std::optional<int64_t> TasksFor(const VarianceComponents& noise, const TaskPlanRequest& request,
                                int epochs, int judges) {
  return Smallest(request.fewest_tasks, kMostTasks, [&](int64_t tasks) {
    return Reaches(noise, DesignOf(noise, request, tasks, epochs, judges), request);
  });
}

std::optional<int64_t> ClustersFor(const VarianceComponents& noise, const TaskPlanRequest& request) {
  const double tasks_each = noise.design.tasks / noise.cluster_count;
  return Smallest(2, kMostClusters, [&](int64_t clusters) {
    NoiseDesign design = noise.design;
    design.clusters = static_cast<double>(clusters);
    design.tasks = tasks_each * design.clusters;
    return Reaches(noise, design, request);
  });
}

// The component of the coarsest level, which has the fewest degrees of freedom.
std::optional<VarianceComponent>& Coarsest(VarianceComponents& noise) {
  return noise.clusters ? noise.clusters : noise.tasks;
}

// As if the coarsest level varied as much as its mean square may at most.
VarianceComponents Pessimistic(const VarianceComponents& noise) {
  VarianceComponents out = noise;
  VarianceComponent& component = *Coarsest(out);
  const double quantile = ChiSquaredQuantile(1 - kSureness, component.df);
  const double upper = component.mean_square * component.df / quantile;
  component.estimate += (upper - component.mean_square) / component.coefficient;
  component.variance = std::max(component.variance, component.estimate);
  return out;
}

std::string Refusal(const VarianceComponents& pilot) {
  if (!pilot.reason.empty()) return pilot.reason;
  if (pilot.design.tasks < kFewestTasks) return "a pilot of fewer than 10 tasks";
  if (pilot.cluster_count < kFewestPilotClusters) return "a pilot of fewer than 4 clusters";
  if (VarianceOfMean(pilot, pilot.design) < 1e-14) return "no variance in the pilot";
  return "";
}

std::string NumberOf(int64_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string ShortOfClusters(const VarianceComponents& pilot, const TaskPlanRequest& request,
                            const std::optional<int>& needed) {
  if (pilot.own_clusters) return "no number of tasks below 1000000 is enough";
  std::string text = "no number of tasks in " +
                     NumberOf(request.clusters.value_or(pilot.cluster_count), "cluster") +
                     " is enough";
  if (needed) text += "; " + NumberOf(*needed, "cluster") + " would be";
  return text;
}

}  // namespace

TaskPlans PlanTasks(const VarianceComponents& pilot, const TaskPlanRequest& request) {
  TaskPlans out;
  out.reason = Refusal(pilot);
  if (!out.reason.empty()) return out;

  const TaskPlanCosts& costs = request.costs;
  const VarianceComponents pessimistic = Pessimistic(pilot);
  for (int epochs = 1; epochs <= (pilot.repetition ? kMostEpochs : 1); ++epochs) {
    for (int judges = 1; judges <= (pilot.judge ? kMostJudges : 1); ++judges) {
      const std::optional<int64_t> tasks = TasksFor(pilot, request, epochs, judges);
      if (!tasks) continue;
      TaskPlan plan;
      plan.tasks = *tasks;
      plan.epochs = epochs;
      plan.judges = judges;
      plan.cost = static_cast<double>(*tasks) *
                  (costs.task + epochs * (costs.run + judges * costs.judgement));
      plan.half_width =
          *HalfWidth(pilot, DesignOf(pilot, request, *tasks, epochs, judges), request);
      plan.tasks_to_be_sure = TasksFor(pessimistic, request, epochs, judges);
      out.plans.push_back(plan);
    }
  }
  // Of equal cost the fewer runs, tried first, stay first.
  std::stable_sort(out.plans.begin(), out.plans.end(),
                   [](const TaskPlan& left, const TaskPlan& right) { return left.cost < right.cost; });
  if (out.plans.size() > kPlans) out.plans.resize(kPlans);
  if (out.plans.empty()) {
    if (!pilot.own_clusters) {
      if (const std::optional<int64_t> needed = ClustersFor(pilot, request)) {
        out.clusters_needed = static_cast<int>(*needed);
      }
    }
    out.reason = ShortOfClusters(pilot, request, out.clusters_needed);
  }
  if (pilot.repetition && pilot.tasks && pilot.tasks->variance > 0 && costs.run > 0 &&
      pilot.repetition->variance > 0 && costs.task > 0) {
    out.ideal_epochs =
        std::sqrt(costs.task * pilot.repetition->variance / (costs.run * pilot.tasks->variance));
  }
  return out;
}

std::string DescribePlan(const TaskPlan& plan) {
  std::string text = NumberOf(plan.tasks, "task") + ", " + NumberOf(plan.epochs, "epoch") + ", " +
                     NumberOf(plan.judges, "judgement") + " each; ";
  if (!plan.tasks_to_be_sure) return text + "no number of tasks makes it 80 % sure.";
  return text + "to be 80 % sure, " + NumberOf(*plan.tasks_to_be_sure, "task") + '.';
}

}  // namespace axiometer
