#pragma once

#include "reports/instruments.h"
#include "reports/metric_list.h"

namespace axiometer {

// The metrics `alpha`, `weighted_kappa`, `ac2`, `exact_agreement`, `disagreement`, `severity`,
// `corrected_mean` and `ensemble_mean_score` (REPORT_JSON.md).
void AddInstrumentMetrics(const Instruments& instruments, MetricList& out);

}  // namespace axiometer
