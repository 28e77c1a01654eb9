#include "reports/stats/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace axiometer {
namespace {

// Rows that are clusters of their own.
std::vector<Ranked> Alone(const std::vector<double>& positives, const std::vector<double>& negatives) {
  std::vector<Ranked> rows;
  for (const double score : positives) rows.push_back({score, true, static_cast<int>(rows.size())});
  for (const double score : negatives) rows.push_back({score, false, static_cast<int>(rows.size())});
  return rows;
}

// Pair by pair, as the definition says.
double SlowArea(const std::vector<Ranked>& rows) {
  double sum = 0;
  double pairs = 0;
  for (const Ranked& a : rows) {
    for (const Ranked& b : rows) {
      if (!a.positive || b.positive) continue;
      pairs += 1;
      sum += a.score > b.score ? 1 : a.score == b.score ? 0.5 : 0;
    }
  }
  return sum / pairs;
}

TEST(Classify, CountsPrecisionRecallAndF1ByClass) {
  // gold 0: two right, one said to be 1, one unread; gold 1: one right; gold 2: one said to be 0.
  const std::vector<Classified> rows = {{0, 0, 0}, {0, 0, 1}, {0, 1, 2}, {0, -1, 3}, {1, 1, 4}, {2, 0, 5}};
  const Classification out = Classify(rows, 3);
  EXPECT_EQ(out.n, 6);
  EXPECT_EQ(out.unread, 1);
  EXPECT_DOUBLE_EQ(*out.classes[0].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*out.classes[0].recall, 2.0 / 4);
  EXPECT_DOUBLE_EQ(*out.classes[0].f1, 4.0 / 7);
  EXPECT_DOUBLE_EQ(*out.classes[1].f1, 2.0 / 3);
  EXPECT_FALSE(out.classes[2].precision.has_value());
  EXPECT_DOUBLE_EQ(*out.classes[2].recall, 0);
  EXPECT_DOUBLE_EQ(*out.classes[2].f1, 0);
  EXPECT_DOUBLE_EQ(*out.macro_f1.value, (4.0 / 7 + 2.0 / 3 + 0) / 3);
  EXPECT_DOUBLE_EQ(*out.weighted_f1, (4 * 4.0 / 7 + 1 * 2.0 / 3 + 0) / 6);
}

TEST(Classify, AClassThatNeverOccursIsLeftOutOfTheMacroMean) {
  const Classification out = Classify(std::vector<Classified>{{0, 0, 0}, {1, 0, 1}}, 3);
  EXPECT_FALSE(out.classes[2].f1.has_value());
  EXPECT_DOUBLE_EQ(*out.macro_f1.value, (2.0 / 3 + 0) / 2);
}

TEST(Classify, TheMacroIntervalIsAJackknifeOverClusters) {
  std::vector<Classified> rows;
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    const int gold = static_cast<int>(random() % 3);
    rows.push_back({gold, random() % 4 == 0 ? static_cast<int>(random() % 3) : gold, i / 4});
  }
  const Classification out = Classify(rows, 3);
  std::vector<double> without;
  for (int cluster = 0; cluster < 10; ++cluster) {
    std::vector<Classified> rest;
    for (const Classified& row : rows) {
      if (row.cluster != cluster) rest.push_back(row);
    }
    without.push_back(*Classify(rest, 3).macro_f1.value);
  }
  double mean = 0;
  for (const double value : without) mean += value / 10;
  double variance = 0;
  for (const double value : without) variance += 0.9 * (value - mean) * (value - mean);
  const double value = *out.macro_f1.value;
  const double half = 2.262157162740992 * std::sqrt(variance) / (value * (1 - value));  // t, 9 degrees
  const double logit = std::log(value / (1 - value));
  EXPECT_NEAR(out.macro_f1.interval->low, 1 / (1 + std::exp(half - logit)), 1e-9);
  EXPECT_NEAR(out.macro_f1.interval->high, 1 / (1 + std::exp(-half - logit)), 1e-9);
}

TEST(Classify, NothingToScoreIsNoNumber) {
  const Classification none = Classify({}, 2);
  EXPECT_FALSE(none.macro_f1.value.has_value());
  EXPECT_EQ(none.macro_f1.reason, "never scored");
  const Classification perfect = Classify(std::vector<Classified>{{0, 0, 0}, {1, 1, 1}}, 2);
  EXPECT_EQ(*perfect.macro_f1.value, 1);
  EXPECT_FALSE(perfect.macro_f1.interval.has_value());
  EXPECT_EQ(perfect.macro_f1.reason, "at the edge of its range");
}

TEST(Auroc, CountsPairsAndHalvesTies) {
  // Pairs: 0.9 beats all three; 0.4 ties 0.4, beats 0.1, loses to 0.7: 3 + 1.5 of 6.
  EXPECT_DOUBLE_EQ(*Auroc(Alone({0.9, 0.4}, {0.7, 0.4, 0.1})).value, 4.5 / 6);
  EXPECT_DOUBLE_EQ(*Auroc(Alone({1, 1}, {1, 1, 1})).value, 0.5);
}

TEST(Auroc, AgreesWithPairByPairCounting) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<Ranked> rows;
    for (int i = 0; i < 60; ++i) {
      rows.push_back({static_cast<double>(random() % 15) / 15, random() % 3 == 0, static_cast<int>(random() % 12)});
    }
    EXPECT_NEAR(*Auroc(rows).value, SlowArea(rows), 1e-12);
  }
}

TEST(Auroc, RowsAloneHaveDeLongsVariance) {
  const std::vector<double> positives = {0.9, 0.8, 0.35, 0.6};
  const std::vector<double> negatives = {0.7, 0.3, 0.2, 0.5, 0.1};
  const Estimate out = Auroc(Alone(positives, negatives));
  const auto beats = [](double a, double b) { return a > b ? 1.0 : a == b ? 0.5 : 0.0; };
  double area = 0;
  for (const double p : positives) {
    for (const double n : negatives) area += beats(p, n) / 20;
  }
  double s10 = 0;
  for (const double p : positives) {
    double share = 0;
    for (const double n : negatives) share += beats(p, n) / 5;
    s10 += (share - area) * (share - area) / 3;
  }
  double s01 = 0;
  for (const double n : negatives) {
    double share = 0;
    for (const double p : positives) share += beats(p, n) / 4;
    s01 += (share - area) * (share - area) / 4;
  }
  const double error = std::sqrt(s10 / 4 + s01 / 5);
  const double half = 2.306004135033371 * error / (area * (1 - area));  // t, 8 degrees
  const double logit = std::log(area / (1 - area));
  EXPECT_NEAR(*out.value, area, 1e-12);
  EXPECT_NEAR(out.interval->low, 1 / (1 + std::exp(half - logit)), 1e-9);
  EXPECT_NEAR(out.interval->high, 1 / (1 + std::exp(-half - logit)), 1e-9);
}

TEST(Auroc, CopiesOfACaseInOneClusterDoNotNarrowTheInterval) {
  const std::vector<double> positives = {0.9, 0.8, 0.35, 0.6};
  const std::vector<double> negatives = {0.7, 0.3, 0.2, 0.5, 0.1};
  const std::vector<Ranked> once = Alone(positives, negatives);
  std::vector<Ranked> thrice;
  for (int copy = 0; copy < 3; ++copy) thrice.insert(thrice.end(), once.begin(), once.end());
  EXPECT_NEAR(Auroc(once).interval->low, Auroc(thrice).interval->low, 1e-12);
  EXPECT_NEAR(Auroc(once).interval->high, Auroc(thrice).interval->high, 1e-12);
}

TEST(Auroc, SaysWhyThereIsNone) {
  EXPECT_EQ(Auroc({}).reason, "never scored");
  EXPECT_EQ(Auroc(Alone({0.2, 0.3}, {})).reason, "only one class occurs");
  EXPECT_EQ(Auroc(Alone({0.2, std::numeric_limits<double>::quiet_NaN()}, {0.1})).reason, "a score is not finite");
  const Estimate perfect = Auroc(Alone({0.8, 0.9}, {0.1, 0.2}));
  EXPECT_EQ(*perfect.value, 1);
  EXPECT_FALSE(perfect.interval.has_value());
  EXPECT_EQ(perfect.reason, "at the edge of its range");
  EXPECT_EQ(Auroc(Alone({0.8}, {0.1, 0.9})).reason, "all rows of a class in one cluster");
}

}  // namespace
}  // namespace axiometer
