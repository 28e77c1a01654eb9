#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/record/trajectory.h"

namespace axiometer {

// A trajectory of Agent-ValueBench that was made elsewhere.
struct ReleasedTrajectory {
  // Without the messages that opened it, which the files do not hold. Turns of the released loop
  // become the events that our own loop would have recorded, so that writing the file again gives
  // its bytes; other turns see kForeignTurn.
  Trajectory trajectory;
  bool foreign = false;                     // made in another harness than the released loop
  std::string case_name;                    // as the file says; empty: it does not
  std::optional<bool> parallel_tool_calls;  // as the file says
};

// The text of a case_NNNNN_traj.json: the released loop's, Harbor's, or any that has "steps". The
// outcome follows its "status"; one that says nothing of it counts as finished. `where` begins
// errors.
Result<ReleasedTrajectory> ReadTrajectoryFile(std::string_view text, const std::string& where);

// The text of a case_NNNNN_traj.jsonl: the tool log of a harness. A call that was refused
// ("allowed": false) is one of an unknown tool.
Result<ReleasedTrajectory> ReadToolLog(std::string_view text, const std::string& where);

}  // namespace axiometer
