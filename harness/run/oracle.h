#pragma once

#include <memory>
#include <optional>
#include <string>

#include "environments/environment.h"
#include "harness/base/result.h"
#include "harness/io/task.h"
#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// What `oracle` amounts to when its calls are made in a fresh environment, with the final state. An
// environment that fails, and a call answered with an error of the tool's own, are errors that name the
// step.
Async<Result<Trajectory>> ReplayOracle(EnvironmentHost& host, std::shared_ptr<const Task> task, Oracle oracle);

// The environment that a task asks for.
EnvironmentSpec EnvironmentOf(const Task& task);

// Share of a pole's weight among its mechanical checks that hold, 0 to 1; nullopt if the pole has none.
std::optional<double> MechanicalShare(const Task& task, const Trajectory& trajectory, char pole);

}  // namespace axiometer
