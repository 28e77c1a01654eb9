#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/stats/mean_interval.h"
#include "reports/stats/rating_table.h"

namespace axiometer {

// Whether a judge's scores may be relied on.
enum class JudgeFitness {
  kFit,          // the lower limit of alpha reaches 0.667 (Krippendorff 2004)
  kUnfit,        // its upper limit does not, or its lower limit is not above 0
  kNotShownFit,  // anything else
};

// How far a judge agrees with people, or with itself (raters are then its repeats).
struct InstrumentCheck {
  int64_t items = 0;     // rated twice or more
  Estimate exact;        // mean over these items of the share of equal pairs of ratings
  Estimate alpha;        // ordinal
  Estimate kappa;        // quadratic; two raters only
  std::optional<Estimate> ac2;  // only where one category has 80 % or more of the ratings
  double largest_share = 0;     // of the ratings of all items, in the commonest category
  std::map<int, std::vector<int64_t>> marginals;  // by rater, how often each category was given
  JudgeFitness fitness = JudgeFitness::kNotShownFit;
  std::string stamp;  // printed on every score of this judge
};

// Rating, categories and intervals as in agreement_coefficient.h. Nothing rated: zero items, and
// estimates with reasons.
InstrumentCheck CheckInstrument(std::span<const Rating> ratings, int categories,
                                double level = 0.95);

}  // namespace axiometer
