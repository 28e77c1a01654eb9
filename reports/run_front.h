#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "reports/comparability.h"
#include "reports/data.h"
#include "reports/document.h"
#include "reports/measures.h"
#include "reports/stats/pareto_front.h"

// Which subjects nobody is ahead of on chosen dimensions (the Pareto front), from runs of the same
// tasks. Pure.
namespace axiometer {

struct RunFront {
  std::vector<MeasureName>
      dimensions;     // as they were named; numbered so in `front`, as runs are by their places
  ParetoFront front;  // of means over the tasks that every run scored, epochs averaged
  std::vector<int64_t> tasks;     // by dimension: these
  std::vector<int64_t> left_out;  // by dimension: tasks that some run has no score of
  std::vector<bool>
      depends_on_missing;  // by run: missing scores can take it out of the front or put it there
};

// `named`: dimensions, comma separated, as NAME, or as SYSTEM/NAME where several value systems have
// one of that name. `found` is of the same runs, with tasks. Error: fewer than two, one named
// twice, unknown to some run (the nearest is named), of several systems, or without a task that
// every run scored.
Result<RunFront> FrontOfRuns(const std::vector<RunData>& runs, const Comparability& found,
                             const std::string& named);

// As a section behind the one with the id `behind`, where runs go by their letters, and as metrics
// of each run.
void AddFront(const std::vector<RunData>& runs, const RunFront& front, const std::string& behind,
              Document& document);

}  // namespace axiometer
