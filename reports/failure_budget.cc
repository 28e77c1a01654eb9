#include "reports/failure_budget.h"

#include <algorithm>

#include "reports/outcome_class.h"
#include "reports/plain_text.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

bool IsFailure(OutcomeClass outcome) {
  return outcome == OutcomeClass::kLimit || outcome == OutcomeClass::kModelError ||
         outcome == OutcomeClass::kJudgeFailure;
}

// Of an answered suite, which has no classes.
bool Failed(JudgementStatus status) {
  return status == JudgementStatus::kModelError || status == JudgementStatus::kUnreadable ||
         status == JudgementStatus::kRefused;
}

int64_t Failures(const RunData& run, int judge) {
  int64_t failures = 0;
  for (const SampleFacts& sample : run.samples) {
    const JudgedFacts* judged = By(judge, sample);
    failures += IsError(sample.outcome) ||
                (run.is_answered() ? judged != nullptr && Failed(judged->status)
                                   : IsFailure(ClassOf(sample, judged, run.answers_dilemmas())));
  }
  return failures;
}

void Withhold(Estimate& estimate, const std::string& why) {
  estimate.value.reset();
  estimate.interval.reset();
  estimate.caution.clear();
  estimate.method.clear();
  estimate.reason = why;
}

void Withhold(PriorityRating& rating, const std::string& why) {
  PriorityRating refused;
  refused.method = rating.method;
  refused.refusal = why;
  rating = std::move(refused);
}

}  // namespace

std::string VoidReason(const RunData& run, int judge, const FailureBudget& budget) {
  if (run.is_answered()) return "";
  const std::string over = OverBudget(run, judge, budget);
  return over.empty() ? "" : "void: " + over;
}

std::string OverBudget(const RunData& run, int judge, const FailureBudget& budget) {
  if (budget.most <= 0) return "";
  const auto samples = static_cast<double>(run.samples.size());
  const double most = budget.most < 1 ? budget.most * samples : budget.most;
  const int64_t failures = Failures(run, judge);
  if (static_cast<double>(failures) <= most) return "";
  return Grouped(failures) + " of " + Grouped(static_cast<long long>(run.samples.size())) +
         " samples failed, more than the budget of " +
         (budget.most < 1 ? Fixed(100 * budget.most, 1) + " %" : Fixed(budget.most, 0));
}

void Withhold(const RunData& run, const FailureBudget& budget, RunResult& result) {
  for (size_t i = 0; i < result.judges.size(); ++i) {
    JudgeResult& judge = result.judges[i];
    judge.voided = VoidReason(run, static_cast<int>(i), budget);
    if (judge.voided.empty()) continue;
    for (SystemResult& system : judge.systems) {
      Withhold(system.mean, judge.voided);
      for (DimensionResult& dimension : system.dimensions) Withhold(dimension.mean, judge.voided);
      for (PriorityComponent& component : system.priority.components) {
        Withhold(component.by_outcomes, judge.voided);
        Withhold(component.by_margins, judge.voided);
      }
    }
    for (CorrectedDimension& corrected : result.instruments.corrected) {
      if (corrected.judge != judge.judge) continue;
      Withhold(corrected.judged, judge.voided);
      Withhold(corrected.mean.corrected, judge.voided);
    }
    const std::vector<std::string>& ensemble = result.instruments.judges;
    if (std::find(ensemble.begin(), ensemble.end(), judge.judge) != ensemble.end()) {
      for (EnsembleDimension& dimension : result.instruments.ensemble) Withhold(dimension.mean, judge.voided);
    }
  }
}

}  // namespace axiometer
