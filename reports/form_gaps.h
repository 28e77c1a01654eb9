#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/data.h"
#include "reports/metrics.h"
#include "reports/stats/paired_difference.h"
#include "tasks/dilemma_form.h"

// Stated, chosen, enacted: what one subject says of a dilemma in general, which course it says it
// would take, and what it does. Each form is mapped to a lean towards pole a, 0 to 1: survey and
// choice by the answer's place (judges/choice_judge.h), an agent's shares A and B of the poles'
// points as (1 + A - B) / 2. Pure.
namespace axiometer {

// Fewer dilemmas than this: no interval, no test.
inline constexpr int kFewestDilemmas = 6;

// A dimension in two forms, over the dilemmas that were scored in both.
struct FormGap {
  TaskForm earlier = TaskForm::kSurvey;
  TaskForm later = TaskForm::kAgent;
  std::string value_system;
  std::string dimension;
  int64_t dilemmas = 0;
  double earlier_mean = 0;  // of the leans towards the dimension
  double later_mean = 0;
  // Later less earlier, -1 to 1; a row and a cluster a dilemma.
  PairedDifference difference;
  std::optional<double> adjusted_p;  // Holm over all gaps of the subject
};

// How often two forms lean to the same side of 1/2.
struct FormAgreement {
  TaskForm earlier = TaskForm::kSurvey;
  TaskForm later = TaskForm::kAgent;
  Estimate same_side;
  int64_t on_the_middle = 0;  // dilemmas left out: a lean of exactly 1/2 in one of the forms
};

// One subject's runs of one suite in two or three forms.
struct FormComparison {
  std::string subject;  // model, as runs name it
  std::string suite;
  std::vector<std::pair<TaskForm, size_t>>
      runs;                         // place of the form's run; by TaskForm, enacted last
  std::vector<std::string> judges;  // whose scores, in the order of `runs`
  std::vector<FormGap> gaps;        // by forms, value system, dimension
  std::vector<FormAgreement> agreements;
  std::string reason;  // why there is nothing: two runs of one form
};

// By suite and subject: model with its settings, system prompt and skill. Scores are those of a
// run's first judge.
std::vector<FormComparison> CompareForms(const std::vector<RunData>& runs);

// As metrics of the later form's run: "form_gap" and "same_side".
std::vector<Metric> ToMetrics(const std::vector<RunData>& runs,
                              const std::vector<FormComparison>& comparisons);

}  // namespace axiometer
