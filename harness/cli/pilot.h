#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/experiment.h"
#include "harness/store/rows.h"

namespace axiometer {

// What a whole run will use, from a few of its samples: the total of a population of N samples
// estimated from a random sample of n of them without replacement, N times their mean, with the t
// interval of n - 1 degrees of freedom and the finite population correction (Cochran 1977, Sampling
// Techniques, section 2.8); never below what the pilot used.
struct Forecast {
  double total = 0;
  std::optional<double> low;  // of the 95 % interval; absent: fewer than two samples
  std::optional<double> high;
};

Forecast ForecastTotal(const std::vector<double>& used, int64_t population);

// A few samples of a run, drawn at random and executed for good, in a store that is thrown away.
struct PilotResult {
  int64_t samples = 0;          // that ended
  int64_t population = 0;       // samples of the whole run
  int64_t failed = 0;           // of `samples`, in an error
  std::string failure;          // of one of them
  std::vector<double> tokens;   // a sample: of subject and judges
  std::vector<double> dollars;  // the same; empty where a price is not known
};

// `options` name one suite and one model.
Result<PilotResult> RunPilot(const EvalOptions& options, int samples, const Machinery& machinery);

}  // namespace axiometer
