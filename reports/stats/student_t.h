#pragma once

#include <optional>

namespace axiometer {

// Student's t with real-valued degrees of freedom `df` > 0, by Boost.Math. nullopt wherever that
// cannot give a finite number: df not positive or not finite, an argument that is not finite, or
// overflow (quantiles for df near 0).

// The t with P(T > t) = tail, 0 < tail < 1. Exact in small tails. A two-sided interval of level L
// takes tail = (1 - L) / 2.
std::optional<double> UpperTQuantile(double tail, double df);

// P(T <= t). Upper tails are TCdf(-t, df), which stays exact where 1 - TCdf(t, df) does not.
std::optional<double> TCdf(double t, double df);

// P(|T| >= |t|).
std::optional<double> TwoSidedP(double t, double df);

}  // namespace axiometer
