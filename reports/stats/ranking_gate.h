#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "reports/stats/paired_games.h"

namespace axiometer {

// What the games are asked for signs of an order.
enum class GateBasis {
  kOutcomes,  // points less 1/2
  kMargins,
};

struct EqualValuesTest {
  double p = 1;
  bool exact = false;  // every assignment of signs was tried
  int clusters = 0;
};

// Whether the games differ from those of equal values. T = sum over values of s_i^2 / n_i, s_i the
// value's total of points less 1/2 or of margins, n_i its games. If all values are equal, a
// cluster's games are as likely with all signs reversed: p is the share of sign assignments with T
// at least as large, all 2^G of them for G <= 11 clusters, else (1 + hits) / (draws + 1) over
// random ones. The smallest p is 2^(1-G): below 6 clusters nothing reaches 0.05. Missing games are
// left out. No game: nullopt. Margins must be finite; draws >= 1.
std::optional<EqualValuesTest> TestEqualValues(std::span<const PairedGame> games, int values, GateBasis basis,
                                    uint64_t key, int draws);

}  // namespace axiometer
