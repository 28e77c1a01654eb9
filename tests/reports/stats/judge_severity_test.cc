#include "reports/stats/judge_severity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/student_t.h"

namespace axiometer {
namespace {

using Items = std::vector<ScoredTwice>;

// Three cases of two subjects; the judge adds 0.2, 0.1, 0 to the first and 0 to the second.
Items TwoSubjects() {
  Items items;
  for (int g = 0; g < 3; ++g) {
    items.push_back({4, g, 0, 0.5 + 0.1 * (2 - g), 0.5, 100});
    items.push_back({9, g, 0, 0.3, 0.3, 100});
  }
  return items;
}

TEST(JudgeSeverityTest, OverallBySubjectAndBetweenSubjects) {
  const JudgeSeverity severity = SeverityOf(TwoSubjects());
  EXPECT_NEAR(*severity.overall.estimate.value, 0.05, 1e-12);
  ASSERT_EQ(severity.subjects.size(), 2u);
  EXPECT_EQ(severity.subjects[0].subject, 4);
  EXPECT_NEAR(*severity.subjects[0].difference.estimate.value, 0.1, 1e-12);
  EXPECT_NEAR(*severity.subjects[1].difference.estimate.value, 0, 1e-12);
  ASSERT_EQ(severity.gaps.size(), 1u);
  const SeverityGap& gap = severity.gaps[0];
  EXPECT_EQ(gap.first, 4);
  EXPECT_EQ(gap.second, 9);
  EXPECT_NEAR(*gap.gap.value, 0.1, 1e-12);
  const double s = std::sqrt(0.02 / 2 / 3);
  const double half = *UpperTQuantile(0.025, 2) * s;
  EXPECT_NEAR(gap.gap.interval->low, 0.1 - half, 1e-12);
  EXPECT_NEAR(gap.gap.interval->high, 0.1 + half, 1e-12);
  EXPECT_NEAR(*gap.p, *TwoSidedP(0.1 / s, 2), 1e-12);
}

TEST(JudgeSeverityTest, SubjectsWithoutCommonItemsHaveNoGap) {
  Items items = TwoSubjects();
  for (ScoredTwice& item : items) {
    if (item.subject == 9) item.item = 1;
  }
  const JudgeSeverity severity = SeverityOf(items);
  EXPECT_FALSE(severity.gaps[0].gap.value);
  EXPECT_EQ(severity.gaps[0].gap.reason, "no item of both subjects");
}

TEST(JudgeSeverityTest, SlopeOnLengthIsThatOfALine) {
  Items items;
  for (int g = 0; g < 12; ++g) {
    const double x = g % 4;
    items.push_back({0, g, 0, 0.4 + 0.05 * x + (g % 3 - 1) * 0.01, 0.4, std::exp(x)});
  }
  // Straight from the definition, and refitted without each case.
  const auto slope = [&](int without) {
    double n = 0, mx = 0, my = 0, xx = 0, xy = 0;
    for (const ScoredTwice& item : items) {
      if (item.cluster == without) continue;
      n += 1;
      mx += std::log(item.length);
      my += item.judge - item.person;
    }
    for (const ScoredTwice& item : items) {
      if (item.cluster == without) continue;
      const double x = std::log(item.length) - mx / n;
      xx += x * x;
      xy += x * (item.judge - item.person - my / n);
    }
    return xy / xx;
  };
  const JudgeSeverity severity = SeverityOf(items);
  EXPECT_NEAR(*severity.length_slope.value, slope(-1), 1e-12);
  double mean = 0;
  double squares = 0;
  for (int g = 0; g < 12; ++g) mean += slope(g) / 12;
  for (int g = 0; g < 12; ++g) squares += std::pow(slope(g) - mean, 2);
  const double half = *UpperTQuantile(0.025, 11) * std::sqrt(squares * 11 / 12);
  EXPECT_NEAR(severity.length_slope.interval->high - slope(-1), half, 1e-10);
}

TEST(JudgeSeverityTest, WhatHasNoNumberSaysWhy) {
  EXPECT_EQ(SeverityOf(TwoSubjects()).length_slope.reason, "all lengths are equal");
  EXPECT_EQ(SeverityOf({}).length_slope.reason, "never scored");
  EXPECT_FALSE(SeverityOf({}).overall.estimate.value);
  Items items = TwoSubjects();
  items[0].length = 0;
  EXPECT_EQ(SeverityOf(items).length_slope.reason, "a length is not above 0");
  items[0].judge = std::nan("");
  items[0].length = 1;
  EXPECT_EQ(SeverityOf(items).length_slope.reason, "a score lies outside 0 to 1");
  EXPECT_FALSE(SeverityOf(items).overall.estimate.value);
}

}  // namespace
}  // namespace axiometer
