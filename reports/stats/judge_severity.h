#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reports/stats/mean_interval.h"
#include "reports/stats/paired_difference.h"

namespace axiometer {

// One item of one subject that judge and person both scored, in [0, 1]. An item is named by cluster
// (case) and item, the same for every subject. `length`: of what was judged, > 0, any unit.
struct ScoredTwice {
  int subject = 0;
  int cluster = 0;
  int item = 0;
  double judge = 0;
  double person = 0;
  double length = 1;
};

// Judge less person, by ComparePaired: above 0 the judge is lenient where more is better.
struct SubjectSeverity {
  int subject = 0;
  PairedDifference difference;
};

// How much more lenient the judge is to the first subject than to the second: what corrupts
// comparisons of subjects. By items of both, -2 to 2; interval and p as of ComparePaired.
struct SeverityGap {
  int first = 0;
  int second = 0;
  Estimate gap;
  std::optional<double> p;
};

struct JudgeSeverity {
  PairedDifference overall;
  std::vector<SubjectSeverity> subjects;  // ascending
  std::vector<SeverityGap> gaps;          // first < second
  // Slope of judge less person on ln length: how much is added as the length grows e-fold. Least
  // squares, delete-one-cluster jackknife with Student's t of G - 1. All lengths equal: no value.
  Estimate length_slope;
};

// A score outside [0, 1]: no subjects and no gaps, the others with the reason. A length that is not
// finite and above 0: no slope, with the reason.
JudgeSeverity SeverityOf(std::span<const ScoredTwice> items, double level = 0.95);

}  // namespace axiometer
