#include "reports/stats/sign_flip.h"

#include <algorithm>
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

// Of each draw under a key the sign of cluster 0, 1, …: they depend on nothing else, so that tests
// of many dimensions under one key draw them once.
class DrawnSigns {
 public:
  DrawnSigns() = default;
  DrawnSigns(uint64_t key, int draws) : key_(key) {
    for (int draw = 0; draw < draws; ++draw) coins_.emplace_back(key, static_cast<uint64_t>(draw));
  }

  bool are_of(uint64_t key, int draws) const {
    return key_ == key && coins_.size() == static_cast<size_t>(draws);
  }

  // 1 or -1 by draw.
  const std::vector<double>& Of(size_t cluster) {
    while (signs_.size() <= cluster) {
      std::vector<double>& signs = signs_.emplace_back();
      for (Coins& coins : coins_) signs.push_back(coins.Toss() ? 1 : -1);
    }
    return signs_[cluster];
  }

 private:
  uint64_t key_ = 0;
  std::vector<Coins> coins_;
  std::vector<std::vector<double>> signs_;  // by cluster
};

double DrawnShareAsLarge(const std::vector<double>& sums, double at_least, uint64_t key,
                         int draws) {
  thread_local DrawnSigns drawn;  // of the last test
  if (!drawn.are_of(key, draws)) drawn = DrawnSigns(key, draws);
  std::vector<double> totals(static_cast<size_t>(draws), 0.0);
  for (size_t cluster = 0; cluster < sums.size(); ++cluster) {
    const std::vector<double>& signs = drawn.Of(cluster);
    for (size_t draw = 0; draw < totals.size(); ++draw) totals[draw] += signs[draw] * sums[cluster];
  }
  const auto as_large = std::count_if(totals.begin(), totals.end(),
                                      [&](double total) { return std::fabs(total) >= at_least; });
  return (1.0 + static_cast<double>(as_large)) / (draws + 1.0);
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
