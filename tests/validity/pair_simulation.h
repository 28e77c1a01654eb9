#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "reports/stats/multiplicity.h"
#include "reports/stats/paired_difference.h"
#include "tests/validity/mean_simulation.h"

namespace axiometer {

// Two subjects that do the same tasks: log odds of task and cluster are shared but for a part of the cluster that is
// each subject's own, which makes differences of one cluster alike.
struct PairShape {
  std::vector<int> clusters;  // rows of each
  bool binary = false;
  double effect = 0;  // on the log odds of the first
};

struct ScorePair {
  double first = 0;
  double second = 0;
  int cluster = 0;
};

inline std::vector<ScorePair> DrawPairs(const PairShape& shape, Dice& dice) {
  std::vector<ScorePair> rows;
  for (size_t g = 0; g < shape.clusters.size(); ++g) {
    const double shared = 0.5 * dice.Normal();
    const double first = shape.effect + 0.4 * dice.Normal();
    const double second = 0.4 * dice.Normal();
    for (int i = 0; i < shape.clusters[g]; ++i) {
      const double task = 0.4 + shared + 0.7 * dice.Normal();
      const double one = DrawScore(task + first, shape.binary, dice);
      rows.push_back({one, DrawScore(task + second, shape.binary, dice), static_cast<int>(g)});
    }
  }
  return rows;
}

inline std::vector<PairedRow> Differences(const std::vector<ScorePair>& pairs) {
  std::vector<PairedRow> rows;
  for (const ScorePair& pair : pairs) rows.push_back({pair.first - pair.second, pair.cluster});
  return rows;
}

// From many clusters of one row.
inline double TrueDifference(const PairShape& shape, Dice& dice) {
  if (shape.effect == 0) return 0;
  constexpr int kRows = 200'000;
  PairShape many = shape;
  many.clusters.assign(kRows, 1);
  double sum = 0;
  for (const ScorePair& pair : DrawPairs(many, dice)) sum += pair.first - pair.second;
  return sum / kRows;
}

struct PairRates {
  Rate covered;
  Rate rejected;  // by t
  Rate flipped;   // by signs
  Rate equivalent;
};

// `at_margin`: the margin of equivalence is the true difference.
inline PairRates SimulatePairs(const PairShape& shape, int repetitions, uint64_t seed, bool at_margin = false) {
  Dice dice(seed);
  const double truth = TrueDifference(shape, dice);
  PairRates rates;
  for (int i = 0; i < repetitions; ++i) {
    PairedOptions options;
    if (at_margin) options.margin = truth;
    options.key = static_cast<uint64_t>(i);
    options.draws = 400;
    const PairedDifference compared = ComparePaired(Differences(DrawPairs(shape, dice)), options);
    CountCover(compared.estimate, truth, rates.covered);
    rates.rejected.Count(compared.p && *compared.p < 0.05);
    if (compared.sign_flip.p) rates.flipped.Count(*compared.sign_flip.p < 0.05);
    rates.equivalent.Count(compared.equivalence && compared.equivalence->equivalent);
  }
  return rates;
}

// A family of dimensions scored in the same cases, of which the first `different` differ.
struct FamilyRates {
  Rate any_false;          // Holm rejects some true "no difference"
  double false_share = 0;  // Benjamini-Hochberg: mean share of false ones among the rejections
  double false_error = 0;  // its Monte Carlo standard error
  int64_t repetitions = 0;
};

inline FamilyRates SimulateFamily(int dimensions, int different, const PairShape& shape, int repetitions,
                                  uint64_t seed) {
  Dice dice(seed);
  FamilyRates rates;
  double squares = 0;
  for (int i = 0; i < repetitions; ++i) {
    std::vector<std::optional<double>> family;
    PairShape one = shape;
    // Subjects' own part of each cluster is drawn anew for every dimension: they are independent.
    for (int k = 0; k < dimensions; ++k) {
      one.effect = k < different ? shape.effect : 0;
      PairedOptions options;
      options.draws = 1;
      family.push_back(ComparePaired(Differences(DrawPairs(one, dice)), options).p);
    }
    const std::vector<std::optional<double>> holm = Holm(family);
    const std::vector<std::optional<double>> discovery = BenjaminiHochberg(family);
    bool any = false;
    double rejected = 0;
    double wrong = 0;
    for (int k = 0; k < dimensions; ++k) {
      const auto at = static_cast<size_t>(k);
      any = any || (k >= different && holm[at] && *holm[at] < 0.05);
      if (!discovery[at] || *discovery[at] >= 0.05) continue;
      rejected += 1;
      wrong += k >= different;
    }
    rates.any_false.Count(any);
    const double share = rejected == 0 ? 0 : wrong / rejected;
    rates.false_share += share / repetitions;
    squares += share * share / repetitions;
  }
  rates.repetitions = repetitions;
  rates.false_error = std::sqrt((squares - rates.false_share * rates.false_share) / repetitions);
  return rates;
}

// Either subject's scores go missing, the lower the likelier.
inline Rate SimulatePairBounds(const PairShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  Rate held;
  for (int i = 0; i < repetitions; ++i) {
    const std::vector<ScorePair> pairs = DrawPairs(shape, dice);
    std::vector<BoundedPair> rows;
    double mean = 0;
    for (const ScorePair& pair : pairs) {
      mean += (pair.first - pair.second) / static_cast<double>(pairs.size());
      BoundedPair row{pair.first, pair.first, pair.second, pair.second, pair.cluster};
      if (dice.Uniform() < 0.3 - 0.2 * pair.first) row.first_low = 0, row.first_high = 1;
      if (dice.Uniform() < 0.3 - 0.2 * pair.second) row.second_low = 0, row.second_high = 1;
      rows.push_back(row);
    }
    PairedOptions options;
    options.draws = 1;
    const std::optional<WorstDifference> worst = CompareWorstCase(rows, options);
    held.Count(worst && worst->bounds.low <= mean + 1e-12 && mean <= worst->bounds.high + 1e-12);
  }
  return held;
}

}  // namespace axiometer
