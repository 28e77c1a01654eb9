#include "reports/stats/pareto_front.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/stats/cluster_error.h"
#include "reports/stats/cluster_mean.h"
#include "reports/stats/philox.h"

namespace axiometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kFewestForFront = 6;
constexpr double kEqual = 1e-12;

// One row a subject, one column a dimension.
bool Dominates(const MatrixXd& means, Index other, Index subject) {
  bool better = false;
  for (Index d = 0; d < means.cols(); ++d) {
    const double difference = means(other, d) - means(subject, d);
    if (difference < -kEqual) return false;
    better = better || difference > kEqual;
  }
  return better;
}

bool InFront(const MatrixXd& means, Index subject) {
  for (Index other = 0; other < means.rows(); ++other) {
    if (other != subject && Dominates(means, other, subject)) return false;
  }
  return true;
}

// The means of all cells (a subject in a dimension) with their joint error.
struct GridCells {
  MatrixXd means;
  MatrixXd covariance;  // cells by subject, then dimension
  double df = HUGE_VAL;
  int fewest_clusters = 0;  // of any cell
};

GridCells CellsOf(const std::vector<std::vector<ClusterSums>>& sums) {
  const auto subjects = static_cast<Index>(sums.size());
  const auto dimensions = static_cast<Index>(sums[0].size());
  GridCells cells;
  cells.means = MatrixXd::Zero(subjects, dimensions);
  std::map<int, VectorXd> errors;  // of each cluster, in all cells
  for (Index s = 0; s < subjects; ++s) {
    for (Index d = 0; d < dimensions; ++d) {
      const ClusterMean mean = *MeanOfClusters(sums[s][d]);
      cells.means(s, d) = mean.mean;
      const bool first = s == 0 && d == 0;
      cells.fewest_clusters =
          first ? mean.clusters : std::min(cells.fewest_clusters, mean.clusters);
      cells.df = std::min(cells.df, mean.df);
      for (const auto& [cluster, error] : ClusterErrors(sums[s][d], mean)) {
        const VectorXd none = VectorXd::Zero(subjects * dimensions);
        errors.try_emplace(cluster, none).first->second(s * dimensions + d) = error;
      }
    }
  }
  cells.covariance = MatrixXd::Zero(subjects * dimensions, subjects * dimensions);
  for (const auto& [cluster, error] : errors) cells.covariance += error * error.transpose();
  return cells;
}

void SetProbabilities(const GridCells& cells, uint64_t key, int draws, ParetoFront& front) {
  const Index subjects = cells.means.rows();
  const Index dimensions = cells.means.cols();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(cells.covariance);
  const MatrixXd root = eigen.eigenvectors() *
                        eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
                        eigen.eigenvectors().transpose();
  std::vector<int> hits(static_cast<size_t>(subjects), 0);
  VectorXd normals(subjects * dimensions);
  for (int draw = 0; draw < draws; ++draw) {
    RandomStream random(key, static_cast<uint64_t>(draw));
    for (double& normal : normals) normal = random.Normal();
    const VectorXd error = root * normals / std::sqrt(random.ChiSquared(cells.df) / cells.df);
    MatrixXd drawn = cells.means;
    for (Index s = 0; s < subjects; ++s) drawn.row(s) += error.segment(s * dimensions, dimensions);
    for (Index s = 0; s < subjects; ++s) hits[s] += InFront(drawn, s);
  }
  for (Index s = 0; s < subjects; ++s) {
    front.subjects[s].probability = static_cast<double>(hits[s]) / draws;
  }
}

}  // namespace

ParetoFront FrontOf(std::span<const SubjectScore> scores, uint64_t key, int draws) {
  ParetoFront front;
  std::map<int, std::map<int, ClusterSums>> by_subject;
  std::set<int> dimensions;
  for (const SubjectScore& score : scores) {
    by_subject[score.subject][score.dimension][score.cluster].Add(score.score);
    dimensions.insert(score.dimension);
  }
  front.dimensions.assign(dimensions.begin(), dimensions.end());
  std::vector<std::vector<ClusterSums>> sums;
  for (auto& [subject, of_dimension] : by_subject) {
    if (of_dimension.size() < dimensions.size()) {
      front.incomplete.push_back(subject);
      continue;
    }
    front.subjects.push_back({subject, {}, false, std::nullopt});
    sums.emplace_back();
    for (auto& [dimension, clusters] : of_dimension) sums.back().push_back(std::move(clusters));
  }
  if (sums.empty()) {
    front.reason = scores.empty() ? "never scored" : "no subject has a score in every dimension";
    return front;
  }
  const GridCells cells = CellsOf(sums);
  front.clusters = cells.fewest_clusters;
  for (size_t s = 0; s < sums.size(); ++s) {
    const auto row = cells.means.row(static_cast<Index>(s));
    front.subjects[s].means.assign(row.begin(), row.end());
    front.subjects[s].in_front = InFront(cells.means, static_cast<Index>(s));
  }
  if (sums.size() < 2) {
    front.reason = "fewer than two subjects";
  } else if (cells.fewest_clusters < kFewestForFront) {
    front.reason = "fewer than 6 clusters in some dimension: no probability";
  } else {
    SetProbabilities(cells, key, draws, front);
  }
  return front;
}

bool IsInFront(std::span<const std::vector<double>> means, size_t subject) {
  MatrixXd matrix(static_cast<Index>(means.size()), static_cast<Index>(means[subject].size()));
  for (size_t s = 0; s < means.size(); ++s) {
    for (size_t d = 0; d < means[s].size(); ++d)
      matrix(static_cast<Index>(s), static_cast<Index>(d)) = means[s][d];
  }
  return InFront(matrix, static_cast<Index>(subject));
}

}  // namespace axiometer
