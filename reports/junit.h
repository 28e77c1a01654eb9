#pragma once

#include <string>
#include <vector>

#include "reports/data.h"
#include "reports/failure_budget.h"
#include "reports/threshold.h"

namespace axiometer {

// A JUnit XML file for CI systems: a test suite "runs" with a test case a run, which fails if more of
// its samples failed than `budget` bears, and a suite "thresholds" with one a threshold. Elements and
// attributes are those that the Jenkins and the Ant schema have in common.
std::string ToJunit(const std::vector<RunData>& runs, const FailureBudget& budget,
                    const std::vector<ThresholdResult>& thresholds);

}  // namespace axiometer
