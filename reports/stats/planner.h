#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/stats/variance_components.h"

namespace axiometer {

// In one unit throughout: seconds, tokens or money.
struct TaskPlanCosts {
  double task = 0;       // to prepare one, whatever is run of it
  double run = 0;        // one epoch of one task
  double judgement = 0;  // of one epoch
};

struct TaskPlanRequest {
  double half_width = 0.1;  // of the interval wanted, in units of the score; > 0
  double level = 0.95;
  TaskPlanCosts costs;
  // Of a 0/1 score: the interval is that of MeanInterval, which is not symmetric
  // near the edges; the half width is half its length. In (0, 1). Absent: t sqrt(V).
  std::optional<double> proportion;
  // Clusters to be had: a task lies in one, so that fewer tasks use fewer. Absent: those of the pilot. Nothing where
  // every task is its own cluster.
  std::optional<int> clusters;
  int64_t fewest_tasks = 2;  // so that each of the dimensions of a value system has one; >= 2
};

struct TaskPlan {
  int64_t tasks = 0;
  int epochs = 1;
  int judges = 1;
  double cost = 0;
  double half_width = 0;  // to expect
  // Tasks that reach the half width even if tasks (or clusters) vary as much as the upper 80 %
  // limit of their mean square (chi-squared; Browne 1995). Absent: no number of tasks does.
  std::optional<int64_t> tasks_to_be_sure;
};

struct TaskPlans {
  std::vector<TaskPlan> plans;  // the cheapest, then the next two; fewer than 1,000,000 tasks each
  // sqrt(c_task repetition / (c_run tasks)): the best number of epochs were it not whole (Cochran
  // 1977). A check, absent where one of the four is 0 or unknown.
  std::optional<double> ideal_epochs;
  // Clusters, with tasks, epochs and judges as in the pilot, that reach the half width; only if no
  // number of tasks in the clusters to be had does.
  std::optional<int> clusters_needed;
  std::string reason;  // why there is no plan
};

// `pilot`: of scores, or of paired differences to plan a comparison. Tries 1 to 10 epochs and 1 to
// 5 judgements, but only one where the pilot had one and cannot tell what more would bring.
// Refused: fewer than 10 tasks, fewer than 4 clusters, no variance.
TaskPlans PlanTasks(const VarianceComponents& pilot, const TaskPlanRequest& request);

// "170 tasks, 2 epochs, 1 judgement each; to be 80 % sure, 240 tasks."
std::string DescribePlan(const TaskPlan& plan);

}  // namespace axiometer
