#include "reports/stats/ranking_gate.h"

#include <map>
#include <vector>

#include "reports/stats/coins.h"

namespace axiometer {
namespace {

constexpr int kMostExactClusters = 11;
// Sums of the same numbers in another order count as equal.
constexpr double kJustBelow = 1 - 1e-10;

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
      for (const auto& [value, sum] : of_value) totals_.push_back({value, sum});
      ends_.push_back(totals_.size());
    }
  }

  int clusters() const { return static_cast<int>(ends_.size()); }

  // T with a cluster's signs reversed where `reversed` says so.
  template <class Reversed>
  double Statistic(Reversed reversed) {
    std::vector<double>& s = signed_;
    s.assign(games_.size(), 0.0);
    size_t at = 0;
    for (const size_t end : ends_) {
      const double sign = 1 - 2 * static_cast<int>(reversed());
      for (; at < end; ++at) s[totals_[at].value] += sign * totals_[at].sum;
    }
    double statistic = 0;
    for (size_t i = 0; i < s.size(); ++i) {
      if (games_[i] > 0) statistic += s[i] * s[i] / games_[i];
    }
    return statistic;
  }

 private:
  struct Total {
    int value;
    double sum;
  };
  std::vector<Total> totals_;  // of every cluster, its values in order
  std::vector<size_t> ends_;   // of each cluster's part
  std::vector<double> games_;  // by value
  std::vector<double> signed_;  // by value; kept, since it is filled thousands of times
};

}  // namespace

std::optional<EqualValuesTest> TestEqualValues(std::span<const PairedGame> games, int values, GateBasis basis,
                                    uint64_t key, int draws) {
  Totals totals(games, values, basis);
  if (totals.clusters() == 0) return std::nullopt;
  EqualValuesTest gate;
  gate.clusters = totals.clusters();
  gate.exact = gate.clusters <= kMostExactClusters;
  const double least = totals.Statistic([] { return false; }) * kJustBelow;
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
    Coins coins(key, static_cast<uint64_t>(draw));
    if (totals.Statistic([&coins] { return coins.Toss(); }) >= least) ++hits;
  }
  gate.p = (1.0 + hits) / (1.0 + draws);
  return gate;
}

}  // namespace axiometer
