#include "reports/stats/davidson.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <map>
#include <random>

#include "tests/reports/stats/simulated_games.h"

namespace axiometer {
namespace {

using Games = std::vector<PairedGame>;

void Add(Games& games, int count, int a, int b, GameOutcome outcome) {
  for (int i = 0; i < count; ++i) {
    games.push_back({a, b, outcome, 0, static_cast<int>(games.size())});
  }
}

// Two values and almost no penalty: three shares, two parameters, so they are fitted exactly.
TEST(DavidsonTest, TwoValuesWithoutPenaltyHaveTheClosedForm) {
  Games games;
  Add(games, 30, 0, 1, GameOutcome::kFirst);
  Add(games, 12, 0, 1, GameOutcome::kTie);
  Add(games, 10, 1, 0, GameOutcome::kFirst);
  const DavidsonFit fit = FitDavidson(games, 2, 1e-9);
  EXPECT_NEAR(fit.rating.strengths[0] - fit.rating.strengths[1], std::log(30.0 / 10), 1e-8);
  EXPECT_NEAR(fit.point.log_tie, std::log(12 / std::sqrt(30.0 * 10)), 1e-8);
}

// One game won: by symmetry L = (l, -l), and both equations hold.
TEST(DavidsonTest, OneGameIsBoundedByThePenalty) {
  Games games;
  Add(games, 1, 0, 1, GameOutcome::kFirst);
  const DavidsonFit fit = FitDavidson(games, 2);
  const double l = fit.rating.strengths[0];
  EXPECT_NEAR(fit.rating.strengths[1], -l, 1e-12);
  const double a = std::exp(l);
  const double tie = std::exp(fit.point.log_tie);
  const double s = a + 1 / a + tie;
  EXPECT_NEAR(1 - (a + tie / 2) / s, 1 / (1 + std::exp(-l)) - 0.5, 1e-8);
  EXPECT_NEAR(-tie / s, 1 / (1 + std::exp(-fit.point.log_tie)) - 0.5, 1e-8);
}

TEST(DavidsonTest, EvenGamesGiveEqualStrengths) {
  Games games;
  Add(games, 2, 0, 1, GameOutcome::kFirst);
  Add(games, 2, 1, 2, GameOutcome::kFirst);
  Add(games, 2, 2, 0, GameOutcome::kFirst);
  for (const double strength : FitDavidson(games, 3).rating.strengths) {
    EXPECT_NEAR(strength, 0, 1e-12);
  }
}

// The penalised log-likelihood as the model is written down.
double LogLikelihood(const Games& games, const Eigen::VectorXd& at) {
  const Eigen::Index eta = at.size() - 1;
  double sum = 0;
  for (const PairedGame& game : games) {
    const double d = at(game.a) - at(game.b);
    const double s = std::exp(d / 2) + std::exp(-d / 2) + std::exp(at(eta));
    const double weight = game.outcome == GameOutcome::kTie     ? std::exp(at(eta))
                          : game.outcome == GameOutcome::kFirst ? std::exp(d / 2)
                                                                : std::exp(-d / 2);
    sum += std::log(weight / s);
  }
  for (Eigen::Index i = 0; i <= eta; ++i) {
    sum += std::log(1 / (1 + std::exp(-at(i)))) / 2 + std::log(1 / (1 + std::exp(at(i)))) / 2;
  }
  return sum;
}

Eigen::VectorXd NumericGradient(const Games& games, const Eigen::VectorXd& at) {
  constexpr double kStep = 1e-4;
  Eigen::VectorXd gradient(at.size());
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    Eigen::VectorXd up = at;
    Eigen::VectorXd down = at;
    up(i) += kStep;
    down(i) -= kStep;
    gradient(i) = (LogLikelihood(games, up) - LogLikelihood(games, down)) / (2 * kStep);
  }
  return gradient;
}

// Maximum, Hessian, leverage and score rows by finite differences of the log-likelihood.
TEST(DavidsonTest, EqualsTheSlowObviousVersion) {
  std::mt19937_64 random(2);
  for (int design = 0; design < 10; ++design) {
    const int values = 3 + design % 3;
    std::vector<double> strengths(static_cast<size_t>(values));
    for (size_t i = 0; i < strengths.size(); ++i) strengths[i] = 0.4 * static_cast<double>(i);
    Games games = SimulatedGames(strengths, 0, 4, random);
    const Games more = SimulatedGames(strengths, 1, 3, random);
    games.insert(games.end(), more.begin(), more.end());
    const DavidsonFit fit = FitDavidson(games, values);
    Eigen::VectorXd at(values + 1);
    for (int i = 0; i < values; ++i) at(i) = fit.point.strengths[i] + fit.point.shift;
    at(values) = fit.point.log_tie;
    EXPECT_LT(NumericGradient(games, at).cwiseAbs().maxCoeff(), 1e-6);

    constexpr double kStep = 1e-4;
    Eigen::MatrixXd hessian(values + 1, values + 1);
    for (int i = 0; i <= values; ++i) {
      Eigen::VectorXd up = at;
      Eigen::VectorXd down = at;
      up(i) += kStep;
      down(i) -= kStep;
      hessian.col(i) = -(NumericGradient(games, up) - NumericGradient(games, down)) / (2 * kStep);
    }
    const Eigen::MatrixXd inverse = hessian.inverse();
    std::map<int, Eigen::VectorXd> sums;
    for (const PairedGame& game : games) {
      // One game's own score: what the log-likelihood's gradient has more with it than without.
      Games rest;
      for (const PairedGame& other : games) {
        if (&other != &game) rest.push_back(other);
      }
      const Eigen::VectorXd score = NumericGradient(games, at) - NumericGradient(rest, at);
      const double d = at(game.a) - at(game.b);
      const double s = std::exp(d / 2) + std::exp(-d / 2) + std::exp(at(values));
      const double win = std::exp(d / 2) / s;
      const double tie = std::exp(at(values)) / s;
      const double mean = win + tie / 2;
      const double variance = win * (1 - mean) * (1 - mean) + tie * (0.5 - mean) * (0.5 - mean) +
                              (1 - win - tie) * mean * mean;
      Eigen::VectorXd x = Eigen::VectorXd::Zero(values + 1);
      x(game.a) = 1;
      x(game.b) = -1;
      const double h = std::min(0.9, variance * x.dot(inverse * x));
      auto [sum, added] = sums.try_emplace(game.cluster, Eigen::VectorXd::Zero(values + 1));
      sum->second += score / (1 - h);
    }
    Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(values + 1, values + 1);
    for (const auto& [cluster, sum] : sums) meat += sum * sum.transpose();
    const Eigen::MatrixXd sandwich = (inverse * meat * inverse).topLeftCorner(values, values);
    const Eigen::MatrixXd centre = Eigen::MatrixXd::Identity(values, values) -
                                   Eigen::MatrixXd::Constant(values, values, 1.0 / values);
    const Eigen::MatrixXd covariance = centre * sandwich * centre;
    for (int i = 0; i < values; ++i) {
      for (int j = 0; j < values; ++j) {
        EXPECT_NEAR(fit.rating.covariance[i * values + j], covariance(i, j),
                    1e-4 * covariance.cwiseAbs().maxCoeff());
      }
    }
    EXPECT_EQ(fit.rating.clusters, static_cast<int>(sums.size()));
  }
}

// numpy 1.26: Newton on the penalised likelihood, class probabilities and their covariances game by
// game; scipy 1.12 optimize.minimize (BFGS) finds the same maximum to 1e-7.
TEST(DavidsonTest, EqualsAnIndependentImplementation) {
  const DavidsonFit fit = FitDavidson(KnownGames(), 4);
  const double strengths[] = {1.027436165449832, -1.027436165449832, 0.6690561357067141,
                              -0.6690561357067141};
  const double covariance[] = {0.6963638217611274, -0.1298635357948805, -0.6532625122780329,
                               0.08676222631178607};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(fit.rating.strengths[i], strengths[i], 1e-8);
    EXPECT_NEAR(fit.rating.covariance[i], covariance[i], 1e-8);
  }
  EXPECT_NEAR(fit.rating.covariance[15], 0.6045169508399757, 1e-8);
  EXPECT_NEAR(fit.point.log_tie, -0.16955344544051462, 1e-8);
}

// choix 0.4.1, opt_pairwise(4, games, alpha=0): Bradley and Terry's model has no ties, and without
// a tie the tie's share goes to 0 with the penalty.
TEST(DavidsonTest, EqualsChoixWithoutTiesOrPenalty) {
  Games games;
  const std::pair<int, int> wins[] = {{0, 1}, {0, 1}, {1, 0}, {1, 2}, {1, 2}, {2, 1}, {2, 3},
                                      {3, 2}, {0, 2}, {3, 0}, {1, 3}, {0, 3}, {2, 0}};
  for (const auto& [winner, loser] : wins) Add(games, 1, winner, loser, GameOutcome::kFirst);
  const RatingFit fit = FitDavidson(games, 4, 1e-7).rating;
  const double strengths[] = {0.2576496711307085, 0.2705799977332624, -0.1965843558317385,
                              -0.3316453130322323};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(fit.strengths[i], strengths[i], 1e-6);
}

TEST(DavidsonTest, NamesSidesAndOrderChangeNothing) {
  std::mt19937_64 random(9);
  const Games games = SimulatedGames({0.8, 0.1, -0.3, 0, 1}, 1, 6, random);
  const std::vector<int> renamed = {3, 0, 4, 1, 2};
  const RatingFit fit = FitDavidson(games, 5).rating;
  const RatingFit again = FitDavidson(Reshuffled(games, renamed, random), 5).rating;
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(fit.strengths[i], again.strengths[renamed[i]], 1e-9);
    for (int j = 0; j < 5; ++j) {
      EXPECT_NEAR(fit.covariance[i * 5 + j], again.covariance[renamed[i] * 5 + renamed[j]], 1e-8);
    }
  }
}

TEST(DavidsonTest, StaysFiniteWhenOneValueAlwaysWins) {
  Games games;
  for (int other = 1; other < 8; ++other) Add(games, 3, 0, other, GameOutcome::kFirst);
  const RatingFit fit = FitDavidson(games, 8).rating;
  ASSERT_FALSE(fit.strengths.empty());
  EXPECT_GT(fit.strengths[0], 1);
  EXPECT_LT(fit.strengths[0], 8);
}

TEST(DavidsonTest, StartingElsewhereEndsAtTheSamePoint) {
  std::mt19937_64 random(10);
  const Games games = SimulatedGames({1, 0, -1, 0.5}, 0, 6, random);
  const DavidsonPoint point = *MaximiseDavidson(games, 4);
  DavidsonPoint start = point;
  start.strengths = {-2, 2, 1, -1};
  const DavidsonPoint again = *MaximiseDavidson(games, 4, 1, &start);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(point.strengths[i], again.strengths[i], 1e-9);
  EXPECT_LE(MaximiseDavidson(games, 4, 1, &point)->iterations, 2);
}

TEST(DavidsonTest, NothingToFitSaysWhy) {
  EXPECT_EQ(FitDavidson({}, 1).rating.reason, "fewer than two values");
  const Games missing{PairedGame{0, 1, GameOutcome::kMissing, 0, 0}};
  EXPECT_EQ(FitDavidson(missing, 2).rating.reason, "no game was played");
  EXPECT_TRUE(FitDavidson(missing, 2).rating.strengths.empty());
}

}  // namespace
}  // namespace axiometer
