#pragma once

#include <cmath>
#include <random>

namespace axiometer {

// 400 repetitions in the suite: a coverage of 95 % has a standard error of 1.1 points, of which
// three are allowed.
inline constexpr int kRepetitions = 400;
inline constexpr double kAllowed = 0.033;

// A share in (0, 1) from log odds, as the answers of a subject with a leaning.
inline double Expit(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

}  // namespace axiometer
