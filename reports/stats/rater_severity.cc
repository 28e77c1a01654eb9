#include "reports/stats/rater_severity.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "reports/stats/jackknife.h"

namespace axiometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The raters' normal equations with the items taken out: they add up over clusters.
struct Equations {
  MatrixXd gram;
  VectorXd right;

  explicit Equations(Index raters)
      : gram(MatrixXd::Zero(raters, raters)), right(VectorXd::Zero(raters)) {}

  void AddItem(const std::vector<std::pair<Index, double>>& ratings) {
    const auto count = static_cast<double>(ratings.size());
    double mean = 0;
    for (const auto& [rater, score] : ratings) mean += score / count;
    for (const auto& [rater, score] : ratings) {
      right(rater) += score - mean;
      gram(rater, rater) += 1;
      for (const auto& [other, ignored] : ratings) gram(rater, other) -= 1 / count;
    }
  }
};

// Raters by the common items that connect them: each one's component, numbered from 0.
std::vector<int> ComponentsOf(const MatrixXd& gram) {
  constexpr double kConnected = 1e-9;
  std::vector<int> component(static_cast<size_t>(gram.rows()), -1);
  int next = 0;
  for (Index start = 0; start < gram.rows(); ++start) {
    if (component[start] >= 0) continue;
    std::vector<Index> waiting{start};
    component[start] = next;
    while (!waiting.empty()) {
      const Index rater = waiting.back();
      waiting.pop_back();
      for (Index other = 0; other < gram.rows(); ++other) {
        if (component[other] >= 0 || std::fabs(gram(rater, other)) < kConnected) continue;
        component[other] = next;
        waiting.push_back(other);
      }
    }
    ++next;
  }
  return component;
}

// Least squares, each component summing to 0.
VectorXd Solve(const Equations& equations, const std::vector<int>& component) {
  const Index raters = equations.gram.rows();
  MatrixXd gram = equations.gram;
  for (Index i = 0; i < raters; ++i) {
    for (Index j = 0; j < raters; ++j) {
      if (component[i] == component[j]) gram(i, j) += 1;
    }
  }
  return gram.colPivHouseholderQr().solve(equations.right);
}

}  // namespace

std::vector<RaterSeverity> RaterSeverities(std::span<const RaterScore> scores, double level) {
  if (scores.empty()) return {};
  std::map<int, Index> place;
  for (const RaterScore& score : scores) place.emplace(score.rater, 0);
  Index raters = 0;
  std::vector<RaterSeverity> out;
  for (auto& [rater, index] : place) {
    index = raters++;
    out.push_back({rater, 0, 0, {}});
  }
  std::map<int, std::map<int, std::vector<std::pair<Index, double>>>> items;
  for (const RaterScore& score : scores) {
    const Index rater = place[score.rater];
    items[score.cluster][score.item].emplace_back(rater, score.score);
    ++out[rater].ratings;
  }
  Equations all(raters);
  std::vector<Equations> clusters;
  for (const auto& [cluster, of_cluster] : items) {
    Equations own(raters);
    for (const auto& [item, ratings] : of_cluster) own.AddItem(ratings);
    all.gram += own.gram;
    all.right += own.right;
    clusters.push_back(std::move(own));
  }
  const std::vector<int> component = ComponentsOf(all.gram);
  const VectorXd severity = Solve(all, component);

  // Absent where the raters of a component no longer hang together.
  std::vector<std::vector<std::optional<double>>> left_out(out.size());
  for (const Equations& own : clusters) {
    Equations rest = all;
    rest.gram -= own.gram;
    rest.right -= own.right;
    const std::vector<int> remaining = ComponentsOf(rest.gram);
    const VectorXd without = Solve(rest, remaining);
    for (size_t i = 0; i < out.size(); ++i) {
      left_out[i].push_back(without(static_cast<Index>(i)));
      for (size_t j = 0; j < out.size(); ++j) {
        const bool broken = component[i] == component[j] && remaining[i] != remaining[j];
        if (broken) left_out[i].back().reset();
      }
    }
  }
  for (size_t i = 0; i < out.size(); ++i) {
    out[i].component = component[i];
    Estimate& estimate = out[i].severity;
    estimate.n = out[i].ratings;
    estimate.clusters = static_cast<int>(clusters.size());
    if (std::count(component.begin(), component.end(), component[i]) == 1) {
      estimate.reason = "no item in common with another rater";
      continue;
    }
    estimate.value = severity(static_cast<Index>(i));
    SetJackknife(left_out[i], level, estimate);
  }
  return out;
}

}  // namespace axiometer
