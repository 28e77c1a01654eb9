#pragma once

#include <span>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// One item that a judge and a person scored.
struct LengthRow {
  int cluster = 0;        // its case
  double difference = 0;  // judge less person, -1 to 1
  double length = 1;      // of what was judged, > 0, any unit
};

// How much more than people a judge gives as the length grows e-fold: the slope of the difference on ln length. Least
// squares, delete-one-cluster jackknife with Student's t of G - 1. No value, with the reason: no rows, all lengths
// equal, a length that is not finite and above 0.
Estimate SlopeOnLength(std::span<const LengthRow> rows, double level = 0.95);

}  // namespace axiometer
