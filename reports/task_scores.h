#pragma once

#include <vector>

#include "reports/data.h"

// From a run's samples to one row a task: what means, differences and rankings are made of. Pure.
namespace axiometer {

// The scores of one task by one judge, epochs put together.
struct TaskScores {
  double a = 0;    // sums over the scored epochs of the poles' shares of points, each 0 to 1
  double b = 0;
  int scored = 0;  // epochs
  int wanted = 0;  // epochs, at least those that ended

  double mean_a() const { return a / scored; }  // of a task that is scored at all
  double mean_b() const { return b / scored; }
};

// What `judge` (an index in RunData::judges) made of a sample; null: it was not asked.
const JudgedFacts* By(int judge, const SampleFacts& sample);

// Whether it gives both poles a score.
bool HasShares(const JudgedFacts& judged);

// By task, as RunData::tasks has them.
std::vector<TaskScores> ScoresByTask(const RunData& run, int judge);

// Environment of each task as a number; of a task without one its dilemma, which its variants share
// (dilemma_form.h); a task without either stands alone.
std::vector<int> ClustersByTask(const RunData& run);

// Two shares of points that differ by less are equal.
inline constexpr double kEqualShares = 1e-12;

}  // namespace axiometer
