#include "reports/stats/missing_games.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "reports/stats/davidson.h"

namespace axiometer {
namespace {

// Equal strengths differ by rounding; equal is not reversed.
constexpr double kRounding = 1e-9;
// Of the search, in what a fit costs: the cube of its parameters and some passes over the games. Up to 8 missing games
// among 5 values are searched to the end; among 66 it is some fifty fits.
constexpr int64_t kMostWork = 20'000'000;
constexpr int64_t kWorkAGame = 30;
constexpr double kLargestRange = 20;  // beyond, the inequality says nothing of use

constexpr std::array<GameOutcome, 3> kOutcomes = {GameOutcome::kFirst, GameOutcome::kTie, GameOutcome::kSecond};

int64_t CountMissing(std::span<const PairedGame> games) {
  return std::count_if(games.begin(), games.end(), [](const PairedGame& game) { return game.missing(); });
}

// A contrast of strengths and eta: at most three places differ from 0.
struct AbilityContrast {
  std::array<std::pair<int, double>, 3> terms{};  // place, weight
};

// What a missing game may add to the gradient at the fit.
struct OpenGame {
  int a = 0;
  int b = 0;
  std::array<double, 3> points{};  // by outcome, less the expected ones
  std::array<double, 3> tie{};
  Eigen::VectorXd column;  // of H^-1: that of a less that of b
};

// What all fillings of the open games have in common.
class FillingBound {
 public:
  FillingBound(std::span<const PairedGame> games, int values, const DavidsonPoint& fit) : values_(values), fit_(fit) {
    std::vector<PairedGame> all(games.begin(), games.end());
    for (PairedGame& game : all) {
      if (!game.missing()) continue;
      game.outcome = GameOutcome::kTie;  // any: the Hessian does not depend on it
      const ExpectedGame expected = ExpectGame(fit, game.a, game.b);
      OpenGame open;
      open.a = game.a;
      open.b = game.b;
      for (size_t outcome = 0; outcome < kOutcomes.size(); ++outcome) {
        open.points[outcome] = 1 - 0.5 * static_cast<double>(outcome) - expected.points;
        open.tie[outcome] = (kOutcomes[outcome] == GameOutcome::kTie ? 1 : 0) - expected.tie;
      }
      open_.push_back(open);
    }
    const std::vector<double> inverse = InverseInformation(all, values, fit);
    inverse_ = Eigen::Map<const Eigen::MatrixXd>(inverse.data(), values + 1, values + 1);
    for (OpenGame& open : open_) open.column = inverse_.col(open.a) - inverse_.col(open.b);
    size_ = LargestDelta();
    range_ = LargestRange(all);
  }

  // The difference of two strengths is at least this under every filling; nullopt: nothing is known.
  std::optional<double> Least(const OrderClaim& claim) const {
    if (!range_) return std::nullopt;
    const AbilityContrast contrast = Between(claim);
    const double least = Extremes(contrast).first;
    return Known(claim) + Middle(*range_) * least - *range_ / 2 * Length(contrast) * size_;
  }

  // Whether the worst filling breaks the claim, to first order.
  bool MayBreak(const OrderClaim& claim) const {
    return Known(claim) + Extremes(Between(claim)).first < claim.more_than;
  }

  // The outcome of each open game that lowers the claim's difference most, to first order.
  std::vector<GameOutcome> Worst(const OrderClaim& claim) const {
    const AbilityContrast contrast = Between(claim);
    std::vector<GameOutcome> out;
    for (const OpenGame& game : open_) {
      const std::array<double, 3> effects = Effects(contrast, game);
      out.push_back(kOutcomes[static_cast<size_t>(std::min_element(effects.begin(), effects.end()) - effects.begin())]);
    }
    return out;
  }

 private:
  static double Middle(double range) { return range < 1e-6 ? 1 : range / 2 / std::tanh(range / 2); }

  double Known(const OrderClaim& claim) const {
    return fit_.strengths[static_cast<size_t>(claim.above)] - fit_.strengths[static_cast<size_t>(claim.below)];
  }

  static AbilityContrast Between(const OrderClaim& claim) { return {{{{claim.above, 1}, {claim.below, -1}, {0, 0}}}}; }

  // contrast' H^-1 at one place.
  double Along(const AbilityContrast& contrast, int place) const { return Dot(contrast, inverse_.col(place)); }

  template <class Column>
  static double Dot(const AbilityContrast& contrast, const Column& column) {
    double sum = 0;
    for (const auto& [at, weight] : contrast.terms) sum += weight * column(at);
    return sum;
  }

  double Length(const AbilityContrast& contrast) const {
    double square = 0;
    for (const auto& [at, weight] : contrast.terms) square += weight * Along(contrast, at);
    return std::sqrt(std::max(0.0, square));
  }

  // What each outcome of an open game adds to contrast' H^-1 delta.
  std::array<double, 3> Effects(const AbilityContrast& contrast, const OpenGame& game) const {
    const double points = Dot(contrast, game.column);
    const double tie = Along(contrast, values_);
    std::array<double, 3> out;
    for (size_t outcome = 0; outcome < out.size(); ++outcome) {
      out[outcome] = game.points[outcome] * points + game.tie[outcome] * tie;
    }
    return out;
  }

  // The least and the largest contrast' H^-1 delta of all fillings.
  std::pair<double, double> Extremes(const AbilityContrast& contrast) const {
    std::pair<double, double> sums{0, 0};
    for (const OpenGame& game : open_) {
      const std::array<double, 3> effects = Effects(contrast, game);
      sums.first += *std::min_element(effects.begin(), effects.end());
      sums.second += *std::max_element(effects.begin(), effects.end());
    }
    return sums;
  }

  // At least the length of the longest delta, in the norm of H^-1.
  double LargestDelta() const {
    double square = 0;
    for (const OpenGame& one : open_) {
      for (const OpenGame& other : open_) {
        const double points = other.column(one.a) - other.column(one.b);
        const double mixed = one.column(values_);
        const double back = other.column(values_);
        const double ties = inverse_(values_, values_);
        double most = -1e300;
        for (size_t i = 0; i < 3; ++i) {
          for (size_t j = 0; j < 3; ++j) {
            if (&one == &other && i != j) continue;
            most = std::max(most, one.points[i] * (points * other.points[j] + mixed * other.tie[j]) +
                                      one.tie[i] * (back * other.points[j] + ties * other.tie[j]));
          }
        }
        square += most;
      }
    }
    return std::sqrt(std::max(0.0, square));
  }

  // An r that no filling's v exceeds; nullopt: none was found.
  std::optional<double> LargestRange(const std::vector<PairedGame>& games) const {
    std::vector<std::pair<double, double>> terms;  // largest |contrast' H^-1 delta|, length of the contrast
    const auto add = [&](const AbilityContrast& contrast) {
      const auto [least, most] = Extremes(contrast);
      terms.emplace_back(std::max(-least, most), Length(contrast) * size_);
    };
    std::set<std::pair<int, int>> met;
    for (const PairedGame& game : games) {
      if (!met.insert(std::minmax(game.a, game.b)).second) continue;
      // The three outcomes have log odds d/2, eta and -d/2.
      add({{{{game.a, 1}, {game.b, -1}, {0, 0}}}});
      add({{{{game.a, 0.5}, {game.b, -0.5}, {values_, -1}}}});
      add({{{{game.a, 0.5}, {game.b, -0.5}, {values_, 1}}}});
    }
    for (int i = 0; i <= values_; ++i) add({{{{i, 1}, {0, 0}, {0, 0}}}});  // of the penalty
    const auto next = [&](double range) {
      double most = 0;
      for (const auto& [moved, length] : terms) most = std::max(most, Middle(range) * moved + range / 2 * length);
      return most;
    };
    double range = 0;
    while (range < kLargestRange) {
      const double bound = next(range);
      if (bound < range) return range;
      range = bound * 1.01 + 1e-12;
    }
    return std::nullopt;
  }

  int values_;
  const DavidsonPoint& fit_;
  std::vector<OpenGame> open_;
  Eigen::MatrixXd inverse_;
  double size_ = 0;
  std::optional<double> range_;
};

class FillingSearch {
 public:
  FillingSearch(std::span<const PairedGame> games, int values, std::span<const OrderClaim> claims)
      : games_(games.begin(), games.end()), values_(values), claims_(claims), broken_(claims.size(), false) {
    for (PairedGame& game : games_) {
      if (!game.missing()) continue;
      if (game.a > game.b) std::swap(game.a, game.b);
      missing_.push_back(&game);
    }
    // Missing games of one pair side by side: only how many end in which way matters.
    std::sort(missing_.begin(), missing_.end(),
              [](const PairedGame* x, const PairedGame* y) { return std::pair(x->a, x->b) < std::pair(y->a, y->b); });
    work_a_fit_ = int64_t{values + 1} * (values + 1) * (values + 1) + kWorkAGame * static_cast<int64_t>(games_.size());
  }

  std::vector<bool> Run() {
    std::vector<size_t> unsettled(claims_.size());
    for (size_t i = 0; i < unsettled.size(); ++i) unsettled[i] = i;
    Settle(0, std::move(unsettled), nullptr);
    return std::move(broken_);
  }

 private:
  bool Breaks(const DavidsonPoint& point, const OrderClaim& claim) const {
    return point.strengths[static_cast<size_t>(claim.above)] - point.strengths[static_cast<size_t>(claim.below)] <
           claim.more_than - kRounding;
  }

  std::optional<DavidsonPoint> Fit(const DavidsonPoint* start) {
    work_ += work_a_fit_;
    return MaximiseDavidson(games_, values_, 1, start);
  }

  void Break(const std::vector<size_t>& unsettled) {
    for (const size_t claim : unsettled) broken_[claim] = true;
  }

  // Settles claims for all fillings that agree with the outcomes of the first `fixed` missing games.
  void Settle(size_t fixed, std::vector<size_t> unsettled, const DavidsonPoint* start) {
    std::erase_if(unsettled, [&](size_t claim) { return broken_[claim]; });
    if (unsettled.empty()) return;
    // A filling that cannot be fitted, or that there is no time for, could say anything.
    if (work_ > kMostWork) return Break(unsettled);
    const std::optional<DavidsonPoint> point = Fit(start);
    if (!point) return Break(unsettled);
    if (fixed == missing_.size()) {
      for (const size_t claim : unsettled) broken_[claim] = Breaks(*point, claims_[claim]);
      return;
    }
    const FillingBound bound(games_, values_, *point);
    std::erase_if(unsettled, [&](size_t claim) {
      const std::optional<double> least = bound.Least(claims_[claim]);
      return least && *least >= claims_[claim].more_than - kRounding;
    });
    if (fixed == 0) TryWorst(bound, unsettled, *point);
    // Outcomes in ascending order among games of one pair.
    size_t first = 0;
    if (fixed > 0 && missing_[fixed]->a == missing_[fixed - 1]->a && missing_[fixed]->b == missing_[fixed - 1]->b) {
      const auto* last = std::find(kOutcomes.begin(), kOutcomes.end(), missing_[fixed - 1]->outcome);
      first = static_cast<size_t>(last - kOutcomes.begin());
    }
    for (size_t outcome = first; outcome < kOutcomes.size(); ++outcome) {
      missing_[fixed]->outcome = kOutcomes[outcome];
      Settle(fixed + 1, unsettled, &*point);
    }
    missing_[fixed]->outcome = GameOutcome::kMissing;
  }

  // Most claims that break do so under the filling that is worst to first order.
  void TryWorst(const FillingBound& bound, const std::vector<size_t>& unsettled, const DavidsonPoint& start) {
    for (const size_t claim : unsettled) {
      if (broken_[claim] || !bound.MayBreak(claims_[claim])) continue;
      if (work_ > kMostWork / 2) return;
      size_t next = 0;
      const std::vector<GameOutcome> worst = bound.Worst(claims_[claim]);
      // The bound lists open games as they stand among all games.
      for (PairedGame& game : games_) {
        if (game.missing()) game.outcome = worst[next++];
      }
      const std::optional<DavidsonPoint> point = Fit(&start);
      for (PairedGame* game : missing_) game->outcome = GameOutcome::kMissing;
      for (const size_t other : unsettled) {
        if (!point || Breaks(*point, claims_[other])) broken_[other] = true;
      }
    }
  }

  std::vector<PairedGame> games_;
  int values_;
  std::span<const OrderClaim> claims_;
  std::vector<PairedGame*> missing_;  // in games_
  std::vector<bool> broken_;
  int64_t work_ = 0;
  int64_t work_a_fit_ = 0;
};

}  // namespace

std::vector<bool> OutcomesDepend(std::span<const PairedGame> games, int values, std::span<const OrderClaim> claims) {
  if (CountMissing(games) == 0 || claims.empty()) return std::vector<bool>(claims.size(), false);
  return FillingSearch(games, values, claims).Run();
}

std::vector<bool> MarginsDepend(std::span<const PairedGame> games, int values, std::span<const OrderClaim> claims) {
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
  std::vector<std::pair<int, int>> missing;
  for (const PairedGame& game : games) {
    if (game.missing()) missing.emplace_back(game.a, game.b);
  }
  const Eigen::MatrixXd inverse = gram.completeOrthogonalDecomposition().pseudoInverse();
  for (size_t i = 0; i < claims.size(); ++i) {
    // difference = weights * X'margins: what each missing margin adds at worst is its own weight.
    const Eigen::VectorXd weights = inverse.row(claims[i].above) - inverse.row(claims[i].below);
    double worst = weights.dot(sums);
    for (const auto& [a, b] : missing) worst -= std::fabs(weights(a) - weights(b));
    depends[i] = worst < claims[i].more_than - kRounding;
  }
  return depends;
}

}  // namespace axiometer
