#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace axiometer {

// One judgement of one epoch of one task. Rows of the same task and epoch are repeats of the judge.
// A task lies in one cluster. Different judges are no repeats and do not belong here.
struct RepeatedScore {
  double score = 0;
  int task = 0;
  int epoch = 0;
  int cluster = 0;
};

// The part of the variance of a single score that one level of a nested design adds.
struct VarianceComponent {
  double variance = 0;  // the estimate, at least 0
  // As estimated; below 0 by chance: "not distinguishable from 0".
  double estimate = 0;
  // Where it comes from: the level's mean square, its degrees of freedom and its own component's
  // share in the expectation of that mean square.
  double mean_square = 0;
  double df = 0;
  double coefficient = 0;
};

// How many there are of everything. With unequal numbers, the equal ones that would give the mean
// the same variance: harmonic means, and 1 / sum p_g^2 clusters.
struct NoiseDesign {
  double clusters = 0;
  double tasks = 0;
  double epochs = 0;  // a task
  double judges = 0;  // judgements an epoch
};

// Where the noise of a mean over tasks comes from. Nested analysis of variance, method of moments,
// balanced or not (Searle, Casella & McCulloch 1992, ch. 3 and 5). A level that has nothing to
// compare is inside the next coarser one.
struct VarianceComponents {
  NoiseDesign design;
  int cluster_count = 0;
  bool own_clusters = true;  // every task is its own cluster
  // Absent: every task is its own cluster, or all are in one.
  std::optional<VarianceComponent> clusters;
  std::optional<VarianceComponent> tasks;       // absent: one task
  std::optional<VarianceComponent> repetition;  // absent: one epoch; then inside `tasks`
  std::optional<VarianceComponent> judge;       // absent: one judgement; then inside the one above
  // Of the interval of the mean, as in ClusterMean; 0: no interval.
  double df = 0;
  // CR2 variance of the mean of tasks by cluster over the one that ignores clusters; absent without
  // spread or with one cluster.
  std::optional<double> design_effect;
  std::string reason;  // why all components are absent; empty if one is there
};

VarianceComponents EstimateNoise(std::span<const RepeatedScore> rows);

// Variance of the mean under a design: clusters/G + tasks/T + repetition/(T E) + judge/(T E J).
double VarianceOfMean(const VarianceComponents& noise, const NoiseDesign& design);

// Degrees of freedom under a design: those of the data, in proportion to clusters less 1.
double DegreesOfFreedom(const VarianceComponents& noise, const NoiseDesign& design);

// The design of the data with more of something. More tasks are in new clusters if every task is
// its own cluster, in the old clusters otherwise.
NoiseDesign WithMoreTasks(const VarianceComponents& noise, double more);
NoiseDesign WithMoreEpochs(const VarianceComponents& noise, double more);

// By which share the interval would be shorter under `design`:
// 1 - (t(df') / t(df)) sqrt(V' / V). nullopt without variance or degrees of freedom.
std::optional<double> Narrowing(const VarianceComponents& noise, const NoiseDesign& design,
                                double level = 0.95);

// The second target, "these very tasks" and no others: repetition and judge alone. Without
// repetition nullopt. Degrees of freedom T (E - 1). Print it only when asked for, and labelled.
struct TheseTasks {
  double variance = 0;  // of the mean
  double df = 0;
};
std::optional<TheseTasks> OfTheseTasks(const VarianceComponents& noise);

// What share of the variance of the mean one level is, 0 to 1; together 1.
struct NoiseShare {
  std::string part;         // "clusters", "tasks", "repetition", "judge"
  double share = 0;
  bool indistinct = false;  // estimated below 0, which chance does: not distinguishable from 0
};
// By level, coarse to fine; empty where nothing is known or all scores are equal.
std::vector<NoiseShare> SharesOfNoise(const VarianceComponents& noise);

// "Of the variance of this mean 71 % is tasks, 22 % repetition, 7 % judge. A third epoch would
// narrow the interval by 4 %; 40 more tasks by 18 %." Or why nothing can be said.
std::string DescribeNoise(const VarianceComponents& noise, int more_tasks, double level = 0.95);

}  // namespace axiometer
