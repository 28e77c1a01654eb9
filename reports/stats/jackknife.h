#pragma once

#include <optional>
#include <span>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// A coefficient between -1 and 1 and its values with each cluster left out, in any order (absent
// where that leaves nothing to compute it from). Interval: delete-one-cluster jackknife (Efron &
// Stein 1981), s^2 = (G-1)/G sum (theta_(g) - mean)^2, on Fisher's scale: tanh(atanh theta +- t s /
// (1 - theta^2)), t of Student with G - 1, |theta| held to 0.999. No interval, with the reason: one
// cluster, theta = 1 or no variation between clusters (s = 0), a coefficient that one cluster alone
// carries. `out` has value, n and clusters set.
void SetFisherJackknife(std::span<const std::optional<double>> left_out, double level,
                        Estimate& out);

}  // namespace axiometer
