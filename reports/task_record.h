#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "reports/agent_valuebench.h"
#include "reports/data.h"

namespace axiometer {

// Reads a stored TaskRecord (tasks/task.h). Unknown keys are ignored, absent ones empty; an error
// names the task and the key of the wrong type.
struct TaskRecordFacts {
  TaskFacts facts;
  std::string case_name;      // Agent-ValueBench: CASE_NAME of the rubric; else empty
  valuebench::Case unscored;  // items with score 0; id is the file stem
};
Result<TaskRecordFacts> ReadTaskRecord(const TaskRow& task);
// The facts alone, several times as fast: rubric and messages are passed over and not looked into.
Result<TaskFacts> ReadTaskFacts(const TaskRow& task);

// Tasks that a model drafted and nobody has vouched for.
int64_t UnreviewedTasks(const RunData& run);

// The last part of a task's id: "case_00001" of "agent-valuebench/case_00001".
std::string TaskStem(const std::string& task_id);

}  // namespace axiometer
