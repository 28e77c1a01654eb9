#pragma once

#include <string>

#include "reports/metrics.h"

namespace axiometer {

// How many failures our own means bear: a count (>= 1) or a share of the samples (< 1); 0: any number.
// Failures are samples whose environment broke, and those in the classes limit, model error and judge failure
// (outcome_class.h). What a subject refuses, asks, leaves undone or calls in vain is a measurement and no failure.
struct FailureBudget {
  double most = 0;
};

// "12 of 40 samples failed, more than the budget of 5.0 %"; empty: within it, or there is none. `judge`: an index in
// RunData::judges; -1: nobody, so that what failed is what the subject's attempts did.
std::string OverBudget(const RunData& run, int judge, const FailureBudget& budget);

// Why the means of a judge (an index in RunData::judges) are void: "void: 12 of 40 samples failed, …"; empty: they are
// not. An answered suite's never are.
std::string VoidReason(const RunData& run, int judge, const FailureBudget& budget);

// Above the budget what a judge gave is counts and bounds alone: our means, intervals and rankings of it
// go, with the reason, and `JudgeResult::voided` says it. Numbers of a published protocol stay, as its own
// programs would give them, and so do the accuracies of answered suites, which their protocols define.
void Withhold(const RunData& run, const FailureBudget& budget, RunResult& result);

}  // namespace axiometer
