#pragma once

#include <optional>
#include <span>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// An estimate and its values with each cluster left out, in any order (absent where that leaves
// nothing to compute it from): delete-one-cluster jackknife (Efron & Stein 1981), s^2 = (G-1)/G sum
// (theta_(g) - mean)^2, t of Student with G - 1. `out` has value, n and clusters set. No interval,
// with the reason: one cluster, no variation between clusters (s = 0), an estimate that one cluster
// alone carries.

// theta -+ t s.
void SetJackknife(std::span<const std::optional<double>> left_out, double level, Estimate& out);

// For coefficients between -1 and 1, on Fisher's scale: tanh(atanh theta -+ t s / (1 - theta^2)),
// |theta| held to 0.999. theta = 1 has no interval either.
void SetFisherJackknife(std::span<const std::optional<double>> left_out, double level,
                        Estimate& out);

// For shares between 0 and 1, on the logit scale. 0 and 1 have no interval either.
void SetLogitJackknife(std::span<const std::optional<double>> left_out, double level, Estimate& out);

}  // namespace axiometer
