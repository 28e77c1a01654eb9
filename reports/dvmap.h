#pragma once

#include <string>
#include <vector>

#include "reports/benchmarks.h"
#include "reports/stats/distribution.h"

namespace axiometer {

// What the reports know of DVMap: the two readings, the training rewards, and, where every task was
// run more than once, how far the answers lie from the shares of the gold answers.
extern const BenchmarkReport kDvmapReport;

// The answers of one question in one country.
struct DvmapCell {
  std::string country;
  std::string question;
  std::vector<std::string> options;
  std::vector<double> gold;  // shares among all rows of the split, whatever part of it is run
  Distances distances;
  int64_t answers = 0;  // that could be read (strict)
  int64_t wanted = 0;
};
struct DvmapDistances {
  std::vector<DvmapCell> cells;  // by country, then question as in the data
  // Means over the cells, which weigh equally; intervals by question.
  Estimate total_variation;
  Estimate ordered_emd;
};

// Empty unless the run wants more than one answer to a task.
DvmapDistances DistancesOf(const RunData& run, int judge);

}  // namespace axiometer
