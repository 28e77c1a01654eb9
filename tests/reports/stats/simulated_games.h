#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include "reports/stats/paired_games.h"

namespace axiometer {

// Games of known truth: every pair of values meets once, but for the first `skipped` pairs, as in
// Agent-ValueBench; case k belongs to cluster k modulo `clusters`, and cases of a cluster share
// part of their noise. A latent difference within 0.4 of 0 is a tie.
inline std::vector<PairedGame> SimulatedGames(const std::vector<double>& strengths, int skipped,
                                              int clusters, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> shared(static_cast<size_t>(clusters));
  for (double& effect : shared) effect = normal(random);
  const int values = static_cast<int>(strengths.size());
  std::vector<PairedGame> games;
  int pair = 0;
  for (int a = 0; a < values; ++a) {
    for (int b = a + 1; b < values; ++b) {
      if (pair++ < skipped) continue;
      PairedGame game;
      game.a = a;
      game.b = b;
      game.cluster = static_cast<int>(games.size()) % clusters;
      const double noise = 1.8 * (std::sqrt(0.7) * normal(random) +
                                  std::sqrt(0.3) * shared[static_cast<size_t>(game.cluster)]);
      const double latent = strengths[static_cast<size_t>(a)] -
                            strengths[static_cast<size_t>(b)] + noise;
      game.outcome = std::fabs(latent) < 0.4 ? GameOutcome::kTie
                     : latent > 0            ? GameOutcome::kFirst
                                             : GameOutcome::kSecond;
      game.margin = std::clamp(latent / 8, -1.0, 1.0);
      games.push_back(game);
    }
  }
  return games;
}

// The same games with values and clusters renamed, sides swapped now and then, in another order.
inline std::vector<PairedGame> Reshuffled(std::vector<PairedGame> games,
                                          const std::vector<int>& renamed,
                                          std::mt19937_64& random) {
  for (PairedGame& game : games) {
    game.a = renamed[static_cast<size_t>(game.a)];
    game.b = renamed[static_cast<size_t>(game.b)];
    if (random() % 2 == 0) continue;
    std::swap(game.a, game.b);
    game.margin = -game.margin;
    if (game.outcome == GameOutcome::kFirst) {
      game.outcome = GameOutcome::kSecond;
    } else if (game.outcome == GameOutcome::kSecond) {
      game.outcome = GameOutcome::kFirst;
    }
  }
  std::shuffle(games.begin(), games.end(), random);
  return games;
}

// Twelve games of four values, some with a cluster in common, of which other programs computed
// figures that the tests quote.
inline std::vector<PairedGame> KnownGames() {
  constexpr GameOutcome kWin = GameOutcome::kFirst;
  constexpr GameOutcome kTie = GameOutcome::kTie;
  constexpr GameOutcome kLoss = GameOutcome::kSecond;
  return {{0, 1, kWin, 0.4, 0},   {0, 2, kWin, 0.25, 1},  {0, 3, kTie, 0.0, 2},
          {1, 2, kLoss, -0.1, 3}, {1, 3, kWin, 0.3, 4},   {2, 3, kWin, 0.5, 5},
          {3, 0, kLoss, -0.6, 6}, {2, 1, kTie, 0.0, 0},   {3, 1, kWin, 0.2, 1},
          {0, 1, kWin, 0.7, 7},   {2, 0, kWin, 0.15, 3},  {3, 2, kTie, 0.02, 8}};
}

}  // namespace axiometer
