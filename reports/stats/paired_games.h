#pragma once

#include <span>
#include <vector>

namespace axiometer {

// Values that meet in pairs, one game a case. A priority of values is fitted to such games.

enum class GameOutcome { kFirst, kTie, kSecond, kMissing };

// `a` met `b`; a != b, both in 0 to values - 1 (anything else is a bug). Games of one `cluster`
// (any number: environment, situation) may depend on each other.
struct PairedGame {
  int a = 0;
  int b = 0;
  GameOutcome outcome = GameOutcome::kMissing;
  double margin = 0;  // score of a less that of b, -1 to 1; without meaning if missing
  int cluster = 0;
  // A part of it is missing, such as an epoch of a task, which could change the outcome; which could change the margin.
  // What is there is fitted; what is said of missing outcomes takes such a game as missing.
  bool outcome_open = false;
  bool margin_open = false;

  bool missing() const { return outcome == GameOutcome::kMissing; }
  double points() const;  // of a: 1, 1/2 or 0; not for a missing game
};

// The values that games connect, directly or through others: only they have a common scale. Each
// in ascending order, the components by their first value.
struct GameGraph {
  std::vector<std::vector<int>> components;  // of two or more values
  std::vector<int> alone;                    // values without a game
};
// Missing games connect nothing.
GameGraph PlayedGraph(std::span<const PairedGame> games, int values);
// Missing games connect too: what might have been one scale.
GameGraph PlannedGraph(std::span<const PairedGame> games, int values);

// The games, missing ones too, of which both values are in `members`; there, values are numbered by
// their place in `members`.
std::vector<PairedGame> GamesAmong(std::span<const PairedGame> games, std::span<const int> members);

// Whether every value beats every other through a chain of wins or ties. If not, some set of values
// never lost to the rest and no maximum-likelihood strengths exist (Ford 1957).
bool StronglyConnected(std::span<const PairedGame> games, int values);

// Whether the games contradict no order at all: none is tied, and no chain of wins leads back. Then no difference of
// strengths is finite without a penalty (complete separation; Albert & Anderson 1984, Biometrika 71).
bool CompletelySeparated(std::span<const PairedGame> games, int values);

// A number for every value: two values have the same one if the games still connect them whichever
// single cluster is left out. A difference between values of different numbers rests on one
// cluster, and its sampling variance cannot be seen in the data.
std::vector<int> ConnectedWithoutAnyCluster(std::span<const PairedGame> games, int values);

}  // namespace axiometer
