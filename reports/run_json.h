#pragma once

#include "harness/base/json.h"
#include "reports/data.h"

namespace axiometer {

// A run as REPORT_JSON.md has it.
Json RunJson(const RunData& data);

}  // namespace axiometer
