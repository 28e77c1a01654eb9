#pragma once

#include <cmath>
#include <vector>

#include "reports/stats/classification.h"
#include "reports/stats/distribution.h"
#include "tests/validity/simulation.h"

namespace axiometer {

// Rows with a class of three, in situations that share half of a row's difficulty; the answer is right with the
// log odds `skill`, else any other class.
struct LabelShape {
  std::vector<int> clusters;
  double skill = 1.0;
};

inline std::vector<Classified> DrawLabels(const LabelShape& shape, Dice& dice) {
  std::vector<Classified> rows;
  for (size_t g = 0; g < shape.clusters.size(); ++g) {
    const double cluster = shape.skill + 0.7 * dice.Normal();
    for (int i = 0; i < shape.clusters[g]; ++i) {
      const double u = dice.Uniform();
      const int gold = u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
      const bool right = dice.Uniform() < Expit(cluster + 0.7 * dice.Normal());
      rows.push_back({gold, right ? gold : (gold + 1 + static_cast<int>(dice.random() % 2)) % 3, static_cast<int>(g)});
    }
  }
  return rows;
}

inline Rate SimulateMacroF1(const LabelShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  LabelShape many = shape;
  many.clusters.assign(200'000, 1);
  const double truth = *Classify(DrawLabels(many, dice), 3).macro_f1.value;
  Rate covered;
  for (int i = 0; i < repetitions; ++i) CountCover(Classify(DrawLabels(shape, dice), 3).macro_f1, truth, covered);
  return covered;
}

// Scores of which those of the positive class lie `skill` standard deviations higher.
inline std::vector<Ranked> DrawRanked(const LabelShape& shape, Dice& dice) {
  std::vector<Ranked> rows;
  for (size_t g = 0; g < shape.clusters.size(); ++g) {
    const double cluster = 0.5 * dice.Normal();
    for (int i = 0; i < shape.clusters[g]; ++i) {
      Ranked row;
      row.positive = dice.Uniform() < 0.4;
      row.score = cluster + dice.Normal() + (row.positive ? shape.skill : 0);
      row.cluster = static_cast<int>(g);
      rows.push_back(row);
    }
  }
  return rows;
}

inline Rate SimulateAuroc(const LabelShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  LabelShape many = shape;
  many.clusters.assign(200'000, 1);
  const double truth = *Auroc(DrawRanked(many, dice)).value;
  Rate covered;
  for (int i = 0; i < repetitions; ++i) CountCover(Auroc(DrawRanked(shape, dice)), truth, covered);
  return covered;
}

// Personas that answer one question of four options: how far the expected shares lie from a reference, `away` 0 or
// more.
struct DistanceRates {
  Rate total_variation;
  Rate emd;
};
inline DistanceRates SimulateDistances(int personas, double away, int repetitions, uint64_t seed) {
  Dice dice(seed);
  const std::vector<double> reference = {0.4, 0.3, 0.2, 0.1};
  std::vector<double> truth = reference;
  truth[0] -= away;
  truth[3] += away;
  const double tv = away;
  const double emd = away;  // from end to end: all three steps of one third each
  DistanceRates rates;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<AnswerShares> rows;
    for (int g = 0; g < personas; ++g) {
      double u = dice.Uniform();
      size_t option = 0;
      while (option < 3 && u >= truth[option]) u -= truth[option++];
      AnswerShares row;
      row.cluster = g;
      row.shares.assign(4, 0);
      row.shares[option] = 1;
      rows.push_back(std::move(row));
    }
    const Distances found = DistancesTo(rows, reference, personas, static_cast<uint64_t>(i), 400);
    CountCover(found.total_variation.estimate, tv, rates.total_variation);
    CountCover(found.ordered_emd.estimate, emd, rates.emd);
  }
  return rates;
}

}  // namespace axiometer
