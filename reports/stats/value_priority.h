#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/stats/paired_games.h"
#include "reports/stats/philox.h"
#include "reports/stats/simultaneous_ranks.h"

namespace axiometer {

// Which values a subject puts first, from games between them, and how sure that is. It stands
// beside a benchmark's official ranking and never replaces it.

// Printed with every ranking of a component with `one_case_a_pair`.
inline constexpr std::string_view kOneCaseCaveat =
    "Each pair of values met in one case. A difference between two values is also a difference "
    "between those cases; nothing separates the two.";

// A pair of values as compared, with the stamp of missing outcomes.
struct PriorityPair {
  ComparedPair compared;
  bool depends_on_missing = false;  // decided, but some outcomes of missing games reverse it
};

struct PriorityValue {
  int value = 0;
  double strength = 0;  // mean 0 within the component
  std::optional<Interval> interval;  // of the strength taken alone; see SimultaneousRanks::strengths
  RankInterval rank;
  // Contains `rank`, and rests on fewer pairs: those whose difference exceeds `critical` of its standard errors (as the
  // games that were played have them) however the missing games, and those that are open, had ended. Absent if there is none.
  std::optional<RankInterval> rank_bounds;
  std::vector<int> groups;  // of PriorityRating::groups, that it belongs to
};

// One way of rating: by outcomes or by margins. `refusal` says why there is no order; then values,
// pairs and groups are empty.
struct PriorityRating {
  std::string method;
  std::string refusal;
  std::optional<double> gate_p;  // of equal values; absent if there was nothing to test
  bool gate_exact = false;       // over all sign assignments
  double critical = 0;           // of max |t|
  double df = 0;
  std::vector<PriorityValue> values;     // by strength, the highest first; equal ones by number
  std::vector<std::vector<int>> groups;  // values that cannot be told apart, in order of print;
                                         // empty if there were too many to be of use
  std::vector<PriorityPair> pairs;       // the first the stronger one; in order of print
  int64_t decided = 0;                   // pairs
  std::string caution;                   // usually empty
  // Complete separation: what the strengths would be depends on the penalty alone, and they are not to be printed. Ranks
  // and decided pairs stand.
  bool separated = false;
};

struct PriorityCounts {
  int value = 0;
  int64_t wins = 0;
  int64_t ties = 0;
  int64_t losses = 0;
  int64_t missing = 0;
};

// Values that games connect: one ranking.
struct PriorityComponent {
  std::vector<PriorityCounts> counts;  // by value
  int64_t games = 0;
  int64_t missing = 0;  // games among these values
  int64_t partly = 0;   // of `games`, those of which a part is missing
  int clusters = 0;
  bool one_case_a_pair = false;  // no pair met twice
  PriorityRating by_outcomes;    // Davidson's model; strengths in logits
  PriorityRating by_margins;     // least squares; strengths in units of the score
};

struct ValuePriority {
  std::vector<PriorityComponent> components;  // ranked apart
  std::vector<int> alone;                     // values without a game
  std::string reason;  // why there is no single ranking of all values; empty if there is
};

struct PriorityOptions {
  uint64_t seed = kReportSeed;
  int draws = 2000;
  double level = 0.95;       // joint confidence; the gate refuses at p > 1 - level
  std::string_view subject;  // these two name the random numbers
  std::string_view system;
};

// `games` between values 0 to values - 1, missing ones too. An order is refused: all games tied (or
// all margins 0), fewer than 6 clusters (the gate cannot reject), the gate's p above 1 - level, no
// convergence. Games whose winners never meet a stronger chain back (StronglyConnected) are fitted
// with a caution.
ValuePriority PriorityOf(std::span<const PairedGame> games, int values,
                         const PriorityOptions& options = {});

}  // namespace axiometer
