#pragma once

#include "reports/benchmarks.h"

namespace axiometer {

// What the reports know of NurValues: the two readings.
extern const BenchmarkReport kNurvaluesReport;

}  // namespace axiometer
