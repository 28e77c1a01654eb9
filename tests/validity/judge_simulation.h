#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "reports/stats/agreement_coefficient.h"
#include "reports/stats/corrected_mean.h"
#include "reports/stats/rater_severity.h"
#include "tests/validity/simulation.h"

namespace axiometer {

// Raters (judge and person, or repeats of a judge) see an item's latent score through noise, in three categories; items
// of a case share half of their variance.
struct RatingShape {
  int cases = 25;
  int items = 4;  // a case
  int raters = 2;
  double noise = 0.5;
  double skew = 0;  // moves the categories: 0 equal ones; 1.3 four fifths in the lowest
};

inline std::vector<Rating> DrawRatings(const RatingShape& shape, Dice& dice) {
  std::vector<Rating> ratings;
  for (int g = 0; g < shape.cases; ++g) {
    const double shared = dice.Normal();
    for (int item = 0; item < shape.items; ++item) {
      const double truth = std::sqrt(0.5) * (shared + dice.Normal());
      for (int rater = 0; rater < shape.raters; ++rater) {
        const double seen =
            (truth + shape.noise * dice.Normal()) / std::sqrt(1 + shape.noise * shape.noise) - shape.skew;
        ratings.push_back({g, item, rater, seen < -0.43 ? 0 : seen < 0.43 ? 1 : 2});
      }
    }
  }
  return ratings;
}

using AgreementCoefficient = Estimate (*)(std::span<const Rating>, int, double);

inline Rate SimulateAgreement(AgreementCoefficient coefficient, const RatingShape& shape, int repetitions,
                                        uint64_t seed) {
  Dice dice(seed);
  RatingShape many = shape;
  many.cases = 40'000;
  const double truth = *coefficient(DrawRatings(many, dice), 3, 0.95).value;
  Rate covered;
  for (int i = 0; i < repetitions; ++i) {
    const Estimate estimate = coefficient(DrawRatings(shape, dice), 3, 0.95);
    CountCover(estimate, truth, covered);
  }
  return covered;
}

// Labelled and other items, drawn at random from all: own clusters, or several of each to a case.
struct CorrectionShape {
  int labelled = 40;
  int others = 300;
  int clusters = 340;
  // The judge's score per point of a person's; below 1, both parts of the estimate carry the case's effect with the
  // same sign.
  double slope = 1;
};

inline Rate SimulateCorrection(const CorrectionShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  const double truth = 0.5;  // by symmetry
  Rate covered;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    std::vector<JudgedItem> items;
    std::vector<double> person_shared(static_cast<size_t>(shape.clusters));
    std::vector<double> judge_shared(static_cast<size_t>(shape.clusters));
    for (double& effect : person_shared) effect = dice.Normal();
    for (double& effect : judge_shared) effect = dice.Normal();
    for (int i = 0; i < shape.labelled + shape.others; ++i) {
      JudgedItem item;
      item.cluster = i % shape.clusters;
      const auto cluster = static_cast<size_t>(item.cluster);
      const double seen = 0.10 * person_shared[cluster] + 0.17 * dice.Normal();
      item.person = std::clamp(0.5 + seen, 0.0, 1.0);
      item.judge = std::clamp(0.55 + shape.slope * seen + 0.06 * judge_shared[cluster] + 0.1 * dice.Normal(), 0.0, 1.0);
      items.push_back(item);
    }
    std::vector<size_t> order(items.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), dice.random);
    for (int i = 0; i < shape.labelled; ++i) items[order[static_cast<size_t>(i)]].labelled = true;
    CountCover(CorrectMean(items, true).corrected, truth, covered);
  }
  return covered;
}

// Three judges on some items each, whose severity differs by case as well.
inline Rate SimulateSeverity(int cases, int repetitions, uint64_t seed) {
  Dice dice(seed);
  const double truth[] = {0.1, 0.0, -0.1};
  Rate covered;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    std::vector<RaterScore> scores;
    for (int g = 0; g < cases; ++g) {
      double shift[3];
      for (double& s : shift) s = 0.05 * dice.Normal();
      for (int item = 0; item < 3; ++item) {
        const double level = 0.5 + 0.2 * dice.Normal();
        for (int rater = 0; rater < 3; ++rater) {
          if (dice.random() % 4 == 0) continue;
          scores.push_back({g, item, rater, level + truth[rater] + shift[rater] + 0.1 * dice.Normal()});
        }
      }
    }
    CountCover(RaterSeverities(scores)[0].severity, truth[0], covered);
  }
  return covered;
}

}  // namespace axiometer
