#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "reports/stats/factor_effects.h"
#include "reports/stats/planner.h"
#include "reports/stats/series.h"
#include "reports/stats/probability.h"
#include "tests/validity/mean_simulation.h"

namespace axiometer {

// A pilot whose scores have known components of variance; the plan says how many tasks it takes to be 80 % sure of a
// half width. Counted: pilots whose plan keeps that, by the true components.
struct PilotShape {
  int tasks = 20;
  int epochs = 2;
  double task_sd = 0.2;
  double epoch_sd = 0.15;
};

inline Rate SimulatePlans(const PilotShape& shape, double half_width, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate kept;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<RepeatedScore> rows;
    for (int task = 0; task < shape.tasks; ++task) {
      const double level = 0.5 + shape.task_sd * dice.Normal();
      for (int epoch = 1; epoch <= shape.epochs; ++epoch) {
        rows.push_back({level + shape.epoch_sd * dice.Normal(), task, epoch, task});
      }
    }
    const VarianceComponents pilot = EstimateNoise(rows);
    TaskPlanRequest request;
    request.half_width = half_width;
    request.costs.run = 1;
    const TaskPlans plans = PlanTasks(pilot, request);
    if (plans.plans.empty() || !plans.plans.front().tasks_to_be_sure) {
      kept.Count(false);
      continue;
    }
    const TaskPlan& plan = plans.plans.front();
    VarianceComponents known = pilot;
    known.tasks->variance = shape.task_sd * shape.task_sd;
    known.repetition->variance = shape.epoch_sd * shape.epoch_sd;
    NoiseDesign design;
    design.tasks = design.clusters = static_cast<double>(*plan.tasks_to_be_sure);
    design.epochs = plan.epochs;
    design.judges = 1;
    const double t = *UpperTQuantile(0.025, design.tasks - 1);
    kept.Count(t * std::sqrt(VarianceOfMean(known, design)) <= half_width * (1 + 1e-9));
  }
  return kept;
}

// Two factors of two levels, tasks in clusters; the first factor and the interaction move the score by nothing, the
// second by `effect` of it.
struct FactorRates {
  Rate covered;    // of the second factor's effect
  Rate any_false;  // Holm over the three effects: the first factor or the interaction
};

inline FactorRates SimulateFactors(const std::vector<int>& clusters, double effect, int repetitions, uint64_t seed) {
  Dice dice(seed);
  const std::vector<Factor> factors = {{"skill", {"off", "on"}}, {"model", {"a", "b"}}};
  FactorRates rates;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<FactorRow> rows;
    int task = 0;
    for (size_t g = 0; g < clusters.size(); ++g) {
      const double shared = 0.08 * dice.Normal();
      double own[4];
      for (double& shift : own) shift = 0.05 * dice.Normal();
      for (int k = 0; k < clusters[g]; ++k, ++task) {
        const double level = 0.4 + shared + 0.1 * dice.Normal();
        for (int cell = 0; cell < 4; ++cell) {
          FactorRow row;
          row.levels = {cell / 2, cell % 2};
          row.run = cell;
          row.task = task;
          row.cluster = static_cast<int>(g);
          row.score = std::clamp(level + own[cell] + effect * (cell % 2) + 0.08 * dice.Normal(), 0.0, 1.0);
          rows.push_back(std::move(row));
        }
      }
    }
    const FactorEffects found = EstimateFactorEffects(factors, rows);
    bool any = false;
    for (const FactorEffect& one : found.effects) {
      if (one.name.starts_with("model") && !one.interaction) {
        CountCover(one.estimate, effect, rates.covered);
      } else {
        any = any || (one.adjusted_p && *one.adjusted_p < 0.05);
      }
    }
    rates.any_false.Count(any);
  }
  return rates;
}

// Scores at five positions that rise by `slope` each.
inline Rate SimulateSlope(const std::vector<int>& clusters, double slope, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate covered;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<SeriesRow> rows;
    int task = 0;
    for (size_t g = 0; g < clusters.size(); ++g) {
      const double shared = 0.08 * dice.Normal();
      const double tilt = 0.02 * dice.Normal();
      for (int k = 0; k < clusters[g]; ++k, ++task) {
        const double level = 0.35 + shared + 0.08 * dice.Normal();
        for (int position = 0; position < 5; ++position) {
          const double score = level + (slope + tilt) * position + 0.06 * dice.Normal();
          rows.push_back({position, task, static_cast<int>(g), std::clamp(score, 0.0, 1.0)});
        }
      }
    }
    PairedOptions options;
    options.draws = 1;
    CountCover(AnalyseSeries(rows, options).slope.estimate, slope, covered);
  }
  return covered;
}

}  // namespace axiometer
