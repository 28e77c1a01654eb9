#include "reports/stats/variance_components.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr double kEqualScores = 1e-14;  // a variance that is rounding alone

// The rows in groups, each inside one group of the level above.
struct Level {
  std::vector<size_t> group_of_row;
  std::vector<double> size;
  std::vector<double> mean;
  std::optional<VarianceComponent>* component = nullptr;  // absent: the level of all rows
};

template <class Key>
Level GroupBy(std::span<const RepeatedScore> rows, Key key) {
  Level level;
  std::map<decltype(key(rows[0], size_t{0})), size_t> numbers;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto [at, added] = numbers.emplace(key(rows[i], i), numbers.size());
    if (added) {
      level.size.push_back(0);
      level.mean.push_back(0);
    }
    level.group_of_row.push_back(at->second);
    level.size[at->second] += 1;
    level.mean[at->second] += rows[i].score;
  }
  for (size_t g = 0; g < level.size.size(); ++g) level.mean[g] /= level.size[g];
  return level;
}

// From all rows down to single ones, without the levels that have nothing to compare: of two levels
// with the same groups the coarser stays, but tasks and not their own clusters.
std::vector<Level> LevelsOf(std::span<const RepeatedScore> rows, VarianceComponents& out) {
  std::vector<Level> levels;
  levels.push_back(GroupBy(rows, [](const RepeatedScore&, size_t) { return 0; }));
  Level tasks = GroupBy(rows, [](const RepeatedScore& row, size_t) { return row.task; });
  Level clusters = GroupBy(rows, [](const RepeatedScore& row, size_t) { return row.cluster; });
  out.own_clusters = clusters.size.size() == tasks.size.size();
  const auto add = [&](Level level, std::optional<VarianceComponent>& component) {
    if (level.size.size() == levels.back().size.size()) return;
    level.component = &component;
    levels.push_back(std::move(level));
  };
  if (!out.own_clusters) add(std::move(clusters), out.clusters);
  add(std::move(tasks), out.tasks);
  add(GroupBy(rows,
              [](const RepeatedScore& row, size_t) { return std::pair(row.task, row.epoch); }),
      out.repetition);
  add(GroupBy(rows, [](const RepeatedScore&, size_t row) { return row; }), out.judge);
  return levels;
}

// Sum of n_h^2 / n_parent over the groups h of `fine`: what a component of `fine` adds to the
// uncorrected sum of squares of `coarse`.
double Expected(const Level& coarse, const Level& fine) {
  std::vector<double> parent(fine.size.size());
  for (size_t i = 0; i < fine.group_of_row.size(); ++i) {
    parent[fine.group_of_row[i]] = coarse.size[coarse.group_of_row[i]];
  }
  double sum = 0;
  for (size_t h = 0; h < parent.size(); ++h) sum += fine.size[h] * fine.size[h] / parent[h];
  return sum;
}

double SumOfSquares(const Level& above, const Level& level) {
  double sum = 0;
  for (size_t i = 0; i < level.group_of_row.size(); ++i) {
    const double difference = level.mean[level.group_of_row[i]] - above.mean[above.group_of_row[i]];
    sum += difference * difference;
  }
  return sum;
}

// Mean squares set equal to their expectations, solved from the finest level up.
void SolveComponents(const std::vector<Level>& levels) {
  for (size_t i = levels.size() - 1; i > 0; --i) {
    const Level& level = levels[i];
    const Level& above = levels[i - 1];
    VarianceComponent component;
    component.df = static_cast<double>(level.size.size() - above.size.size());
    component.mean_square = SumOfSquares(above, level) / component.df;
    const auto coefficient = [&](const Level& fine) {
      return (Expected(level, fine) - Expected(above, fine)) / component.df;
    };
    double finer = 0;
    for (size_t j = i + 1; j < levels.size(); ++j) {
      finer += coefficient(levels[j]) * (*levels[j].component)->estimate;
    }
    component.coefficient = coefficient(level);
    component.estimate = (component.mean_square - finer) / component.coefficient;
    component.variance = std::max(0.0, component.estimate);
    *level.component = component;
  }
}

// One task: the mean of its epochs, and how many those are in effect.
struct TaskMean {
  double mean = 0;
  double epochs = 0;
  double per_judgement = 0;  // 1 / (epochs judgements): what a judge's variance is multiplied by
  int cluster = 0;
};

std::vector<TaskMean> MeansOfTasks(std::span<const RepeatedScore> rows) {
  std::map<int, std::map<int, ClusterSum>> tasks;
  std::map<int, int> cluster_of;
  for (const RepeatedScore& row : rows) {
    tasks[row.task][row.epoch].Add(row.score);
    cluster_of[row.task] = row.cluster;
  }
  std::vector<TaskMean> means;
  for (const auto& [task, epochs] : tasks) {
    TaskMean mean;
    mean.epochs = static_cast<double>(epochs.size());
    mean.cluster = cluster_of[task];
    for (const auto& [epoch, sum] : epochs) {
      mean.mean += sum.total / sum.count / mean.epochs;
      mean.per_judgement += 1 / sum.count / (mean.epochs * mean.epochs);
    }
    means.push_back(mean);
  }
  return means;
}

void SetDesign(const std::vector<TaskMean>& tasks, VarianceComponents& out) {
  const auto count = static_cast<double>(tasks.size());
  ClusterSums clusters;
  ClusterSums alone;
  double per_epoch = 0;
  double per_judgement = 0;
  for (const TaskMean& task : tasks) {
    clusters[task.cluster].Add(task.mean);
    alone[static_cast<int>(alone.size())].Add(task.mean);
    per_epoch += 1 / task.epochs / count;
    per_judgement += task.per_judgement / count;
  }
  double squares = 0;
  for (const auto& [cluster, sum] : clusters) squares += std::pow(sum.count / count, 2);
  out.design = {1 / squares, count, 1 / per_epoch, per_epoch / per_judgement};
  const ClusterMean mean = *MeanOfClusters(clusters);
  const ClusterMean naive = *MeanOfClusters(alone);
  out.cluster_count = mean.clusters;
  out.df = mean.df;
  if (mean.clusters > 1 && !naive.no_spread()) {
    out.design_effect = mean.variance / naive.variance;
  }
}

double VarianceOf(const std::optional<VarianceComponent>& component) {
  return component ? component->variance : 0;
}

std::string Percent(double share) {
  const double percent = std::round(100 * share);
  if (percent < 1 && share > 0) return "less than 1 %";
  return std::to_string(static_cast<int>(percent)) + " %";
}

std::string OrdinalEpoch(double epochs) {
  static constexpr const char* kOrdinals[] = {"A second", "A third",   "A fourth", "A fifth",
                                              "A sixth",  "A seventh", "An eighth"};
  const double whole = std::round(epochs);
  if (std::fabs(epochs - whole) > 1e-9 || whole > 7) return "One more epoch";
  return std::string(kOrdinals[static_cast<size_t>(whole) - 1]) + " epoch";
}

struct NamedPart {
  std::string name;
  const VarianceComponent* component = nullptr;
  double part = 0;  // of the variance of the mean
};

// With what lies inside a level in its name.
std::vector<NamedPart> PartsOf(const VarianceComponents& noise) {
  const NoiseDesign& design = noise.design;
  std::vector<NamedPart> parts;
  const auto add = [&](std::string name, const std::optional<VarianceComponent>& component,
                       double divisor) {
    if (component) parts.push_back({std::move(name), &*component, component->variance / divisor});
  };
  const std::string judge_inside = noise.judge ? "" : " (judge inside)";
  add("clusters", noise.clusters, design.clusters);
  add(noise.repetition ? "tasks" : "tasks (repetition inside)", noise.tasks, design.tasks);
  add("repetition" + judge_inside, noise.repetition, design.tasks * design.epochs);
  add("judge", noise.judge, design.tasks * design.epochs * design.judges);
  return parts;
}

}  // namespace

VarianceComponents EstimateNoise(std::span<const RepeatedScore> rows) {
  VarianceComponents out;
  if (rows.size() < 2) {
    out.reason = rows.empty() ? "never scored" : "scored once";
    return out;
  }
  if (!std::all_of(rows.begin(), rows.end(),
                   [](const RepeatedScore& row) { return std::isfinite(row.score); })) {
    out.reason = "a score is not a number";
    return out;
  }
  const std::vector<Level> levels = LevelsOf(rows, out);
  SolveComponents(levels);
  SetDesign(MeansOfTasks(rows), out);
  return out;
}

double VarianceOfMean(const VarianceComponents& noise, const NoiseDesign& design) {
  const double runs = design.tasks * design.epochs;
  return VarianceOf(noise.clusters) / design.clusters + VarianceOf(noise.tasks) / design.tasks +
         VarianceOf(noise.repetition) / runs + VarianceOf(noise.judge) / (runs * design.judges);
}

double DegreesOfFreedom(const VarianceComponents& noise, const NoiseDesign& design) {
  if (noise.df <= 0) return 0;
  return noise.df * (design.clusters - 1) / (noise.design.clusters - 1);
}

NoiseDesign WithMoreTasks(const VarianceComponents& noise, double more) {
  NoiseDesign design = noise.design;
  design.tasks += more;
  if (noise.own_clusters) design.clusters = design.tasks;
  return design;
}

NoiseDesign WithMoreEpochs(const VarianceComponents& noise, double more) {
  NoiseDesign design = noise.design;
  design.epochs += more;
  return design;
}

std::optional<double> Narrowing(const VarianceComponents& noise, const NoiseDesign& design,
                                double level) {
  const double now = VarianceOfMean(noise, noise.design);
  const std::optional<double> t = UpperTQuantile((1 - level) / 2, noise.df);
  const std::optional<double> then_t =
      UpperTQuantile((1 - level) / 2, DegreesOfFreedom(noise, design));
  if (!(now > 0) || !t || !then_t) return std::nullopt;
  return 1 - *then_t / *t * std::sqrt(VarianceOfMean(noise, design) / now);
}

std::optional<TheseTasks> OfTheseTasks(const VarianceComponents& noise) {
  if (!noise.repetition) return std::nullopt;
  const NoiseDesign& design = noise.design;
  const double judge = noise.judge ? noise.judge->estimate : 0;
  // Not cut at 0: with equal numbers this is the mean square of repetition over all rows.
  const double variance =
      (noise.repetition->estimate + judge / design.judges) / (design.tasks * design.epochs);
  return TheseTasks{std::max(0.0, variance), noise.repetition->df};
}

std::vector<NoiseShare> SharesOfNoise(const VarianceComponents& noise) {
  std::vector<NoiseShare> out;
  const double variance = VarianceOfMean(noise, noise.design);
  if (!noise.reason.empty() || variance < kEqualScores) return out;
  for (const NamedPart& part : PartsOf(noise)) {
    out.push_back({part.name.substr(0, part.name.find(" (")), part.part / variance, part.component->estimate < 0});
  }
  return out;
}

std::string DescribeNoise(const VarianceComponents& noise, int more_tasks, double level) {
  if (!noise.reason.empty()) return "Nothing is known of the noise: " + noise.reason + ".";
  const double variance = VarianceOfMean(noise, noise.design);
  if (variance < kEqualScores) return "Nothing is known of the noise: all scores are equal.";
  std::string text;
  std::string indistinct;
  for (const NamedPart& part : PartsOf(noise)) {
    const bool first = text.empty();
    text += (first ? "Of the variance of this mean " : ", ") + Percent(part.part / variance) +
            (first ? " is " : " ") + part.name;
    if (part.component->estimate < 0) {
      indistinct += (indistinct.empty() ? "" : " and ") + part.name;
    }
  }
  text += '.';
  if (!indistinct.empty()) text += " Not distinguishable from 0: " + indistinct + '.';
  std::string more;
  const auto add = [&](const std::string& what, const NoiseDesign& design) {
    const std::optional<double> narrowing = Narrowing(noise, design, level);
    if (!narrowing) return;
    more += more.empty() ? " " + what + " would narrow the interval by " : "; " + what + " by ";
    more += Percent(std::max(0.0, *narrowing));
  };
  if (noise.repetition) add(OrdinalEpoch(noise.design.epochs), WithMoreEpochs(noise, 1));
  if (more_tasks > 0) {
    const std::string where = noise.own_clusters ? "" : " in the same clusters";
    add(std::to_string(more_tasks) + " more tasks" + where, WithMoreTasks(noise, more_tasks));
  }
  return more.empty() ? text : text + more + '.';
}

}  // namespace axiometer
