#pragma once

#include "reports/comparison.h"
#include "reports/document.h"

namespace axiometer {

// The comparison as a document: the verdict on comparability first, then every pair of runs.
Document BuildComparison(const std::vector<RunData>& runs, const Comparability& found, const Comparison& comparison,
                         const ComparisonOptions& options);

}  // namespace axiometer
