#pragma once

#include <string>

#include "harness/base/json.h"
#include "tasks/task.h"

namespace axiometer {

// The rule that keeps Agent-ValueBench's judge from accepting this verdict object, in words; empty
// if it is accepted. Comparisons are Python's: str(), strip(), upper().
std::string BrokenRule(const Task& task, const Json& verdict);

// str(verdict[key]).strip(), with "" for a key that is absent.
std::string StrippedMember(const Json& verdict, const char* key);

// RUBRIC_STATUS or STATUS as the rules compare it: stripped and in capitals.
std::string ComparableStatus(const std::string& status);

}  // namespace axiometer
