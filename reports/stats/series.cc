#include "reports/stats/series.h"

#include <map>
#include <utility>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/multiplicity.h"
#include "reports/stats/philox.h"

namespace axiometer {
namespace {

struct Task {
  int cluster = 0;
  std::map<int, double> score_at;
};
using Tasks = std::map<int, Task>;

PairedDifference Change(const Tasks& tasks, int position, int reference,
                        const PairedOptions& options) {
  std::vector<PairedRow> rows;
  for (const auto& [number, task] : tasks) {
    const auto here = task.score_at.find(position);
    const auto there = task.score_at.find(reference);
    if (here == task.score_at.end() || there == task.score_at.end()) continue;
    rows.push_back({here->second - there->second, task.cluster});
  }
  PairedOptions own = options;
  own.key = RandomKey(options.key, "series", std::to_string(position), std::to_string(reference));
  return ComparePaired(rows, own);
}

Contrast Slope(const Tasks& tasks, const std::vector<int>& positions, double level) {
  double mean = 0;
  for (const int position : positions) mean += position / static_cast<double>(positions.size());
  double squares = 0;
  for (const int position : positions) squares += (position - mean) * (position - mean);
  ScoreLimits range;
  for (const int position : positions) {
    (position < mean ? range.low : range.high) += (position - mean) / squares;
  }
  ClusterSums sums;
  for (const auto& [number, task] : tasks) {
    if (task.score_at.size() < positions.size()) continue;
    double slope = 0;
    for (const auto& [position, score] : task.score_at)
      slope += (position - mean) / squares * score;
    sums[task.cluster].Add(slope);
  }
  return EstimateContrast(sums, range, level);
}

using ChangeOf = std::optional<PairedDifference> PositionChange::*;
using AdjustedOf = std::optional<double> PositionChange::*;

void Adjust(ChangeOf change, AdjustedOf adjusted, std::vector<PositionChange>& positions) {
  std::vector<std::optional<double>> family;
  for (const PositionChange& position : positions) {
    const std::optional<PairedDifference>& compared = position.*change;
    family.push_back(compared ? compared->p : std::nullopt);
  }
  const std::vector<std::optional<double>> holm = Holm(family);
  for (size_t i = 0; i < holm.size(); ++i) positions[i].*adjusted = holm[i];
}

std::optional<int> DoneAt(const std::vector<PositionChange>& positions) {
  std::optional<int> done;
  for (size_t i = positions.size() - 1; i-- > 0;) {
    const std::optional<Equivalence>& last = positions[i].from_last->equivalence;
    if (!last || !last->equivalent) break;
    done = positions[i].position;
  }
  return done;
}

}  // namespace

Series AnalyseSeries(std::span<const SeriesRow> rows, const PairedOptions& options) {
  Series out;
  Tasks tasks;
  std::map<int, int> rows_at;
  for (const SeriesRow& row : rows) {
    if (!(row.score >= 0 && row.score <= 1)) out.reason = "a score lies outside 0 to 1";
    tasks[row.task].cluster = row.cluster;
    tasks[row.task].score_at[row.position] = row.score;
    ++rows_at[row.position];
  }
  if (rows_at.size() < 2) out.reason = "fewer than two positions";
  if (!out.reason.empty()) return out;

  std::vector<int> positions;
  for (const auto& [position, count] : rows_at) positions.push_back(position);
  for (const int position : positions) {
    PositionChange change;
    change.position = position;
    if (position != positions.front()) {
      change.from_first = Change(tasks, position, positions.front(), options);
    }
    if (position != positions.back()) {
      change.from_last = Change(tasks, position, positions.back(), options);
    }
    out.positions.push_back(std::move(change));
  }
  Adjust(&PositionChange::from_first, &PositionChange::from_first_adjusted_p, out.positions);
  Adjust(&PositionChange::from_last, &PositionChange::from_last_adjusted_p, out.positions);
  out.slope = Slope(tasks, positions, options.level);
  out.done_at = DoneAt(out.positions);
  return out;
}

}  // namespace axiometer
