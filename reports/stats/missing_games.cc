#include "reports/stats/missing_games.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "reports/stats/davidson.h"

namespace axiometer {
namespace {

constexpr int64_t kMostFilled = 8;
// Equal strengths differ by rounding; equal is not reversed.
constexpr double kReversed = -1e-9;

int64_t CountMissing(std::span<const PairedGame> games) {
  return std::count_if(games.begin(), games.end(),
                       [](const PairedGame& game) { return game.missing(); });
}

// A value's share of the points of its games, all missing ones lost or all won.
double WinShare(std::span<const PairedGame> games, int value, bool wins_missing) {
  double points = 0;
  double count = 0;
  for (const PairedGame& game : games) {
    if (game.a != value && game.b != value) continue;
    count += 1;
    if (game.missing()) {
      points += wins_missing ? 1 : 0;
    } else {
      points += game.a == value ? game.points() : 1 - game.points();
    }
  }
  return count == 0 ? 0.5 : points / count;
}

bool Touches(std::span<const PairedGame> games, int value) {
  return std::any_of(games.begin(), games.end(), [value](const PairedGame& game) {
    return game.missing() && (game.a == value || game.b == value);
  });
}

std::vector<bool> ByWinShare(std::span<const PairedGame> games,
                             std::span<const OrderClaim> claims) {
  std::vector<bool> depends;
  for (const OrderClaim& claim : claims) {
    const bool touched = Touches(games, claim.above) || Touches(games, claim.below);
    const double worst =
        WinShare(games, claim.above, false) - WinShare(games, claim.below, true);
    depends.push_back(touched && worst < kReversed);
  }
  return depends;
}

std::vector<bool> ByFilling(std::span<const PairedGame> games, int values,
                            std::span<const OrderClaim> claims) {
  std::vector<bool> depends(claims.size(), false);
  std::vector<PairedGame> filled(games.begin(), games.end());
  std::vector<PairedGame*> missing;
  for (PairedGame& game : filled) {
    if (game.missing()) missing.push_back(&game);
  }
  const std::optional<DavidsonPoint> start = MaximiseDavidson(games, values);
  constexpr GameOutcome kOutcomes[] = {GameOutcome::kFirst, GameOutcome::kTie,
                                       GameOutcome::kSecond};
  int fillings = 1;
  for (size_t i = 0; i < missing.size(); ++i) fillings *= 3;
  for (int filling = 0; filling < fillings; ++filling) {
    int rest = filling;
    for (PairedGame* game : missing) {
      game->outcome = kOutcomes[rest % 3];
      rest /= 3;
    }
    const std::optional<DavidsonPoint> point =
        MaximiseDavidson(filled, values, 1, start ? &*start : nullptr);
    for (size_t i = 0; i < claims.size(); ++i) {
      // A filling without a fit could say anything.
      if (!point ||
          point->strengths[claims[i].above] - point->strengths[claims[i].below] < kReversed) {
        depends[i] = true;
      }
    }
  }
  return depends;
}

}  // namespace

std::vector<bool> OutcomesDepend(std::span<const PairedGame> games, int values,
                                 std::span<const OrderClaim> claims) {
  const int64_t missing = CountMissing(games);
  if (missing == 0 || claims.empty()) return std::vector<bool>(claims.size(), false);
  return missing <= kMostFilled ? ByFilling(games, values, claims) : ByWinShare(games, claims);
}

std::vector<bool> MarginsDepend(std::span<const PairedGame> games, int values,
                                std::span<const OrderClaim> claims) {
  std::vector<bool> depends(claims.size(), false);
  if (CountMissing(games) == 0 || claims.empty()) return depends;
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(values, values);
  Eigen::VectorXd sums = Eigen::VectorXd::Zero(values);
  for (const PairedGame& game : games) {
    gram(game.a, game.a) += 1;
    gram(game.b, game.b) += 1;
    gram(game.a, game.b) -= 1;
    gram(game.b, game.a) -= 1;
    if (game.missing()) continue;
    sums(game.a) += game.margin;
    sums(game.b) -= game.margin;
  }
  const Eigen::MatrixXd inverse = gram.completeOrthogonalDecomposition().pseudoInverse();
  for (size_t i = 0; i < claims.size(); ++i) {
    // difference = weights * X'margins: what each missing margin adds at worst is its own weight.
    const Eigen::VectorXd weights = inverse.row(claims[i].above) - inverse.row(claims[i].below);
    double worst = weights.dot(sums);
    for (const PairedGame& game : games) {
      if (game.missing()) worst -= std::fabs(weights(game.a) - weights(game.b));
    }
    depends[i] = worst < kReversed;
  }
  return depends;
}

}  // namespace axiometer
