#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/store/store.h"
#include "tasks/task.h"

namespace axiometer {

// That `tasks` still hold what the run was made of, whatever a subject's own prompt or skill laid over it. An
// error of `where` names the first task that is gone or differs; `hint` says what to do.
Result<void> CheckUnchanged(StoreReader& store, const std::string& run, const TaskSource& tasks,
                            const std::string& where, const std::string& hint);

}  // namespace axiometer
