#pragma once

#include <optional>
#include <string>

#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// The trajectory as Agent-ValueBench's judge reads it: a block of labelled one-line JSON a turn,
// from the messages as received without their tool calls and `reasoning_details`.
std::string AgentValueBenchTrajectoryText(const Trajectory& trajectory);

// What the released trajectory file holds beside the trajectory itself.
struct AgentValueBenchRun {
  std::string task_description;  // of the case, stripped
  std::string tool_choice = "auto";
  std::optional<bool> parallel_tool_calls;  // as the user set it
};

// The released trajectory file, byte for byte: JSON with indent 2, no final line feed.
std::string AgentValueBenchTrajectoryJson(const Task& task, const Trajectory& trajectory,
                                          const AgentValueBenchRun& run);

}  // namespace axiometer
