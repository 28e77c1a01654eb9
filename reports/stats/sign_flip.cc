#include "reports/stats/sign_flip.h"

#include <bit>
#include <cmath>
#include <vector>

#include "reports/stats/coins.h"

namespace axiometer {
namespace {

constexpr size_t kFewest = 6;
constexpr size_t kMostExact = 16;

// Patterns and their negatives have the same absolute sum: the last sign stays.
double ShareAsLarge(std::vector<double> sums, double total, double at_least) {
  const uint32_t patterns = uint32_t{1} << (sums.size() - 1);
  uint32_t as_large = std::fabs(total) >= at_least;
  for (uint32_t pattern = 1; pattern < patterns; ++pattern) {
    double& turned = sums[std::countr_zero(pattern)];  // Gray's order: one sign changes
    turned = -turned;
    total += 2 * turned;
    as_large += std::fabs(total) >= at_least;
  }
  return static_cast<double>(as_large) / patterns;
}

double DrawnShareAsLarge(const std::vector<double>& sums, double at_least, uint64_t key,
                         int draws) {
  int as_large = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Coins coins(key, static_cast<uint64_t>(draw));
    double total = 0;
    for (const double sum : sums) total += coins.Toss() ? sum : -sum;
    as_large += std::fabs(total) >= at_least;
  }
  return (1.0 + as_large) / (draws + 1.0);
}

}  // namespace

SignFlipTest FlipSigns(const ClusterSums& differences, uint64_t key, int draws) {
  SignFlipTest out;
  if (differences.size() < kFewest) {
    out.reason = "fewer than 6 clusters";
    return out;
  }
  std::vector<double> sums;
  double total = 0;
  double size = 0;
  for (const auto& [cluster, sum] : differences) {
    sums.push_back(sum.total);
    total += sum.total;
    size += std::fabs(sum.total);
  }
  // Sums that are equal on paper differ by rounding.
  const double at_least = std::fabs(total) - 1e-10 * size;
  out.exact = sums.size() <= kMostExact;
  out.p = out.exact ? ShareAsLarge(sums, total, at_least)
                    : DrawnShareAsLarge(sums, at_least, key, draws);
  return out;
}

}  // namespace axiometer
