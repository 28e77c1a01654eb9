#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/stats/contrast.h"
#include "reports/stats/paired_difference.h"

namespace axiometer {

// One task at one position of a series (turn, dose, checkpoint of a training): the mean of its
// epochs, in [0, 1].
struct SeriesRow {
  int64_t position = 0;
  int task = 0;
  int cluster = 0;  // of the task, as in Observation
  double score = 0;
};

// The score at a position less that at the first, and at the last. The first has no change from the
// first, the last none to the last.
struct PositionChange {
  int64_t position = 0;
  std::optional<PairedDifference> from_first;
  std::optional<double> from_first_adjusted_p;  // Holm over the positions but the first
  std::optional<PairedDifference> from_last;    // with the margin's equivalence
  std::optional<double> from_last_adjusted_p;   // Holm over the positions but the last
};

struct Series {
  std::vector<PositionChange> positions;  // ascending
  // Mean over the tasks that have every position of their least-squares slopes: score a position.
  Contrast slope;
  std::optional<double> slope_adjusted_p;  // a family of one without AdjustTogether
  // Essentially done: the first position from which on every position is equivalent to the last.
  // Absent without a margin, or if the position before the last is not.
  std::optional<int64_t> done_at;
  std::string reason;  // why there is nothing
};

// `options.margin` as for ComparePaired; its key is made into one for each comparison. Tasks enter
// a comparison if they have both positions. Fewer than two positions or a score outside [0, 1]:
// nothing, with the reason. A task scored twice at a position is a bug.
Series AnalyseSeries(std::span<const SeriesRow> rows, const PairedOptions& options = {});

// Corrects several series, such as the dimensions of one profile, as one: Holm over all of their
// changes from the first position, over all of those to the last, and over all slopes.
void AdjustTogether(std::span<Series> all);

}  // namespace axiometer
