#pragma once

#include <cstdint>
#include <string>

#include "harness/base/result.h"
#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// The reply of a judge of known skill (`--judge scripted/NAME`), in the form that `protocol`
// ("axiometer", "agent-valuebench") asks for:
//   perfect  knows the leaning: items of that pole get 2, the others 0
//   severe   perfect, a point lower, not below 0
//   random   0, 1 or 2 at even odds, from `seed`, the task's digest and the item
//   broken   text that no protocol can read
// The leaning is the pole with the higher share of mechanical checks; where they do not differ, the
// pole whose oracle the trajectory resembles more; where there is neither (Agent-ValueBench), an
// item is supported that names a tool which was called. An unknown name is a usage error.
Result<std::string> ScriptedVerdict(const std::string& name, const Task& task,
                                    const Trajectory& trajectory, const std::string& protocol,
                                    uint64_t seed);

}  // namespace axiometer
