#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// A score, in any unit, by one of several raters. An item is named by cluster and item.
struct RaterScore {
  int cluster = 0;  // case
  int item = 0;
  int rater = 0;
  double score = 0;  // finite
};

struct RaterSeverity {
  int rater = 0;
  int component = 0;  // severities of different components cannot be compared
  int64_t ratings = 0;
  // How much higher this rater scores the same item than the mean rater of the component; the
  // severities of a component sum to 0. Absent for a rater who is alone.
  Estimate severity;
};

// Severities by the additive model score = item + rater, least squares (QR on the raters' equations
// with the items taken out). Raters are comparable if chains of common items connect them.
// Interval: SetJackknife; absent, with the reason, also where leaving one cluster out breaks a
// component.
std::vector<RaterSeverity> RaterSeverities(std::span<const RaterScore> scores, double level = 0.95);

}  // namespace axiometer
