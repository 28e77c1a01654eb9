#include "reports/stats/factor_effects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "reports/stats/paired_difference.h"

namespace axiometer {
namespace {

using FactorRows = std::vector<FactorRow>;
using Names = std::vector<std::string>;

const std::vector<Factor> kTwo = {{"skill", {"off", "on"}}, {"model", {"a", "b"}}};
const std::vector<Factor> kThree = {
    {"skill", {"off", "on"}}, {"model", {"a", "b"}}, {"prompt", {"short", "long"}}};

// 12 tasks in 6 clusters in every cell for which `has`; `score` is the cell's mean.
FactorRows Runs(const std::vector<Factor>& factors,
          const std::function<double(const std::vector<int>&)>& score,
          const std::function<bool(const std::vector<int>&)>& has, double noise = 0.02) {
  std::mt19937_64 random(9);
  std::normal_distribution<double> normal(0, 1);
  FactorRows rows;
  int run = 0;
  int cells = 1;
  for (const Factor& factor : factors) cells *= static_cast<int>(factor.levels.size());
  for (int number = 0; number < cells; ++number) {
    std::vector<int> cell;
    int rest = number;
    for (const Factor& factor : factors) {
      cell.push_back(rest % static_cast<int>(factor.levels.size()));
      rest /= static_cast<int>(factor.levels.size());
    }
    if (!has(cell)) continue;
    for (int task = 0; task < 12; ++task) {
      rows.push_back(
          {cell, run, task, task % 6, score(cell) + 0.01 * task + noise * normal(random)});
    }
    ++run;
  }
  return rows;
}

bool Everywhere(const std::vector<int>&) { return true; }

double Additive(const std::vector<int>& cell) { return 0.3 + 0.1 * cell[0] + 0.2 * cell[1]; }

double MeanOfCell(const FactorRows& rows, const std::vector<int>& cell, int task) {
  double sum = 0;
  double count = 0;
  for (const FactorRow& row : rows) {
    if (row.levels != cell || row.task != task) continue;
    sum += row.score;
    count += 1;
  }
  return sum / count;
}

TEST(FactorEffectsTest, OneCellHasNoEffects) {
  EXPECT_EQ(EstimateFactorEffects(kTwo, {}).reason, "fewer than two cells");
  EXPECT_EQ(EstimateFactorEffects(kTwo, FactorRows{{{0, 0}, 0, 0, 0, 0.5}}).reason,
            "fewer than two cells");
}

TEST(FactorEffectsTest, ScoresOutsideTheRangeAreRefused) {
  EXPECT_EQ(EstimateFactorEffects(kTwo, FactorRows{{{0, 0}, 0, 0, 0, 0.5}, {{0, 1}, 1, 0, 0, 2}}).reason,
            "a score lies outside 0 to 1");
}

TEST(FactorEffectsTest, OneFactorIsThePairedDifference) {
  const std::vector<Factor> one = {{"skill", {"off", "on"}}};
  const FactorRows rows = Runs(
      one, [](const std::vector<int>& cell) { return 0.3 + 0.1 * cell[0]; }, Everywhere);
  const FactorEffects effects = EstimateFactorEffects(one, rows);
  ASSERT_EQ(effects.effects.size(), 1u);
  EXPECT_EQ(effects.effects[0].name, "skill: on - off");
  std::vector<PairedRow> differences;
  for (int task = 0; task < 12; ++task) {
    differences.push_back({MeanOfCell(rows, {1}, task) - MeanOfCell(rows, {0}, task), task % 6});
  }
  const PairedDifference paired = ComparePaired(differences);
  EXPECT_NEAR(*effects.effects[0].estimate.value, *paired.estimate.value, 1e-12);
  EXPECT_NEAR(effects.effects[0].estimate.interval->low, paired.estimate.interval->low, 1e-12);
  EXPECT_NEAR(*effects.effects[0].p, *paired.p, 1e-12);
}

// The slow obvious version: the contrasts of the specification, cell by cell.
TEST(FactorEffectsTest, TwoByTwoIsWorkedOutTaskByTask) {
  const FactorRows rows = Runs(
      kTwo, [](const std::vector<int>& cell) { return Additive(cell) + 0.15 * cell[0] * cell[1]; },
      Everywhere);
  const FactorEffects effects = EstimateFactorEffects(kTwo, rows);
  ASSERT_EQ(effects.effects.size(), 3u);
  EXPECT_EQ(effects.effects[2].name, "skill: on - off x model: b - a");
  double skill = 0, model = 0, interaction = 0;
  for (int task = 0; task < 12; ++task) {
    const double y00 = MeanOfCell(rows, {0, 0}, task), y10 = MeanOfCell(rows, {1, 0}, task);
    const double y01 = MeanOfCell(rows, {0, 1}, task), y11 = MeanOfCell(rows, {1, 1}, task);
    skill += ((y10 + y11) / 2 - (y00 + y01) / 2) / 12;
    model += ((y01 + y11) / 2 - (y00 + y10) / 2) / 12;
    interaction += ((y11 - y10) - (y01 - y00)) / 12;
  }
  EXPECT_NEAR(*effects.effects[0].estimate.value, skill, 1e-12);
  EXPECT_NEAR(*effects.effects[1].estimate.value, model, 1e-12);
  EXPECT_NEAR(*effects.effects[2].estimate.value, interaction, 1e-12);
  EXPECT_EQ(effects.effects[2].estimate.caution, "the interaction includes run-to-run noise");
  EXPECT_TRUE(effects.missing_cells.empty());
  for (const FactorEffect& effect : effects.effects) EXPECT_TRUE(effect.aliased_with.empty());
}

TEST(FactorEffectsTest, TwoRunsOfEveryCellSeparateTheInteraction) {
  FactorRows rows = Runs(kTwo, Additive, Everywhere);
  for (FactorRow row : FactorRows(rows)) {
    row.run += 100;
    row.score += 0.01;
    rows.push_back(row);
  }
  EXPECT_EQ(EstimateFactorEffects(kTwo, rows).effects[2].estimate.caution, "");
}

TEST(FactorEffectsTest, OtherFactorsWeighAlikeWhateverTheNumberOfRuns) {
  FactorRows rows = Runs(kTwo, Additive, Everywhere);
  const FactorEffects before = EstimateFactorEffects(kTwo, rows);
  for (FactorRow row : FactorRows(rows)) {
    if (row.levels != std::vector<int>{1, 1}) continue;
    row.run += 100;
    rows.push_back(row);
  }
  const FactorEffects after = EstimateFactorEffects(kTwo, rows);
  EXPECT_NEAR(*after.effects[0].estimate.value, *before.effects[0].estimate.value, 1e-12);
}

TEST(FactorEffectsTest, ThreeLevelsAreHeldAgainstTheFirst) {
  const std::vector<Factor> factors = {{"temperature", {"0", "0.5", "1"}}, {"model", {"a", "b"}}};
  const FactorEffects effects = EstimateFactorEffects(
      factors,
      Runs(
          factors, [](const std::vector<int>& cell) { return 0.2 + 0.1 * cell[0] + 0.2 * cell[1]; },
          Everywhere, 0.001));
  ASSERT_EQ(effects.effects.size(), 3u + 2u);
  EXPECT_EQ(effects.effects[1].name, "temperature: 1 - 0");
  EXPECT_NEAR(*effects.effects[0].estimate.value, 0.1, 0.005);
  EXPECT_NEAR(*effects.effects[1].estimate.value, 0.2, 0.005);
  EXPECT_NEAR(*effects.effects[2].estimate.value, 0.2, 0.005);
  EXPECT_NEAR(*effects.effects[4].estimate.value, 0, 0.005);
}

TEST(FactorEffectsTest, HolmGoesOverAllEffects) {
  const FactorEffects effects = EstimateFactorEffects(kTwo, Runs(kTwo, Additive, Everywhere));
  double smallest = 1;
  double adjusted = 1;
  for (const FactorEffect& effect : effects.effects) {
    smallest = std::min(smallest, *effect.p);
    adjusted = std::min(adjusted, *effect.adjusted_p);
  }
  EXPECT_NEAR(adjusted, 3 * smallest, 1e-15);
}

TEST(FactorEffectsTest, AMissingCellAliasesTheInteraction) {
  const FactorEffects effects = EstimateFactorEffects(
      kTwo,
      Runs(kTwo, Additive, [](const std::vector<int>& cell) { return cell[0] + cell[1] < 2; }));
  EXPECT_EQ(effects.missing_cells, Names{"skill on, model b"});
  const FactorEffect& interaction = effects.effects[2];
  EXPECT_FALSE(interaction.estimate.value);
  EXPECT_FALSE(interaction.p);
  EXPECT_FALSE(interaction.adjusted_p);
  EXPECT_EQ(interaction.estimate.reason,
            "aliased: the missing cells leave it no contrast of its own");
  EXPECT_EQ(interaction.aliased_with, (Names{"skill: on - off", "model: b - a"}));
  // What is left is the simple difference, which is the main effect if there is no interaction.
  EXPECT_NEAR(*effects.effects[0].estimate.value, 0.1, 0.03);
  EXPECT_EQ(effects.effects[0].aliased_with, Names{"skill: on - off x model: b - a"});
}

TEST(FactorEffectsTest, FactorsThatAlwaysChangeTogetherAreAliased) {
  const FactorEffects effects = EstimateFactorEffects(
      kTwo, Runs(kTwo, Additive, [](const std::vector<int>& cell) { return cell[0] == cell[1]; }));
  EXPECT_TRUE(effects.effects[0].estimate.value);
  EXPECT_EQ(effects.effects[0].aliased_with, Names{"model: b - a"});
  EXPECT_FALSE(effects.effects[1].estimate.value);
  EXPECT_EQ(effects.effects[1].aliased_with, Names{"skill: on - off"});
  EXPECT_FALSE(effects.effects[2].estimate.value);
}

// A half fraction of 2^3: each interaction is the third factor's main effect.
TEST(FactorEffectsTest, AHalfFractionAliasesInteractionsWithMainEffects) {
  const FactorEffects effects =
      EstimateFactorEffects(kThree, Runs(kThree, Additive, [](const std::vector<int>& cell) {
                              return (cell[0] + cell[1] + cell[2]) % 2 == 0;
                            }));
  ASSERT_EQ(effects.effects.size(), 6u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(effects.effects[i].estimate.value) << i;
  for (int i = 3; i < 6; ++i) EXPECT_FALSE(effects.effects[i].estimate.value) << i;
  EXPECT_EQ(effects.effects[2].name, "prompt: long - short");
  EXPECT_EQ(effects.effects[2].aliased_with, Names{"skill: on - off x model: b - a"});
  EXPECT_NEAR(*effects.effects[0].estimate.value, 0.1, 0.03);
}

// statsmodels: OLS of the score on task dummies and the ±1/2 coded terms, for 2^3 without the cell
// (on, b, long); the contrast over tasks is its coefficient. Here by normal equations.
TEST(FactorEffectsTest, AMissingCellOfThreeFactorsLeavesEveryTermEstimable) {
  const FactorRows rows = Runs(kThree, Additive, [](const std::vector<int>& cell) {
    return cell[0] + cell[1] + cell[2] < 3;
  });
  const FactorEffects effects = EstimateFactorEffects(kThree, rows);
  for (const FactorEffect& effect : effects.effects) {
    EXPECT_TRUE(effect.estimate.value) << effect.name;
    EXPECT_TRUE(effect.aliased_with.empty()) << effect.name;
  }
  // Least squares by sweeping: tasks' means taken off both sides, then 6 x 6 normal equations.
  std::vector<std::vector<double>> x;
  std::vector<double> y;
  for (const FactorRow& row : rows) {
    const double a = row.levels[0] - 0.5, b = row.levels[1] - 0.5, c = row.levels[2] - 0.5;
    x.push_back({a, b, c, a * b, a * c, b * c});
    y.push_back(row.score);
  }
  for (int task = 0; task < 12; ++task) {
    std::vector<double> mean(7, 0);
    double count = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].task != task) continue;
      for (size_t j = 0; j < 6; ++j) mean[j] += x[i][j];
      mean[6] += y[i];
      count += 1;
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].task != task) continue;
      for (size_t j = 0; j < 6; ++j) x[i][j] -= mean[j] / count;
      y[i] -= mean[6] / count;
    }
  }
  double normal[6][7] = {};
  for (size_t i = 0; i < rows.size(); ++i) {
    for (int j = 0; j < 6; ++j) {
      for (int k = 0; k < 6; ++k) normal[j][k] += x[i][j] * x[i][k];
      normal[j][6] += x[i][j] * y[i];
    }
  }
  for (int j = 0; j < 6; ++j) {
    const double pivot = normal[j][j];
    for (double& entry : normal[j]) entry /= pivot;
    for (int other = 0; other < 6; ++other) {
      if (other == j) continue;
      const double factor = normal[other][j];
      for (int k = 0; k < 7; ++k) normal[other][k] -= factor * normal[j][k];
    }
  }
  for (int j = 0; j < 6; ++j) {
    EXPECT_NEAR(*effects.effects[static_cast<size_t>(j)].estimate.value, normal[j][6], 1e-10);
  }
}

TEST(FactorEffectsTest, TasksThatMissACellAreLeftOutOfWhatNeedsIt) {
  FactorRows rows = Runs(kTwo, Additive, Everywhere);
  std::erase_if(rows, [](const FactorRow& row) {
    return row.task == 3 && row.levels == std::vector<int>{1, 1};
  });
  const FactorEffects effects = EstimateFactorEffects(kTwo, rows);
  EXPECT_EQ(effects.effects[0].estimate.n, 11);
  EXPECT_EQ(effects.effects[2].estimate.n, 11);
}

TEST(FactorEffectsTest, TurningTheLevelsChangesSignsAlone) {
  const FactorRows rows = Runs(kTwo, Additive, Everywhere);
  FactorRows turned = rows;
  for (FactorRow& row : turned) row.levels[0] = 1 - row.levels[0];
  const FactorEffects one = EstimateFactorEffects(kTwo, rows);
  const FactorEffects two = EstimateFactorEffects(kTwo, turned);
  EXPECT_NEAR(*one.effects[0].estimate.value, -*two.effects[0].estimate.value, 1e-12);
  EXPECT_NEAR(*one.effects[1].estimate.value, *two.effects[1].estimate.value, 1e-12);
  EXPECT_NEAR(*one.effects[2].estimate.value, -*two.effects[2].estimate.value, 1e-12);
  EXPECT_NEAR(*one.effects[2].p, *two.effects[2].p, 1e-10);
}

}  // namespace
}  // namespace axiometer
