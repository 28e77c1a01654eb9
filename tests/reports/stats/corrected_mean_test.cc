#include "reports/stats/corrected_mean.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Items = std::vector<JudgedItem>;

// Every item its own cluster; the judge sees the person's score with noise, 0.05 too high.
Items Simulated(int labelled, int unlabelled, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, 1);
  Items items;
  for (int i = 0; i < labelled + unlabelled; ++i) {
    JudgedItem item;
    item.person = std::clamp(0.5 + 0.2 * normal(random), 0.0, 1.0);
    item.judge = std::clamp(item.person + 0.05 + 0.1 * normal(random), 0.0, 1.0);
    item.labelled = i < labelled;
    item.cluster = i;
    items.push_back(item);
  }
  return items;
}

// The formulas as written down, every item its own cluster.
TEST(CorrectedMeanTest, EqualsTheSlowObviousVersion) {
  std::mt19937_64 random(1);
  for (const int n : {10, 25, 60}) {
    const int big = 200;
    const Items items = Simulated(n, big, random);
    double y = 0;
    double f = 0;
    double fu = 0;
    for (const JudgedItem& item : items) {
      if (item.labelled) {
        y += item.person / n;
        f += item.judge / n;
      } else {
        fu += item.judge / big;
      }
    }
    const double f_all = (f * n + fu * big) / (n + big);
    double covariance = 0;
    double variance_all = 0;
    double variance_u = 0;
    for (const JudgedItem& item : items) {
      variance_all += std::pow(item.judge - f_all, 2) / (n + big - 1);
      if (item.labelled) {
        covariance += (item.person - y) * (item.judge - f) / (n - 1);
      } else {
        variance_u += std::pow(item.judge - fu, 2) / (big - 1);
      }
    }
    const double lambda =
        std::clamp(covariance / ((1 + static_cast<double>(n) / big) * variance_all), 0.0, 1.0);
    const double m = lambda * fu + y - lambda * f;
    double squares = 0;
    for (const JudgedItem& item : items) {
      const double residual = item.person - lambda * item.judge - (y - lambda * f);
      if (item.labelled) squares += residual * residual;
    }
    const double v = lambda * lambda * variance_u / big + squares / ((n - 2.0) * n);
    const double half = *UpperTQuantile(0.025, n - 2) * std::sqrt(v);

    const CorrectedMean mean = CorrectMean(items, true);
    EXPECT_EQ(mean.labelled, n);
    EXPECT_EQ(mean.unlabelled, big);
    EXPECT_NEAR(mean.lambda, lambda, 1e-12);
    EXPECT_NEAR(*mean.corrected.value, m, 1e-12);
    EXPECT_NEAR(mean.corrected.interval->low, m - half, 1e-10);
    EXPECT_NEAR(mean.corrected.interval->high, m + half, 1e-10);
  }
}

// ppi-python 0.2.3, ppi_mean_pointestimate with this lambda. Its own lambda is another (it takes
// gradients at the estimate of lambda = 1), and its interval takes z and variances by n.
TEST(CorrectedMeanTest, EqualsAnIndependentImplementation) {
  Items items;
  for (int i = 0; i < 12; ++i) {
    JudgedItem item;
    item.person = (7 * i * i + 3 * i) % 11 / 10.0;
    item.judge = std::clamp(item.person + ((5 * i) % 7 - 2) / 20.0, 0.0, 1.0);
    item.labelled = true;
    item.cluster = i;
    items.push_back(item);
  }
  for (int i = 0; i < 20; ++i) items.push_back({(i * i * 3 + i) % 13 / 12.0, 0, false, 12 + i});
  const CorrectedMean mean = CorrectMean(items, true);
  EXPECT_NEAR(mean.lambda, 0.6942484323881598, 1e-10);
  EXPECT_NEAR(*mean.corrected.value, 0.33773965, 1e-8);
}

TEST(CorrectedMeanTest, AJudgeOfOneScoreIsNotReliedOn) {
  std::mt19937_64 random(2);
  Items items = Simulated(20, 100, random);
  for (JudgedItem& item : items) item.judge = 0.7;
  const CorrectedMean mean = CorrectMean(items, true);
  EXPECT_EQ(mean.lambda, 0);
  EXPECT_NEAR(*mean.corrected.value, *mean.people.value, 1e-12);
}

TEST(CorrectedMeanTest, WhatCannotBeCorrectedSaysWhyAndKeepsThePeoplesMean) {
  std::mt19937_64 random(3);
  const Items few = Simulated(9, 100, random);
  EXPECT_EQ(CorrectMean(few, true).corrected.reason, "fewer than 10 labelled items: no correction");
  EXPECT_FALSE(CorrectMean(few, true).corrected.value);
  EXPECT_TRUE(CorrectMean(few, true).people.interval);
  const Items chosen = Simulated(30, 100, random);
  EXPECT_EQ(CorrectMean(chosen, false).corrected.reason,
            "the labelled items were not drawn at random: no correction");
  EXPECT_EQ(CorrectMean(Simulated(30, 0, random), true).corrected.reason,
            "every item is labelled: nothing to correct");
  Items bad = chosen;
  bad[0].judge = std::nan("");
  EXPECT_EQ(CorrectMean(bad, true).corrected.reason, "a score lies outside 0 to 1");
  EXPECT_EQ(CorrectMean({}, true).people.reason, "never scored");
  Items two = chosen;
  for (JudgedItem& item : two) item.cluster %= 2;
  EXPECT_EQ(CorrectMean(two, true).corrected.reason,
            "labelled items in fewer than 3 clusters, or the others in one");
  EXPECT_TRUE(CorrectMean(two, true).corrected.value);
}

TEST(CorrectedMeanTest, OrderOfRowsAndNamesOfClustersChangeNothing) {
  std::mt19937_64 random(4);
  Items items = Simulated(30, 90, random);
  for (JudgedItem& item : items) item.cluster %= 11;
  const CorrectedMean mean = CorrectMean(items, true);
  std::shuffle(items.begin(), items.end(), random);
  for (JudgedItem& item : items) item.cluster = 100 - item.cluster;
  const CorrectedMean again = CorrectMean(items, true);
  EXPECT_NEAR(*mean.corrected.value, *again.corrected.value, 1e-12);
  EXPECT_NEAR(mean.corrected.interval->low, again.corrected.interval->low, 1e-12);
}

}  // namespace
}  // namespace axiometer
