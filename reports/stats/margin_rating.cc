#include "reports/stats/margin_rating.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

namespace axiometer {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

}  // namespace

RatingFit FitMargins(std::span<const PairedGame> games, int values) {
  RatingFit out;
  if (values < 2) {
    out.reason = "fewer than two values";
    return out;
  }
  const GameGraph graph = PlayedGraph(games, values);
  if (graph.components.size() != 1 || !graph.alone.empty()) {
    out.reason = "the games do not connect all values";
    return out;
  }
  MatrixXd gram = MatrixXd::Zero(values, values);  // X'X
  VectorXd sums = VectorXd::Zero(values);          // X'margin
  for (const PairedGame& game : games) {
    if (game.missing()) continue;
    if (!std::isfinite(game.margin)) {
      out.reason = "a score difference is not finite";
      return out;
    }
    gram(game.a, game.a) += 1;
    gram(game.b, game.b) += 1;
    gram(game.a, game.b) -= 1;
    gram(game.b, game.a) -= 1;
    sums(game.a) += game.margin;
    sums(game.b) -= game.margin;
  }
  // X'X of a connected graph has the constant vector as its only null direction.
  const MatrixXd ones = MatrixXd::Constant(values, values, 1.0 / values);
  const MatrixXd inverse =
      (gram + ones).ldlt().solve(MatrixXd::Identity(values, values)) - ones;
  const VectorXd strengths = inverse * sums;

  std::map<int, VectorXd> scores;
  for (const PairedGame& game : games) {
    if (game.missing()) continue;
    const int a = game.a;
    const int b = game.b;
    const double leverage = inverse(a, a) + inverse(b, b) - 2 * inverse(a, b);
    const double residual = (game.margin - strengths(a) + strengths(b)) /
                            (1 - std::min(kLargestLeverage, leverage));
    VectorXd& sum = scores.try_emplace(game.cluster, VectorXd::Zero(values)).first->second;
    sum(a) += residual;
    sum(b) -= residual;
  }
  MatrixXd covariance = MatrixXd::Zero(values, values);
  for (const auto& [cluster, score] : scores) {
    const VectorXd influence = inverse * score;
    covariance += influence * influence.transpose();
  }
  out.strengths.assign(strengths.begin(), strengths.end());
  out.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  out.clusters = static_cast<int>(scores.size());
  out.comparable = ConnectedWithoutAnyCluster(games, values);
  return out;
}

}  // namespace axiometer
