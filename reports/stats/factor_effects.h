#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// What was varied between runs: "skill" with "off" and "on". The first level is the one that the
// others are held against.
struct Factor {
  std::string name;
  std::vector<std::string> levels;
};

// One task in one run: the mean of its epochs, in [0, 1].
struct FactorRow {
  std::vector<int> levels;  // the run's cell: a level number for each factor
  int run = 0;              // runs of one cell are averaged, task by task
  int task = 0;
  int cluster = 0;  // of the task, as in Observation
  double score = 0;
};

// How far one level of a factor moves the score (main effect), or how far one level of another
// factor moves that (2 x 2 interaction).
struct FactorEffect {
  std::string name;  // "skill: on - off"; "skill: on - off x model: b - a"
  bool interaction = false;
  Estimate estimate;        // over tasks that have every cell that it needs; none if aliased
  std::optional<double> p;  // of no effect
  std::string p_reason;     // why p is absent
  std::optional<double> adjusted_p;  // Holm over all effects here
  // Effects that the missing cells do not let it be told from, as names. With an estimate: it
  // assumes those to be 0. Without one: it was not estimated.
  std::vector<std::string> aliased_with;
};

// The caution of an interaction of which some cell has a single run.
inline constexpr char kRunToRunNoise[] = "the interaction includes run-to-run noise";

struct FactorEffects {
  std::vector<FactorEffect> effects;       // main effects by factor and level, then interactions
  std::vector<std::string> missing_cells;  // no run: "skill on, model b"
  std::string reason;                      // why there are no effects
};

// Effects of runs that did the same tasks. Each is a contrast of cells, worked out task by task,
// then EstimateContrast over tasks: for a main effect the mean over the other factors' cells, with
// equal weights, of one level less that of the first; for an interaction (y11 - y10) - (y01 - y00),
// likewise. With cells missing the contrast is the least-squares one with task fixed effects; what
// is a sum of effects before it in the list is aliased, named and not estimated (rank below the
// number of columns). Interactions of three factors and more are not in the model. A cell of one
// run: every interaction carries the caution that it includes run-to-run noise. Levels outside
// their factor are a bug; a score outside [0, 1], or fewer than two cells: no effects, with the
// reason.
FactorEffects EstimateFactorEffects(std::span<const Factor> factors,
                                    std::span<const FactorRow> rows, double level = 0.95);

}  // namespace axiometer
