#pragma once

#include <string>
#include <vector>

namespace axiometer {

// Strengths of m values that met in games, on a scale of which only differences mean anything, with
// the sampling covariance of their estimates.
struct RatingFit {
  std::vector<double> strengths;   // mean 0; empty: see `reason`
  std::vector<double> covariance;  // m x m, row by row
  int clusters = 0;                // that the covariance was taken over
  // Differences between values of different numbers have no variance that could be seen in the data
  // (ConnectedWithoutAnyCluster); empty: every difference has one.
  std::vector<int> comparable;
  std::string reason;  // why there are no strengths; empty if there are
};

// Residuals are divided by 1 less their leverage, which is taken to be no more than this.
inline constexpr double kLargestLeverage = 0.9;

}  // namespace axiometer
