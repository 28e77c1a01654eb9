#include "reports/measures.h"

#include <utility>

#include "reports/benchmarks.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

Measures PoleMeasures(const RunData& run, int judge) {
  const std::vector<TaskScores> scores = ScoresByTask(run, judge);
  const std::vector<int> clusters = ClustersByTask(run);
  Measures out;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& task = run.tasks[i];
    if (task.pole_a.empty() || task.pole_b.empty()) continue;
    for (const auto& [pole, sum] :
         {std::pair(&task.pole_a, scores[i].a), {&task.pole_b, scores[i].b}}) {
      Measure& measure = out[{"axiometer", task.value_system, *pole}];
      if (measure.points.empty()) {
        measure.points.resize(run.tasks.size());
        measure.clusters = clusters;
      }
      measure.points[i] = {sum, scores[i].scored, scores[i].wanted};
    }
  }
  return out;
}

Measures LabelMeasures(const RunData& run, int judge) {
  Measures out;
  const BenchmarkReport* benchmark = FindBenchmarkReport(run.summary.run.protocol);
  if (benchmark == nullptr) return out;
  for (const LabelScheme& scheme :
       benchmark->schemes(run, run.judges[static_cast<size_t>(judge)])) {
    out[{scheme.protocol, "", scheme.name()}] = {
        PointsByTask(run, scheme, ReadLabels(run, judge, scheme)),
        ClustersByTag(run, scheme.cluster)};
  }
  return out;
}

}  // namespace

Measures MeasuresOf(const RunData& run, int judge) {
  if (judge < 0) return {};
  return run.is_answered() ? LabelMeasures(run, judge) : PoleMeasures(run, judge);
}

BoundedPair Filled(const TaskPoints& first, const TaskPoints& second, int cluster) {
  const auto low = [](const TaskPoints& points) { return points.sum / points.wanted; };
  const auto high = [](const TaskPoints& points) {
    return (points.sum + points.wanted - points.scored) / points.wanted;
  };
  // The difference is the second less the first.
  return {low(second), high(second), low(first), high(first), cluster};
}

}  // namespace axiometer
