#pragma once

#include "reports/comparison.h"
#include "reports/document.h"

namespace axiometer {

// The section behind which others of all runs together belong.
inline constexpr char kLastOfAllRuns[] = "outcomes";

// The comparison as a document: the verdict on comparability first, then every pair of runs.
Document BuildComparison(const std::vector<RunData>& runs, const Comparability& found, const Comparison& comparison,
                         const ComparisonOptions& options);

}  // namespace axiometer
