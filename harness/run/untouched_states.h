#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "environments/environment.h"
#include "harness/io/gate.h"
#include "tasks/task.h"

namespace axiometer {

// The states of environments in which nothing is done: what a task's instance says of itself before any
// call. For scaffolds that do not act, so that a task's instance starts once and not once a sample.
class UntouchedStates {
 public:
  UntouchedStates(Loop& loop, EnvironmentHost* host) : host_(host), one_at_a_time_(loop, 1) {}

  // One JSON text, or why the environment has none. Keeps the states of the last 32 MiB.
  Async<CallResult> Of(const Task& task);

 private:
  EnvironmentHost* host_;  // null if no task has an environment
  Gate one_at_a_time_;
  std::map<std::string, std::string> states_;  // by the task's digest
  std::deque<std::string> order_;              // of states_, the oldest first
  size_t bytes_ = 0;
};

}  // namespace axiometer
