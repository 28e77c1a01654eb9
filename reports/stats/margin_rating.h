#pragma once

#include <span>

#include "reports/stats/paired_games.h"
#include "reports/stats/rating_fit.h"

namespace axiometer {

// Strengths in units of the score from the margins of games: least squares of margin = L_a - L_b,
// covariance by clusters from residuals over 1 - h, the leverage h at most 0.9 (HC3, MacKinnon &
// White 1985). Missing games are left out. The games must connect all values; otherwise, or with a
// margin that is not finite, no strengths and the reason. `comparable` is set: least squares fits
// a part that hangs on one cluster without residual, which is no certainty.
RatingFit FitMargins(std::span<const PairedGame> games, int values);

}  // namespace axiometer
