#pragma once

#include <cmath>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// Around `value`, 0 < value < 1, with `half` (a quantile times the standard error) taken on the logit scale: within
// 0 and 1. By the delta method, d logit(x) / dx = 1 / (x (1 - x)).
inline Interval LogitInterval(double value, double half, double level) {
  const double centre = std::log(value / (1 - value));
  const double scaled = half / (value * (1 - value));
  return {level, 1 / (1 + std::exp(scaled - centre)), 1 / (1 + std::exp(-scaled - centre))};
}

}  // namespace axiometer
