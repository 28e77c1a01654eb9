#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/data.h"
#include "reports/metrics.h"
#include "reports/stats/mean_interval.h"

namespace axiometer {

// How two runs answered the same items, which a benchmark names by the tag "item": one table in two
// languages, at two levels or in two modes, or asked of two models. Samples are paired by item and
// epoch.
struct Agreement {
  size_t first = 0;  // places of the runs
  size_t second = 0;
  std::string protocol;         // of the reading: "official", "strict"
  int64_t common = 0;           // pairs of samples
  int64_t read = 0;             // of these, both with an answer: what everything below is of
  Estimate same;                // share of equal answers; intervals by the benchmark's clusters
  std::optional<double> kappa;  // Cohen 1960; absent where chance alone makes them equal
  int64_t both_right = 0;
  int64_t first_right = 0;  // the first alone
  int64_t second_right = 0;
  int64_t neither_right = 0;
  Estimate difference;  // accuracy of the second less that of the first, by item; -1 to 1
  std::string reason;   // why there are no numbers: the right answers of some item differ
};

// Every pair of runs of one protocol with items in common, reading by reading, in the order of the
// runs.
std::vector<Agreement> AgreementsOf(const std::vector<RunData>& runs);

// As metrics of the first run, grouped by "with", the second one's id.
std::vector<Metric> ToMetrics(const std::vector<RunData>& runs,
                              const std::vector<Agreement>& agreements);

}  // namespace axiometer
