#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "reports/stats/mean_interval.h"

// How documents write differences between runs.
namespace axiometer {

// Names a run by its place: "A", "B", …, "Z", "AA".
std::string RunLetter(size_t run);

// "0.034", "< 0.001", "–" without one.
std::string PText(const std::optional<double>& p);

// With its sign, which a difference always has; 0 has none.
std::string Signed(double number, int digits);

// "-0.13 … 0.04"
std::string BoundsText(const Bounds& bounds);

// "+0.120 [+0.030, +0.210]"; "–" without a value.
std::string DifferenceText(const Estimate& estimate);

}  // namespace axiometer
