#pragma once

#include <cstdint>
#include <optional>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// Independent tasks, each scored 0 or 1 for two subjects. With clusters both methods below reject a
// true "no difference" 10 % of the time: take ComparePaired there.
struct PairedCounts {
  int64_t n = 0;            // tasks
  int64_t first_only = 0;   // first 1, second 0
  int64_t second_only = 0;  // first 0, second 1
};

struct PairedBinary {
  // (first_only - second_only) / n, with the adjusted Wald interval of Bonett & Price (2012).
  Estimate estimate;
  // McNemar's mid-p, two-sided (Fagerland, Lydersen & Laake 2013): the exact conditional p less the
  // probability of the observed split; 1 if no task differs. Absent, as is the value, without
  // tasks.
  std::optional<double> p;
};

// Counts below 0 or more than n: no value, with the reason.
PairedBinary ComparePairedBinary(const PairedCounts& counts, double level = 0.95);

}  // namespace axiometer
