#include "reports/stats/value_priority.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "reports/stats/davidson.h"
#include "reports/stats/letter_groups.h"
#include "reports/stats/margin_rating.h"
#include "reports/stats/missing_games.h"
#include "reports/stats/philox.h"
#include "reports/stats/ranking_gate.h"

namespace axiometer {
namespace {

constexpr int kFewestClusters = 6;

// The games of one component, its values numbered from 0, and those of all values that the missing
// games might have connected with it.
struct Arena {
  std::vector<int> members;  // of the component
  std::vector<PairedGame> games;
  std::vector<int> reach;  // `members` and what missing games connect
  std::vector<PairedGame> planned;

  // The planned games, those that may yet change as missing ones.
  std::vector<PairedGame> Open(GateBasis basis) const {
    std::vector<PairedGame> open = planned;
    for (PairedGame& game : open) {
      if (basis == GateBasis::kOutcomes ? game.outcome_open : game.margin_open) game.outcome = GameOutcome::kMissing;
    }
    return open;
  }

  int values() const { return static_cast<int>(members.size()); }
  // A member's place in `reach`.
  int InReach(int place) const {
    return static_cast<int>(std::lower_bound(reach.begin(), reach.end(), members[place]) -
                            reach.begin());
  }
};

std::string GateRefusal(int values, double p) {
  std::array<char, 96> text;
  std::snprintf(text.data(), text.size(),
                "these data do not support any ranking of %d values (p = %.2g)", values, p);
  return text.data();
}

bool NothingDiffers(const std::vector<PairedGame>& games, GateBasis basis) {
  return std::all_of(games.begin(), games.end(), [basis](const PairedGame& game) {
    if (game.missing()) return true;
    return basis == GateBasis::kOutcomes ? game.outcome == GameOutcome::kTie : game.margin == 0;
  });
}

// The ranking in the order of print, from what was found by place in the component.
void Arrange(const Arena& arena, const RatingFit& fit, const SimultaneousRanks& ranks,
             GateBasis basis, PriorityRating& out) {
  out.critical = ranks.critical;
  out.df = ranks.df;
  std::vector<int> order(arena.members.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int i, int j) { return fit.strengths[i] > fit.strengths[j]; });
  std::vector<int> printed(order.size());
  for (size_t at = 0; at < order.size(); ++at) printed[order[at]] = static_cast<int>(at);
  for (const int place : order) {
    PriorityValue value;
    value.value = arena.members[place];
    value.strength = fit.strengths[place];
    value.interval = ranks.strengths[place];
    value.rank = ranks.ranks[place];
    out.values.push_back(std::move(value));
  }

  // Pairs turned so that the first is the higher one, then sorted.
  std::vector<std::pair<std::pair<int, int>, ComparedPair>> pairs;
  for (ComparedPair pair : ranks.pairs) {
    if (printed[pair.first] > printed[pair.second]) {
      std::swap(pair.first, pair.second);
      pair.difference = -pair.difference;
      if (pair.probability) pair.probability = 1 - *pair.probability;
    }
    pairs.push_back({{printed[pair.first], printed[pair.second]}, pair});
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const auto& x, const auto& y) { return x.first < y.first; });

  std::vector<std::pair<int, int>> apart;
  std::vector<OrderClaim> claims;  // two a pair: that it is in this order, and that it is decided
  for (const auto& [places, pair] : pairs) {
    if (!pair.decided) continue;
    apart.push_back(places);
    const int above = arena.InReach(pair.first);
    const int below = arena.InReach(pair.second);
    claims.push_back({above, below, 0});
    claims.push_back({above, below, ranks.critical * *pair.standard_error});
  }
  out.decided = static_cast<int64_t>(apart.size());
  const int reach = static_cast<int>(arena.reach.size());
  const std::vector<PairedGame> open = arena.Open(basis);
  const std::vector<bool> depends = basis == GateBasis::kOutcomes ? OutcomesDepend(open, reach, claims)
                                                                  : MarginsDepend(open, reach, claims);
  const bool missing = std::any_of(open.begin(), open.end(),
                                   [](const PairedGame& game) { return game.missing(); });
  if (missing) {
    for (PriorityValue& value : out.values) value.rank_bounds = RankInterval{1, arena.values()};
  }
  size_t claim = 0;
  for (auto& [places, pair] : pairs) {
    bool stamped = false;
    if (pair.decided) {
      stamped = depends[claim];
      if (missing && !depends[claim + 1]) {
        ++out.values[static_cast<size_t>(places.second)].rank_bounds->low;
        --out.values[static_cast<size_t>(places.first)].rank_bounds->high;
      }
      claim += 2;
    }
    pair.first = arena.members[pair.first];
    pair.second = arena.members[pair.second];
    out.pairs.push_back({pair, stamped});
  }

  std::vector<std::vector<int>> groups =
      LetterGroups(arena.values(), apart).value_or(std::vector<std::vector<int>>());
  for (size_t g = 0; g < groups.size(); ++g) {
    for (int& item : groups[g]) {
      out.values[item].groups.push_back(static_cast<int>(g));
      item = out.values[item].value;
    }
  }
  out.groups = std::move(groups);
}

PriorityRating Rate(const Arena& arena, int clusters, GateBasis basis,
                    const PriorityOptions& options) {
  const bool outcomes = basis == GateBasis::kOutcomes;
  const auto key = [&](const char* what) {
    return RandomKey(options.seed, std::string(what) + (outcomes ? "outcomes" : "margins"),
                     options.subject,
                     std::string(options.system) + '\n' + std::to_string(arena.members[0]));
  };
  PriorityRating out;
  out.method = std::string(outcomes ? "Davidson" : "least squares") + ", HC3 by cluster, max-t";
  if (NothingDiffers(arena.games, basis)) {
    out.refusal = outcomes ? "every game was a tie" : "every score difference is 0";
    return out;
  }
  if (clusters < kFewestClusters) {
    out.refusal =
        "fewer than 6 independent clusters of games: too few to tell an order from chance";
    return out;
  }
  const RatingFit fit = outcomes ? FitDavidson(arena.games, arena.values()).rating
                                 : FitMargins(arena.games, arena.values());
  if (fit.strengths.empty()) {
    out.refusal = fit.reason;
    return out;
  }
  const std::optional<EqualValuesTest> gate =
      TestEqualValues(arena.games, arena.values(), basis, key("gate of "), options.draws);
  out.gate_p = gate->p;
  out.gate_exact = gate->exact;
  if (gate->p > 1 - options.level) {
    out.refusal = GateRefusal(arena.values(), gate->p);
    return out;
  }
  const SimultaneousRanks ranks = RanksOf(fit, key("ranks by "), options.draws, options.level);
  if (!ranks.reason.empty()) {
    out.refusal = ranks.reason;
    return out;
  }
  Arrange(arena, fit, ranks, basis, out);
  const auto hidden = std::count_if(out.pairs.begin(), out.pairs.end(), [](const auto& pair) {
    return !pair.compared.standard_error;
  });
  if (hidden > 0) {
    out.caution = std::to_string(hidden) + " of " + std::to_string(out.pairs.size()) +
                  " differences rest on one cluster and stay undecided";
  }
  if (outcomes && CompletelySeparated(arena.games, arena.values())) {
    out.separated = true;
    out.caution = "no game contradicts the order, so that no strength is finite and none is printed";
  } else if (outcomes && !StronglyConnected(arena.games, arena.values())) {
    out.caution = "finite only through the penalty: some values never lost to the others";
  }
  return out;
}

PriorityComponent Describe(const Arena& arena) {
  PriorityComponent out;
  for (const int member : arena.members) {
    PriorityCounts counts;
    counts.value = member;
    out.counts.push_back(counts);
  }
  std::set<int> clusters;
  std::set<std::pair<int, int>> met;
  out.one_case_a_pair = true;
  for (const PairedGame& game : arena.games) {
    PriorityCounts& a = out.counts[game.a];
    PriorityCounts& b = out.counts[game.b];
    if (game.missing()) {
      ++out.missing;
      ++a.missing;
      ++b.missing;
      continue;
    }
    ++out.games;
    out.partly += game.margin_open;
    clusters.insert(game.cluster);
    if (!met.insert(std::minmax(game.a, game.b)).second) out.one_case_a_pair = false;
    ++(game.points() > 0.5 ? a.wins : game.points() < 0.5 ? a.losses : a.ties);
    ++(game.points() > 0.5 ? b.losses : game.points() < 0.5 ? b.wins : b.ties);
  }
  out.clusters = static_cast<int>(clusters.size());
  return out;
}

}  // namespace

ValuePriority PriorityOf(std::span<const PairedGame> games, int values,
                         const PriorityOptions& options) {
  ValuePriority out;
  GameGraph played = PlayedGraph(games, values);
  const GameGraph planned = PlannedGraph(games, values);
  for (std::vector<int>& members : played.components) {
    Arena arena;
    arena.games = GamesAmong(games, members);
    for (const std::vector<int>& reach : planned.components) {
      if (std::binary_search(reach.begin(), reach.end(), members[0])) arena.reach = reach;
    }
    arena.planned = GamesAmong(games, arena.reach);
    arena.members = std::move(members);
    PriorityComponent component = Describe(arena);
    component.by_outcomes = Rate(arena, component.clusters, GateBasis::kOutcomes, options);
    component.by_margins = Rate(arena, component.clusters, GateBasis::kMargins, options);
    out.components.push_back(std::move(component));
  }
  out.alone = std::move(played.alone);
  if (out.components.empty()) {
    out.reason = values < 2 ? "fewer than two values" : "no game was played";
  } else if (out.components.size() > 1) {
    out.reason = "the games fall into " + std::to_string(out.components.size()) +
                 " parts that never met: ranked apart";
  } else if (!out.alone.empty()) {
    out.reason = std::to_string(out.alone.size()) + " of " + std::to_string(values) +
                 " values without a game: not ranked";
  }
  return out;
}

}  // namespace axiometer
