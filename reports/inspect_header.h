#pragma once

#include <cstdint>

#include "harness/base/json.h"
#include "harness/record/run_spec.h"
#include "reports/data.h"
#include "reports/inspect_sample.h"
#include "reports/metrics.h"

// What Inspect AI's log says of a run as a whole (inspect_ai.log: EvalSpec, EvalPlan, EvalResults, EvalStats). Pure.
namespace axiometer::inspect {

// Version 2 of the log: {"version", "eval", "plan"}, which is known before the samples are. `metadata` has our run id,
// protocol, identity, command and the whole frozen configuration with its digests.
Json Start(const RunData& run, const RunSpec& spec);

// The whole header: `start` with status, results and stats. A run's states running, done, interrupted and failed are
// started, success, cancelled and error.
//
// Results: one score a value system, then one a judge and dimension ("benevolence (schwartz)", scorer the judge) or one a
// slice of an answered suite. Its metrics are ours and the official ones ("official.…"), each with interval, bounds and
// denominator in its metadata; a mean that is withheld or has no value is no metric, and the score's metadata says why.
//
// `judges`: usage of all samples' judgements; `ended_ms`: when the last sample ended.
Json Header(Json start, const RunData& run, const RunResult& result, const UsageByModel& judges, int64_t ended_ms);

}  // namespace axiometer::inspect
