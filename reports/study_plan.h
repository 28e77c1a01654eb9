#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/data.h"
#include "reports/document.h"
#include "reports/instruments.h"
#include "reports/stats/planner.h"

// How large a study must be for its intervals to be as narrow as wanted, from a pilot run. Pure.
namespace axiometer {

// What one mean of the pilot says about the study.
struct PlannedMean {
  std::string value_system;  // empty: an answered suite
  std::string dimension;     // of an answered suite its reading; empty: the system's mean
  VarianceComponents noise;
  std::optional<double> half_width;  // of the pilot's own interval
  TaskPlans plans;
};

// What a sample of the pilot took, on average, and what each judgement; the study is reckoned at this pace.
struct SampleCosts {
  struct Part {
    double calls = 0;
    double tokens = 0;
    double usd = 0;  // without meaning unless `priced`
  };
  Part subject;    // a sample
  Part judgement;  // one, by any of the judges
  bool priced = false;
  double seconds = 0;  // a sample, of the session: all samples at work at once, and their judging, included
};

struct StudyPlan {
  double half_width = 0;
  std::string judge;
  JudgeStanding standing;  // of this judge
  SampleCosts costs;
  double variants = 1;  // tasks that each dilemma is put as; plans count dilemmas where there are several
  std::vector<PlannedMean> means;
};

// `judge`: an index in RunData::judges. `half_width` > 0, in shares of points (0 to 1). `clusters`: environments
// (of answered suites what they cluster by) to be had; absent: the pilot's.
StudyPlan PlanStudy(const RunData& run, int judge, double half_width, std::optional<int> clusters);

Document BuildStudyPlan(const RunData& run, const StudyPlan& plan);

}  // namespace axiometer
