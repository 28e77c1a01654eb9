#include "reports/stats/simultaneous_ranks.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "reports/stats/philox.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// A variance of a difference below this share of the largest one is rounding noise of 0.
constexpr double kNoShare = 1e-12;
constexpr double kNoVariance = 1e-20;

MatrixXd CovarianceOf(const RatingFit& fit) {
  const auto m = static_cast<Eigen::Index>(fit.strengths.size());
  return Eigen::Map<const MatrixXd>(fit.covariance.data(), m, m);
}

std::vector<ComparedPair> Differences(const RatingFit& fit, const MatrixXd& covariance) {
  const int m = static_cast<int>(fit.strengths.size());
  const auto variance = [&](int i, int j) {
    return covariance(i, i) + covariance(j, j) - 2 * covariance(i, j);
  };
  double largest = 0;
  for (int i = 0; i < m; ++i) {
    for (int j = i + 1; j < m; ++j) largest = std::max(largest, variance(i, j));
  }
  std::vector<ComparedPair> pairs;
  for (int i = 0; i < m; ++i) {
    for (int j = i + 1; j < m; ++j) {
      ComparedPair pair;
      pair.first = i;
      pair.second = j;
      pair.difference = fit.strengths[i] - fit.strengths[j];
      const bool comparable = fit.comparable.empty() || fit.comparable[i] == fit.comparable[j];
      const double v = variance(i, j);
      if (comparable && v > std::max(kNoVariance, kNoShare * largest)) {
        pair.standard_error = std::sqrt(v);
      }
      pairs.push_back(pair);
    }
  }
  return pairs;
}

// The `level` quantile of the largest |t| over the pairs with a standard error.
double CriticalValue(const std::vector<ComparedPair>& pairs, const MatrixXd& covariance, double df,
                     uint64_t key, int draws, double level) {
  // The symmetric root also serves singular covariances: fewer clusters than values, centring.
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(covariance);
  const MatrixXd root = eigen.eigenvectors() *
                        eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
                        eigen.eigenvectors().transpose();
  std::vector<double> largest(static_cast<size_t>(draws));
  VectorXd normals(covariance.rows());
  for (int draw = 0; draw < draws; ++draw) {
    RandomStream random(key, static_cast<uint64_t>(draw));
    for (double& normal : normals) normal = random.Normal();
    const VectorXd z = root * normals;
    double most = 0;
    for (const ComparedPair& pair : pairs) {
      if (!pair.standard_error) continue;
      most = std::max(most, std::fabs(z(pair.first) - z(pair.second)) / *pair.standard_error);
    }
    largest[draw] = most / std::sqrt(random.ChiSquared(df) / df);
  }
  const auto place = std::min(largest.size(), static_cast<size_t>(std::ceil(level * draws))) - 1;
  std::nth_element(largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(place),
                   largest.end());
  return largest[place];
}

std::vector<std::optional<Interval>> StrengthIntervals(const RatingFit& fit, const MatrixXd& covariance,
                                                       const SimultaneousRanks& ranks) {
  std::vector<std::optional<Interval>> intervals(fit.strengths.size());
  const bool seen = std::all_of(ranks.pairs.begin(), ranks.pairs.end(),
                                [](const ComparedPair& pair) { return pair.standard_error.has_value(); });
  const std::optional<double> t = UpperTQuantile((1 - ranks.level) / 2, ranks.df);
  if (!seen || !t) return intervals;
  for (size_t i = 0; i < intervals.size(); ++i) {
    const auto place = static_cast<Eigen::Index>(i);
    const double half = *t * std::sqrt(covariance(place, place));
    intervals[i] = Interval{ranks.level, fit.strengths[i] - half, fit.strengths[i] + half};
  }
  return intervals;
}

void SetProbabilities(double df, std::vector<ComparedPair>& pairs) {
  double excess = 0;
  double count = 0;
  for (const ComparedPair& pair : pairs) {
    if (!pair.standard_error) continue;
    excess += pair.difference * pair.difference - *pair.standard_error * *pair.standard_error;
    count += 1;
  }
  const double tau2 = std::max(0.0, excess / count);
  for (ComparedPair& pair : pairs) {
    if (!pair.standard_error) continue;
    const double s = *pair.standard_error;
    pair.probability = TCdf(std::sqrt(tau2 / (tau2 + s * s)) * pair.difference / s, df);
  }
}

}  // namespace

SimultaneousRanks RanksOf(const RatingFit& fit, uint64_t key, int draws, double level) {
  SimultaneousRanks out;
  out.level = level;
  if (fit.strengths.empty()) {
    out.reason = fit.reason;
    return out;
  }
  const int m = static_cast<int>(fit.strengths.size());
  const MatrixXd covariance = CovarianceOf(fit);
  out.df = std::max(fit.clusters - m + 1, 2);
  out.pairs = Differences(fit, covariance);
  const bool some = std::any_of(out.pairs.begin(), out.pairs.end(),
                                [](const ComparedPair& pair) { return pair.standard_error; });
  if (!some) {
    out.reason = "no difference between two values has a variance that the data show";
    return out;
  }
  out.critical = CriticalValue(out.pairs, covariance, out.df, key, draws, level);
  out.ranks.assign(static_cast<size_t>(m), RankInterval{1, m});
  for (ComparedPair& pair : out.pairs) {
    if (!pair.standard_error) continue;
    pair.decided = std::fabs(pair.difference) > out.critical * *pair.standard_error;
    if (!pair.decided) continue;
    const bool first_above = pair.difference > 0;
    ++out.ranks[first_above ? pair.second : pair.first].low;
    --out.ranks[first_above ? pair.first : pair.second].high;
  }
  out.strengths = StrengthIntervals(fit, covariance, out);
  SetProbabilities(out.df, out.pairs);
  return out;
}

}  // namespace axiometer
