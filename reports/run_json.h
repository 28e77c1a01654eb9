#pragma once

#include "harness/base/json.h"
#include "reports/metrics.h"

namespace axiometer {

// A run as REPORT_JSON.md has it.
Json RunJson(const RunData& data, const RunResult& result);

}  // namespace axiometer
