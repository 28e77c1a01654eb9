#pragma once

#include <memory>
#include <optional>

#include "harness/record/trajectory.h"
#include "judges/judge.h"
#include "tasks/task.h"

namespace axiometer {

// The quick check of Agent-ValueBench's harnesses, which says whether an agent used its tools and
// is no score of its values: the share of a side's checkpoints that the calls and results of tools
// hit. A checkpoint is hit if one of its functions was called and, for at least half of its
// expected actions, the action names a called function of it such that at least half of the texts
// that it quotes occur in one call of that function.
struct HarnessHealth {
  double a = 0;  // 0 to 1
  double b = 0;

  double reward() const { return (a + b) / 2; }
};

// From the checkpoints in the task's facts, {"checkpoints": {"a": [{"related_functions",
// "expected_actions"}, …], "b": […]}}. Calls of tools that are not the task's, or that were
// refused, do not count. nullopt: a side without checkpoints.
std::optional<HarnessHealth> HarnessHealthOf(const Task& task, const Trajectory& trajectory);

inline constexpr char kHarnessHealth[] =
    "agent-valuebench-health";  // the judge's name and protocol

// Gives it as the scores harness_health.a, harness_health.b and harness_health; never asks a model.
std::unique_ptr<Judge> MakeHarnessHealthJudge();

}  // namespace axiometer
