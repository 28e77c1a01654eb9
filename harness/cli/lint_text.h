#pragma once

#include <vector>

#include "harness/base/json.h"
#include "tasks/lint.h"

namespace axiometer {

// A list of {"lint", "where", "what", "hint"}.
Json WarningsJson(const std::vector<LintWarning>& warnings);

}  // namespace axiometer
