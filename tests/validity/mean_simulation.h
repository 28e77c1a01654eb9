#pragma once

#include <cmath>
#include <vector>

#include "reports/stats/mean_interval.h"
#include "tests/validity/simulation.h"

namespace axiometer {

// Scores of one subject: log odds of a cluster and of a task around a level; 0/1, or graded in quarters.
struct MeanShape {
  std::vector<int> clusters;  // rows of each
  double level = 0.5;         // log odds
  bool binary = false;
  double between = 0.5;  // standard deviation of clusters, on the log odds
};

inline double DrawScore(double log_odds, bool binary, Dice& dice) {
  if (binary) return dice.Uniform() < Expit(log_odds);
  return std::round(4 * Expit(log_odds + 0.7 * dice.Normal())) / 4;
}

inline std::vector<Observation> DrawRows(const MeanShape& shape, Dice& dice) {
  std::vector<Observation> rows;
  for (size_t g = 0; g < shape.clusters.size(); ++g) {
    const double cluster = shape.level + shape.between * dice.Normal();
    for (int i = 0; i < shape.clusters[g]; ++i) {
      rows.push_back({DrawScore(cluster + 0.7 * dice.Normal(), shape.binary, dice), static_cast<int>(g), 0});
    }
  }
  return rows;
}

// The expected score, from many clusters of one row.
inline double TrueMean(const MeanShape& shape, Dice& dice) {
  constexpr int kRows = 400'000;
  MeanShape many = shape;
  many.clusters.assign(kRows, 1);
  double sum = 0;
  for (const Observation& row : DrawRows(many, dice)) sum += row.score;
  return sum / kRows;
}

inline Rate SimulateMean(const MeanShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  const double truth = TrueMean(shape, dice);
  Rate covered;
  for (int i = 0; i < repetitions; ++i) {
    const Estimate estimate =
        MeanInterval(DrawRows(shape, dice), shape.binary ? ScoreScale::kBinary : ScoreScale::kGraded);
    CountCover(estimate, truth, covered);
  }
  return covered;
}

// A value system: every pair of values meets in one case but for the first `skipped`, cases fall into environments in
// turn, and both sides of a case are scored. The truth is the mean of the values' levels.
struct SystemShape {
  int values = 5;
  int skipped = 0;
  int environments = 10;
};

inline Rate SimulateSystemMean(const SystemShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  std::vector<double> levels;
  double truth = 0;
  for (int v = 0; v < shape.values; ++v) {
    levels.push_back(0.5 + 0.7 * dice.Normal());
    truth += TrueMean({{}, levels.back()}, dice) / shape.values;
  }
  Rate covered;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<double> environments(static_cast<size_t>(shape.environments));
    for (double& effect : environments) effect = 0.5 * dice.Normal();
    std::vector<Observation> rows;
    int pair = 0;
    for (int a = 0; a < shape.values; ++a) {
      for (int b = a + 1; b < shape.values; ++b) {
        if (pair++ < shape.skipped) continue;
        const int environment = static_cast<int>(rows.size() / 2) % shape.environments;
        for (const int value : {a, b}) {
          const double log_odds = levels[static_cast<size_t>(value)] + environments[static_cast<size_t>(environment)];
          rows.push_back({DrawScore(log_odds + 0.7 * dice.Normal(), false, dice), environment, value});
        }
      }
    }
    const Estimate estimate = SystemMean(rows);
    CountCover(estimate, truth, covered);
  }
  return covered;
}

// Scores go missing, the lower the likelier: how often the bounds hold the mean of the complete data.
inline Rate SimulateMeanBounds(const MeanShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate held;
  for (int i = 0; i < repetitions; ++i) {
    const std::vector<Observation> complete = DrawRows(shape, dice);
    std::vector<Observation> lowest = complete;
    std::vector<Observation> highest = complete;
    double mean = 0;
    for (size_t row = 0; row < complete.size(); ++row) {
      mean += complete[row].score / static_cast<double>(complete.size());
      if (dice.Uniform() > 0.5 - 0.4 * complete[row].score) continue;
      lowest[row].score = 0;
      highest[row].score = 1;
    }
    const std::optional<Bounds> bounds = WorstCase(lowest, highest);
    held.Count(bounds && bounds->low <= mean + 1e-12 && mean <= bounds->high + 1e-12);
  }
  return held;
}

}  // namespace axiometer
