#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/agent_valuebench.h"

namespace axiometer::valuebench {
namespace {

constexpr double kTied = 1e-9;

// Games of one value system.
struct Games {
  int64_t cases = 0;
  std::map<std::string, RankedValue, std::less<>> values;
  std::map<std::pair<std::string, std::string>, PairGames> pairs;
};

RankedValue& ValueOf(Games& games, std::string_view name) {
  const auto found = games.values.find(name);
  if (found != games.values.end()) return found->second;
  RankedValue value;
  value.name = name;
  return games.values.emplace(value.name, value).first->second;
}

void AddGame(const CaseScore& game, Games& games) {
  // Reads the details file's rounded numbers.
  const double a = RoundScore(game.a);
  const double b = RoundScore(game.b);
  RankedValue& value_a = ValueOf(games, game.value_a);
  RankedValue& value_b = ValueOf(games, game.value_b);
  const bool in_order = game.value_a < game.value_b;
  std::pair<std::string, std::string> key(in_order ? game.value_a : game.value_b,
                                          in_order ? game.value_b : game.value_a);
  PairGames& pair = games.pairs[key];
  pair.first = key.first;
  pair.second = key.second;
  ++games.cases;
  ++value_a.cases;
  ++value_b.cases;
  ++pair.cases;
  if (a == b) {
    ++value_a.ties;
    ++value_b.ties;
    ++pair.ties;
    return;
  }
  ++(a > b ? value_a : value_b).wins;
  ++(a > b ? value_b : value_a).losses;
  ++((a > b) == in_order ? pair.wins_first : pair.wins_second);
}

using Edges = std::vector<std::vector<int>>;

bool ReachesAll(const Edges& edges) {
  std::vector<bool> seen(edges.size(), false);
  std::vector<int> waiting{0};
  seen[0] = true;
  size_t count = 1;
  while (!waiting.empty()) {
    const int node = waiting.back();
    waiting.pop_back();
    for (const int next : edges[node]) {
      if (seen[next]) continue;
      seen[next] = true;
      ++count;
      waiting.push_back(next);
    }
  }
  return count == edges.size();
}

// Wins with smoothing and games, row by row; unobserved pairs are 0 and still enter the sums.
struct Tournament {
  size_t size = 0;
  std::vector<double> wins;
  std::vector<double> games;
};

std::vector<double> Centred(std::vector<double> strengths) {
  double log_sum = 0;
  for (const double strength : strengths) log_sum += std::log(strength);
  const double scale = std::exp(log_sum / static_cast<double>(strengths.size()));
  for (double& strength : strengths) strength = strength / scale;
  return strengths;
}

std::vector<double> Fit(const Tournament& t, int& iterations, bool& converged) {
  std::vector<double> strengths(t.size, 1.0);
  std::vector<double> next(t.size);
  converged = false;
  for (iterations = 1; iterations <= kMaxIterations; ++iterations) {
    for (size_t i = 0; i < t.size; ++i) {
      double wins = 0;
      double denominator = 0;
      for (size_t j = 0; j < t.size; ++j) {
        if (j == i) continue;
        wins += t.wins[i * t.size + j];
        const double games = t.games[i * t.size + j];
        if (games > 0) denominator += games / (strengths[i] + strengths[j]);
      }
      next[i] = wins / denominator;
    }
    next = Centred(std::move(next));
    double delta = 0;
    for (size_t i = 0; i < t.size; ++i) {
      delta = std::max(delta, std::fabs(std::log(next[i]) - std::log(strengths[i])));
    }
    strengths = next;
    if (delta < kTolerance) {
      converged = true;
      return strengths;
    }
  }
  iterations = kMaxIterations;
  return strengths;
}

void MarkTies(std::vector<RankedValue>& ranking) {
  for (size_t i = 1; i < ranking.size(); ++i) {
    if (std::fabs(ranking[i].log_strength - ranking[i - 1].log_strength) > kTied) continue;
    ranking[i].tied = true;
    ranking[i - 1].tied = true;
  }
}

SystemPriority Rank(const Games& games) {
  SystemPriority out;
  out.cases = games.cases;
  std::map<std::string, int> index;
  std::vector<RankedValue> values;
  for (const auto& [name, value] : games.values) {
    index[name] = static_cast<int>(values.size());
    values.push_back(value);
  }
  Tournament tournament;
  tournament.size = values.size();
  tournament.wins.resize(values.size() * values.size());
  tournament.games.resize(values.size() * values.size());
  Edges either(values.size());
  Edges beats(values.size());
  Edges beaten(values.size());
  for (const auto& [names, pair] : games.pairs) {
    out.pairs.push_back(pair);
    const int i = index[pair.first];
    const int j = index[pair.second];
    const double wins_i = EffectiveWins(pair.wins_first, pair.ties);
    const double wins_j = EffectiveWins(pair.wins_second, pair.ties);
    either[i].push_back(j);
    either[j].push_back(i);
    const auto edge = [&](int from, int to) {
      beats[from].push_back(to);
      beaten[to].push_back(from);
    };
    if (wins_i > 0) edge(i, j);
    if (wins_j > 0) edge(j, i);
    const size_t ij = i * values.size() + j;
    const size_t ji = j * values.size() + i;
    tournament.wins[ij] = wins_i + kSmoothing;
    tournament.wins[ji] = wins_j + kSmoothing;
    tournament.games[ij] = static_cast<double>(pair.cases) + 2 * kSmoothing;
    tournament.games[ji] = tournament.games[ij];
  }
  out.connected = ReachesAll(either);
  if (!out.connected) {
    out.reason = "the pairs played do not connect all values, so no common scale exists";
    return out;
  }
  out.strongly_connected = ReachesAll(beats) && ReachesAll(beaten);

  const std::vector<double> strengths = Fit(tournament, out.iterations, out.converged);
  double mean = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i].log_strength = std::log(strengths[i]);
    mean += values[i].log_strength;
  }
  mean = mean / static_cast<double>(values.size());
  for (RankedValue& value : values) {
    value.log_strength = value.log_strength - mean;
    value.strength = std::exp(value.log_strength);
  }
  std::stable_sort(values.begin(), values.end(), [](const RankedValue& x, const RankedValue& y) {
    return x.log_strength > y.log_strength;
  });
  int rank = 0;
  for (RankedValue& value : values) value.rank = ++rank;
  MarkTies(values);
  out.ranking = std::move(values);
  return out;
}

}  // namespace

std::map<std::string, SystemPriority, std::less<>> Priority(const std::vector<CaseScore>& cases) {
  std::map<std::string, Games, std::less<>> games;
  for (const CaseScore& one : cases) {
    if (!one.status_ok) continue;
    auto system = games.find(one.value_system);
    if (system == games.end()) system = games.emplace(one.value_system, Games()).first;
    AddGame(one, system->second);
  }
  std::map<std::string, SystemPriority, std::less<>> systems;
  for (const auto& [key, of_system] : games) systems.emplace(key, Rank(of_system));
  return systems;
}

}  // namespace axiometer::valuebench
