#include "reports/stats/series.h"

#include <cmath>
#include <map>
#include <utility>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/multiplicity.h"
#include "reports/stats/philox.h"

namespace axiometer {
namespace {

struct SeriesTask {
  int cluster = 0;
  std::map<int64_t, double> score_at;
};
using Tasks = std::map<int, SeriesTask>;

PairedDifference Change(const Tasks& tasks, int64_t position, int64_t reference,
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

// Fitted over positions from 0 to 1, so that what counts as no spread does not depend on their
// unit, then put back.
Contrast Slope(const Tasks& tasks, const std::vector<int64_t>& positions, double level) {
  const auto first = static_cast<double>(positions.front());
  const double span = static_cast<double>(positions.back()) - first;
  const auto at = [&](int64_t position) { return (static_cast<double>(position) - first) / span; };
  double mean = 0;
  for (const int64_t position : positions)
    mean += at(position) / static_cast<double>(positions.size());
  double squares = 0;
  for (const int64_t position : positions) squares += std::pow(at(position) - mean, 2);
  const auto weight = [&](int64_t position) { return (at(position) - mean) / squares; };
  ScoreLimits range;
  for (const int64_t position : positions) {
    (weight(position) < 0 ? range.low : range.high) += weight(position);
  }
  ClusterSums sums;
  for (const auto& [number, task] : tasks) {
    if (task.score_at.size() < positions.size()) continue;
    double slope = 0;
    for (const auto& [position, score] : task.score_at) slope += weight(position) * score;
    sums[task.cluster].Add(slope);
  }
  Contrast out = EstimateContrast(sums, range, level);
  if (out.estimate.value) *out.estimate.value /= span;
  if (out.estimate.interval) {
    out.estimate.interval->low /= span;
    out.estimate.interval->high /= span;
  }
  return out;
}

using ChangeOf = std::optional<PairedDifference> PositionChange::*;
using AdjustedOf = std::optional<double> PositionChange::*;

void Adjust(ChangeOf change, AdjustedOf adjusted, std::span<Series> all) {
  std::vector<std::optional<double>> family;
  for (const Series& series : all) {
    for (const PositionChange& position : series.positions) {
      const std::optional<PairedDifference>& compared = position.*change;
      family.push_back(compared ? compared->p : std::nullopt);
    }
  }
  const std::vector<std::optional<double>> holm = Holm(family);
  size_t next = 0;
  for (Series& series : all) {
    for (PositionChange& position : series.positions) position.*adjusted = holm[next++];
  }
}

std::optional<int64_t> DoneAt(const std::vector<PositionChange>& positions) {
  std::optional<int64_t> done;
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
  std::map<int64_t, int> rows_at;
  for (const SeriesRow& row : rows) {
    if (!(row.score >= 0 && row.score <= 1)) out.reason = "a score lies outside 0 to 1";
    tasks[row.task].cluster = row.cluster;
    tasks[row.task].score_at[row.position] = row.score;
    ++rows_at[row.position];
  }
  if (rows_at.size() < 2) out.reason = "fewer than two positions";
  if (!out.reason.empty()) return out;

  std::vector<int64_t> positions;
  for (const auto& [position, count] : rows_at) positions.push_back(position);
  for (const int64_t position : positions) {
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
  out.slope = Slope(tasks, positions, options.level);
  out.done_at = DoneAt(out.positions);
  AdjustTogether(std::span(&out, 1));
  return out;
}

void AdjustTogether(std::span<Series> all) {
  Adjust(&PositionChange::from_first, &PositionChange::from_first_adjusted_p, all);
  Adjust(&PositionChange::from_last, &PositionChange::from_last_adjusted_p, all);
  std::vector<std::optional<double>> family;
  for (const Series& series : all) family.push_back(series.slope.p);
  const std::vector<std::optional<double>> holm = Holm(family);
  for (size_t i = 0; i < all.size(); ++i) all[i].slope_adjusted_p = holm[i];
}

}  // namespace axiometer
