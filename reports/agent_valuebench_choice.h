#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "reports/benchmarks.h"
#include "reports/data.h"
#include "reports/stats/mean_interval.h"

namespace axiometer {

extern const BenchmarkReport kForcedChoiceReport;

// How the options of Agent-ValueBench's forced choices were chosen. Option A is always a case's
// first value, so that a liking for the first option cannot be told from one for its value.
struct ChosenOptions {
  int64_t a = 0;  // samples
  int64_t b = 0;
  int64_t unread = 0;  // replies without a readable letter
  int64_t failed = 0;  // no reply, or not run
  Estimate share_a;    // of the readable choices; rows are cases, epochs averaged; 0.5 is chance

  int64_t wanted() const { return a + b + unread + failed; }
};

struct ForcedChoiceResult {
  ChosenOptions all;
  std::map<std::string, ChosenOptions> systems;
};

ForcedChoiceResult AnalyseForcedChoice(const RunData& run, const std::string& judge);

}  // namespace axiometer
