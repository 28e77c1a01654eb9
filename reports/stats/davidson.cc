#include "reports/stats/davidson.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace axiometer {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kLargestStep = 1.5;
constexpr double kConverged = 1e-9;
constexpr int kMostIterations = 60;

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

ExpectedGame Expect(double d, double eta) {
  const double largest = std::max(std::fabs(d) / 2, eta);  // keeps the exponentials finite
  const double win = std::exp(d / 2 - largest);
  const double loss = std::exp(-d / 2 - largest);
  const double tie = std::exp(eta - largest);
  const double sum = win + loss + tie;
  ExpectedGame out;
  out.tie = tie / sum;
  out.points = win / sum + out.tie / 2;
  out.variance = std::max(0.0, win / sum + out.tie / 4 - out.points * out.points);
  return out;
}

// The last entry of a parameter vector is eta.
class Model {
 public:
  Model(std::span<const PairedGame> games, int values, double penalty)
      : games_(games), values_(values), penalty_(penalty) {}

  void Derivatives(const VectorXd& at, VectorXd& gradient, MatrixXd& hessian) const {
    const int eta = values_;
    gradient = VectorXd::Zero(values_ + 1);
    hessian = MatrixXd::Zero(values_ + 1, values_ + 1);
    for (const PairedGame& game : games_) {
      if (game.missing()) continue;
      const ExpectedGame expected = Expect(at(game.a) - at(game.b), at(eta));
      const double points = game.points() - expected.points;
      gradient(game.a) += points;
      gradient(game.b) -= points;
      gradient(eta) += (game.outcome == GameOutcome::kTie ? 1 : 0) - expected.tie;
      hessian(game.a, game.a) += expected.variance;
      hessian(game.b, game.b) += expected.variance;
      hessian(game.a, game.b) -= expected.variance;
      hessian(game.b, game.a) -= expected.variance;
      const double with_tie = expected.tie / 2 - expected.tie * expected.points;
      hessian(game.a, eta) += with_tie;
      hessian(eta, game.a) += with_tie;
      hessian(game.b, eta) -= with_tie;
      hessian(eta, game.b) -= with_tie;
      hessian(eta, eta) += expected.tie * (1 - expected.tie);
    }
    for (int i = 0; i <= eta; ++i) {
      const double half = Logistic(at(i));
      gradient(i) -= penalty_ * (half - 0.5);
      hessian(i, i) += penalty_ * half * (1 - half);
    }
  }

  // Sums of score rows over 1 - h by cluster: one row a cluster.
  MatrixXd ClusterScores(const VectorXd& at, const MatrixXd& inverse) const {
    const int eta = values_;
    std::map<int, VectorXd> sums;
    for (const PairedGame& game : games_) {
      if (game.missing()) continue;
      const int a = game.a;
      const int b = game.b;
      const ExpectedGame expected = Expect(at(a) - at(b), at(eta));
      const double spread = inverse(a, a) + inverse(b, b) - 2 * inverse(a, b);
      const double left = 1 - std::min(kLargestLeverage, expected.variance * spread);
      VectorXd& sum = sums.try_emplace(game.cluster, VectorXd::Zero(values_ + 1)).first->second;
      const double points = (game.points() - expected.points) / left;
      sum(a) += points;
      sum(b) -= points;
      sum(eta) += ((game.outcome == GameOutcome::kTie ? 1 : 0) - expected.tie) / left;
    }
    MatrixXd rows(static_cast<Eigen::Index>(sums.size()), values_ + 1);
    Eigen::Index row = 0;
    for (const auto& [cluster, sum] : sums) rows.row(row++) = sum;
    return rows;
  }

 private:
  std::span<const PairedGame> games_;
  int values_;
  double penalty_;
};

VectorXd ParametersOf(const DavidsonPoint& point) {
  const auto values = static_cast<Eigen::Index>(point.strengths.size());
  VectorXd at(values + 1);
  for (Eigen::Index i = 0; i < values; ++i) at(i) = point.strengths[i] + point.shift;
  at(values) = point.log_tie;
  return at;
}

}  // namespace

std::optional<DavidsonPoint> MaximiseDavidson(std::span<const PairedGame> games, int values,
                                              double penalty, const DavidsonPoint* start) {
  const Model model(games, values, penalty);
  VectorXd at = start != nullptr ? ParametersOf(*start) : VectorXd::Zero(values + 1);
  VectorXd gradient;
  MatrixXd hessian;
  DavidsonPoint out;
  double largest = kLargestStep;
  while (!(largest < kConverged)) {
    if (out.iterations == kMostIterations) return std::nullopt;
    ++out.iterations;
    model.Derivatives(at, gradient, hessian);
    const VectorXd step = hessian.ldlt().solve(gradient);
    at += step.cwiseMax(-kLargestStep).cwiseMin(kLargestStep);
    largest = step.cwiseAbs().maxCoeff();
  }
  out.shift = at.head(values).mean();
  for (int i = 0; i < values; ++i) out.strengths.push_back(at(i) - out.shift);
  out.log_tie = at(values);
  return out;
}

ExpectedGame ExpectGame(const DavidsonPoint& at, int a, int b) {
  return Expect(at.strengths[static_cast<size_t>(a)] - at.strengths[static_cast<size_t>(b)], at.log_tie);
}

std::vector<double> InverseInformation(std::span<const PairedGame> games, int values, const DavidsonPoint& at,
                                       double penalty) {
  VectorXd gradient;
  MatrixXd hessian;
  Model(games, values, penalty).Derivatives(ParametersOf(at), gradient, hessian);
  const MatrixXd inverse = hessian.ldlt().solve(MatrixXd::Identity(values + 1, values + 1));
  return {inverse.data(), inverse.data() + inverse.size()};
}

DavidsonFit FitDavidson(std::span<const PairedGame> games, int values, double penalty) {
  DavidsonFit out;
  const bool played = std::any_of(games.begin(), games.end(),
                                  [](const PairedGame& game) { return !game.missing(); });
  if (values < 2 || !played) {
    out.rating.reason = values < 2 ? "fewer than two values" : "no game was played";
    return out;
  }
  std::optional<DavidsonPoint> point = MaximiseDavidson(games, values, penalty);
  if (!point) {
    out.rating.reason = "the fit did not converge";
    return out;
  }
  const Model model(games, values, penalty);
  const VectorXd at = ParametersOf(*point);
  VectorXd gradient;
  MatrixXd hessian;
  model.Derivatives(at, gradient, hessian);
  const MatrixXd inverse = hessian.ldlt().solve(MatrixXd::Identity(values + 1, values + 1));
  const MatrixXd scores = model.ClusterScores(at, inverse);
  const MatrixXd influence = (scores * inverse).leftCols(values);
  // Centring each cluster's influence centres the covariance on both sides.
  const MatrixXd centred = influence.colwise() - influence.rowwise().mean();
  const MatrixXd covariance = centred.transpose() * centred;
  out.rating.strengths = point->strengths;
  out.rating.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  out.rating.clusters = static_cast<int>(scores.rows());
  out.point = std::move(*point);
  return out;
}

}  // namespace axiometer
