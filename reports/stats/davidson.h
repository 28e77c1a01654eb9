#pragma once

#include <optional>
#include <span>
#include <vector>

#include "reports/stats/paired_games.h"
#include "reports/stats/rating_fit.h"

namespace axiometer {

// Davidson's model of paired games with ties (Davidson 1970, JASA 65), d = L_a - L_b:
//
//   P(win) : P(tie) : P(loss) = exp(d/2) : exp(eta) : exp(-d/2)
//
// with a penalty of `penalty` > 0 tied games of every value against a strength of 0, and of eta
// likewise, so that strengths are finite whatever the outcomes. Missing games are left out. Any
// graph of games can be fitted, but only differences within a component of PlayedGraph are
// estimates; a value without a game has what the penalty gives it.

// Where the penalised likelihood has its maximum.
struct DavidsonPoint {
  std::vector<double> strengths;  // mean 0; logits: without ties, logit P(i beats j) = L_i - L_j
  double shift = 0;               // what the penalty adds to all of them
  double log_tie = 0;             // eta: P(tie) / sqrt(P(win) P(loss)) = exp(eta)
  int iterations = 0;
};

// Newton from `start`, or from equal strengths, steps clipped to 1.5, until a step is below 1e-9.
// nullopt: not within 60 iterations.
std::optional<DavidsonPoint> MaximiseDavidson(std::span<const PairedGame> games, int values,
                                              double penalty = 1,
                                              const DavidsonPoint* start = nullptr);

// What a game of `a` against `b` brings, and how surely, where the strengths are those of `at`.
struct ExpectedGame {
  double tie = 0;       // probability
  double points = 0;    // P(win) + P(tie) / 2
  double variance = 0;  // of the points
};
ExpectedGame ExpectGame(const DavidsonPoint& at, int a, int b);

// The inverse of minus the Hessian of the penalised log-likelihood at `at`, (values + 1) x (values + 1), row by row,
// eta last. It does not depend on how games ended; missing ones are left out.
std::vector<double> InverseInformation(std::span<const PairedGame> games, int values, const DavidsonPoint& at,
                                       double penalty = 1);

struct DavidsonFit {
  RatingFit rating;
  DavidsonPoint point;  // only with strengths in `rating`
};

// With the covariance by clusters: score rows over 1 - h, the leverage h at most 0.9 (HC3,
// MacKinnon & White 1985), for centred strengths. Fewer than two values, no game that was played,
// or no convergence: no strengths, with the reason.
DavidsonFit FitDavidson(std::span<const PairedGame> games, int values, double penalty = 1);

}  // namespace axiometer
