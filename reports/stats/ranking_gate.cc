#include "reports/stats/ranking_gate.h"

#include <map>
#include <utility>
#include <vector>

#include "reports/stats/philox.h"

namespace axiometer {
namespace {

constexpr int kMostExactClusters = 11;
// Sums of the same numbers in another order count as equal.
constexpr double kRounding = 1 - 1e-10;

class Totals {
 public:
  Totals(std::span<const PairedGame> games, int values, GateBasis basis)
      : games_(static_cast<size_t>(values), 0.0) {
    std::map<int, std::map<int, double>> sums;
    for (const PairedGame& game : games) {
      if (game.missing()) continue;
      const double s = basis == GateBasis::kOutcomes ? game.points() - 0.5 : game.margin;
      sums[game.cluster][game.a] += s;
      sums[game.cluster][game.b] -= s;
      games_[game.a] += 1;
      games_[game.b] += 1;
    }
    for (const auto& [cluster, of_value] : sums) {
      clusters_.emplace_back(of_value.begin(), of_value.end());
    }
  }

  int clusters() const { return static_cast<int>(clusters_.size()); }

  // T with a cluster's signs reversed where `reversed` says so.
  template <class Reversed>
  double Statistic(Reversed reversed) const {
    std::vector<double> s(games_.size(), 0.0);
    for (const auto& cluster : clusters_) {
      const double sign = reversed() ? -1 : 1;
      for (const auto& [value, sum] : cluster) s[value] += sign * sum;
    }
    double statistic = 0;
    for (size_t i = 0; i < s.size(); ++i) {
      if (games_[i] > 0) statistic += s[i] * s[i] / games_[i];
    }
    return statistic;
  }

 private:
  std::vector<std::vector<std::pair<int, double>>> clusters_;  // totals by value
  std::vector<double> games_;                                  // by value
};

}  // namespace

std::optional<EqualValuesTest> TestEqualValues(std::span<const PairedGame> games, int values, GateBasis basis,
                                    uint64_t key, int draws) {
  const Totals totals(games, values, basis);
  if (totals.clusters() == 0) return std::nullopt;
  EqualValuesTest gate;
  gate.clusters = totals.clusters();
  gate.exact = gate.clusters <= kMostExactClusters;
  const double least = totals.Statistic([] { return false; }) * kRounding;
  int hits = 0;
  if (gate.exact) {
    const unsigned assignments = 1u << gate.clusters;
    for (unsigned assignment = 0; assignment < assignments; ++assignment) {
      unsigned rest = assignment;
      const double statistic = totals.Statistic([&rest] {
        const bool reversed = (rest & 1) != 0;
        rest >>= 1;
        return reversed;
      });
      if (statistic >= least) ++hits;
    }
    gate.p = static_cast<double>(hits) / assignments;
    return gate;
  }
  for (int draw = 0; draw < draws; ++draw) {
    RandomStream random(key, static_cast<uint64_t>(draw));
    if (totals.Statistic([&random] { return random.Coin(); }) >= least) ++hits;
  }
  gate.p = (1.0 + hits) / (1.0 + draws);
  return gate;
}

}  // namespace axiometer
