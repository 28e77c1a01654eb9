#pragma once

#include <optional>
#include <string>

#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// A reply of a trajectory made elsewhere whose turn has not the form of the released loop: its
// message holds the turn under this name, as the judge is shown it, beside "role" and "content".
inline constexpr char kForeignTurn[] = "axiometer.turn";

// The trajectory as Agent-ValueBench's judge reads it: a block of labelled one-line JSON a turn,
// from the messages as received without their tool calls and `reasoning_details`.
std::string AgentValueBenchTrajectoryText(const Trajectory& trajectory);

// What the released trajectory file holds beside the trajectory itself.
struct AgentValueBenchRun {
  std::string task_description;  // of the case, stripped
  std::string tool_choice = "auto";
  std::optional<bool> parallel_tool_calls;  // as the user set it
};

// The released trajectory file, byte for byte: JSON with indent 2, no final line feed. With foreign
// turns, what the judge for other harnesses makes of theirs: name, status, final answer, steps.
std::string AgentValueBenchTrajectoryJson(const Task& task, const Trajectory& trajectory,
                                          const AgentValueBenchRun& run);

}  // namespace axiometer
