#include "reports/stats/paired_games.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace axiometer {
namespace {

// Union by the smaller number, so that a root is the first value of its set.
class Sets {
 public:
  explicit Sets(int size) : parent_(static_cast<size_t>(size)) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  int Root(int value) {
    while (parent_[value] != value) {
      parent_[value] = parent_[parent_[value]];
      value = parent_[value];
    }
    return value;
  }
  void Join(int a, int b) {
    a = Root(a);
    b = Root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<int> parent_;
};

GameGraph GraphOf(std::span<const PairedGame> games, int values, bool with_missing) {
  Sets sets(values);
  for (const PairedGame& game : games) {
    if (with_missing || !game.missing()) sets.Join(game.a, game.b);
  }
  std::map<int, std::vector<int>> by_root;
  for (int value = 0; value < values; ++value) by_root[sets.Root(value)].push_back(value);
  GameGraph graph;
  for (auto& [root, members] : by_root) {
    if (members.size() == 1) {
      graph.alone.push_back(root);
    } else {
      graph.components.push_back(std::move(members));
    }
  }
  return graph;
}

bool ReachesAll(const std::vector<std::vector<int>>& edges) {
  if (edges.empty()) return true;
  std::vector<bool> seen(edges.size(), false);
  std::vector<int> waiting{0};
  seen[0] = true;
  size_t count = 1;
  while (!waiting.empty()) {
    const int from = waiting.back();
    waiting.pop_back();
    for (const int to : edges[from]) {
      if (seen[to]) continue;
      seen[to] = true;
      ++count;
      waiting.push_back(to);
    }
  }
  return count == edges.size();
}

}  // namespace

double PairedGame::points() const {
  if (outcome == GameOutcome::kTie) return 0.5;
  return outcome == GameOutcome::kFirst ? 1 : 0;
}

GameGraph PlayedGraph(std::span<const PairedGame> games, int values) {
  return GraphOf(games, values, false);
}

GameGraph PlannedGraph(std::span<const PairedGame> games, int values) {
  return GraphOf(games, values, true);
}

std::vector<PairedGame> GamesAmong(std::span<const PairedGame> games,
                                   std::span<const int> members) {
  std::map<int, int> place;
  for (size_t i = 0; i < members.size(); ++i) place[members[i]] = static_cast<int>(i);
  std::vector<PairedGame> among;
  for (PairedGame game : games) {
    const auto a = place.find(game.a);
    const auto b = place.find(game.b);
    if (a == place.end() || b == place.end()) continue;
    game.a = a->second;
    game.b = b->second;
    among.push_back(game);
  }
  return among;
}

bool StronglyConnected(std::span<const PairedGame> games, int values) {
  std::vector<std::vector<int>> beats(static_cast<size_t>(values));
  std::vector<std::vector<int>> beaten(static_cast<size_t>(values));
  const auto edge = [&](int winner, int loser) {
    beats[winner].push_back(loser);
    beaten[loser].push_back(winner);
  };
  for (const PairedGame& game : games) {
    if (game.missing()) continue;
    if (game.points() > 0) edge(game.a, game.b);
    if (game.points() < 1) edge(game.b, game.a);
  }
  return ReachesAll(beats) && ReachesAll(beaten);
}

bool CompletelySeparated(std::span<const PairedGame> games, int values) {
  std::vector<std::set<int>> beaten_by(static_cast<size_t>(values));
  for (const PairedGame& game : games) {
    if (game.missing()) continue;
    if (game.outcome == GameOutcome::kTie) return false;
    const bool first = game.outcome == GameOutcome::kFirst;
    beaten_by[static_cast<size_t>(first ? game.b : game.a)].insert(first ? game.a : game.b);
  }
  // Values that nobody left has beaten are taken away, one after the other: what remains is a cycle.
  std::vector<bool> taken(static_cast<size_t>(values), false);
  for (int left = values; left > 0; --left) {
    int next = 0;
    while (next < values && (taken[static_cast<size_t>(next)] || !beaten_by[static_cast<size_t>(next)].empty())) ++next;
    if (next == values) return false;
    taken[static_cast<size_t>(next)] = true;
    for (std::set<int>& winners : beaten_by) winners.erase(next);
  }
  return true;
}

std::vector<int> ConnectedWithoutAnyCluster(std::span<const PairedGame> games, int values) {
  std::map<std::pair<int, int>, std::set<int>> clusters_of;  // of each pair that met
  for (const PairedGame& game : games) {
    if (!game.missing()) clusters_of[std::minmax(game.a, game.b)].insert(game.cluster);
  }
  // Leaving a cluster out removes the pairs that met in it alone; other clusters change nothing.
  std::set<int> candidates;
  for (const auto& [pair, clusters] : clusters_of) {
    if (clusters.size() == 1) candidates.insert(*clusters.begin());
  }
  const auto roots_without = [&](const int* left_out) {
    Sets sets(values);
    for (const auto& [pair, clusters] : clusters_of) {
      const bool removed =
          left_out != nullptr && clusters.size() == 1 && *clusters.begin() == *left_out;
      if (!removed) sets.Join(pair.first, pair.second);
    }
    std::vector<int> roots;
    for (int value = 0; value < values; ++value) roots.push_back(sets.Root(value));
    return roots;
  };
  std::vector<int> number = roots_without(nullptr);
  for (const int cluster : candidates) {
    const std::vector<int> roots = roots_without(&cluster);
    // Values stay together that were and still are.
    std::map<std::pair<int, int>, int> renumbered;
    for (int value = 0; value < values; ++value) {
      const auto key = std::pair(number[value], roots[value]);
      number[value] = renumbered.emplace(key, static_cast<int>(renumbered.size())).first->second;
    }
  }
  return number;
}

}  // namespace axiometer
