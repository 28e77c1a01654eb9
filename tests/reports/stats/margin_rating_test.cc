#include "reports/stats/margin_rating.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/reports/stats/simulated_games.h"

namespace axiometer {
namespace {

using Games = std::vector<PairedGame>;

PairedGame Game(int a, int b, double margin, int cluster) {
  const GameOutcome outcome = margin > 0   ? GameOutcome::kFirst
                              : margin < 0 ? GameOutcome::kSecond
                                           : GameOutcome::kTie;
  return {a, b, outcome, margin, cluster};
}

double Variance(const RatingFit& fit, int i, int j) {
  const size_t m = fit.strengths.size();
  return fit.covariance[i * m + i] + fit.covariance[j * m + j] - 2 * fit.covariance[i * m + j];
}

// Two games of margin 0.2 and 0.4: mean 0.3, leverage 1/2 each, residual -0.1 and 0.1, doubled by
// HC3; the variance of the mean is (0.2^2 + 0.2^2) / 2^2.
TEST(MarginRatingTest, HandWorkedPair) {
  const RatingFit fit = FitMargins(Games{Game(0, 1, 0.2, 0), Game(1, 0, -0.4, 1)}, 2);
  EXPECT_NEAR(fit.strengths[0], 0.15, 1e-14);
  EXPECT_NEAR(fit.strengths[1], -0.15, 1e-14);
  EXPECT_NEAR(Variance(fit, 0, 1), 0.02, 1e-14);
}

TEST(MarginRatingTest, OneClusterSumsItsResiduals) {
  const RatingFit fit = FitMargins(Games{Game(0, 1, 0.2, 0), Game(0, 1, 0.4, 0),
                                         Game(0, 1, 0.6, 1), Game(0, 1, 0.4, 1)}, 2);
  // Leverage 1/4; residuals -0.2, 0, 0.2, 0.
  EXPECT_NEAR(Variance(fit, 0, 1), 2 * std::pow(0.2 / 0.75 / 4, 2), 1e-14);
  EXPECT_EQ(fit.clusters, 2);
}

// Every pair once: a value's strength is its total of margins over the number of values.
TEST(MarginRatingTest, RoundRobinIsTheMeanMargin) {
  std::mt19937_64 random(1);
  const Games games = SimulatedGames({0.2, 0.4, 1, -0.4, 0}, 0, 10, random);
  std::vector<double> totals(5);
  for (const PairedGame& game : games) {
    totals[game.a] += game.margin;
    totals[game.b] -= game.margin;
  }
  const RatingFit fit = FitMargins(games, 5);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(fit.strengths[i], totals[i] / 5, 1e-12);
}

// statsmodels 0.15: OLS(margin, [x0 x1 x2]).fit(cov_type="HC3"), the last value's column left out;
// HC3 of single games, so every game is its own cluster.
TEST(MarginRatingTest, EqualsAnIndependentImplementation) {
  Games games = KnownGames();
  for (size_t i = 0; i < games.size(); ++i) games[i].cluster = static_cast<int>(i);
  const RatingFit fit = FitMargins(games, 4);
  const double differences[] = {0.3725, 0.01, 0.2075};
  const double errors[] = {0.18628867980159777, 0.16703708836329997, 0.1685662579917266};
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(fit.strengths[i] - fit.strengths[3], differences[i], 1e-10);
    EXPECT_NEAR(std::sqrt(Variance(fit, i, 3)), errors[i], 1e-10);
  }
}

TEST(MarginRatingTest, NamesSidesAndOrderChangeNothing) {
  std::mt19937_64 random(9);
  const Games games = SimulatedGames({0.8, 0.1, -0.3, 0, 1}, 1, 6, random);
  const std::vector<int> renamed = {3, 0, 4, 1, 2};
  const RatingFit fit = FitMargins(games, 5);
  const RatingFit again = FitMargins(Reshuffled(games, renamed, random), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(fit.strengths[i], again.strengths[renamed[i]], 1e-12);
    for (int j = 0; j < 5; ++j) {
      EXPECT_NEAR(Variance(fit, i, j), Variance(again, renamed[i], renamed[j]), 1e-12);
    }
  }
}

// A value that met the others once is fitted exactly, and looks free of error.
TEST(MarginRatingTest, AValueThatHangsOnOneClusterIsNotComparable) {
  const Games games{Game(0, 1, 0.2, 0), Game(0, 1, 0.3, 1), Game(1, 2, 0.9, 2)};
  const RatingFit fit = FitMargins(games, 3);
  EXPECT_NEAR(Variance(fit, 1, 2), 0, 1e-14);
  EXPECT_EQ(fit.comparable[0], fit.comparable[1]);
  EXPECT_NE(fit.comparable[1], fit.comparable[2]);
}

TEST(MarginRatingTest, NothingToFitSaysWhy) {
  EXPECT_EQ(FitMargins({}, 1).reason, "fewer than two values");
  EXPECT_EQ(FitMargins(Games{Game(0, 1, 0.5, 0)}, 3).reason,
            "the games do not connect all values");
  EXPECT_EQ(FitMargins(Games{Game(0, 1, std::nan(""), 0)}, 2).reason,
            "a score difference is not finite");
  EXPECT_TRUE(FitMargins(Games{Game(0, 1, HUGE_VAL, 0)}, 2).strengths.empty());
}

}  // namespace
}  // namespace axiometer
