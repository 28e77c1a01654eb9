#pragma once

#include <optional>
#include <span>

namespace axiometer {

// What several judges' scores of one item come to.
struct EnsembleVerdict {
  int ratings = 0;
  std::optional<double> mean;          // absent: no rating
  std::optional<double> majority;      // the score given more often than any other; absent in a tie
  std::optional<double> disagreement;  // mean |difference| over pairs of ratings; absent below two
};

// Scores on one scale, finite; equal scores are equal to the last bit.
EnsembleVerdict JoinVerdicts(std::span<const double> scores);

}  // namespace axiometer
