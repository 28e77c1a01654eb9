#include "reports/stats/agreement_coefficient.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Ratings = std::vector<Rating>;

constexpr int kNone = -1;

// One row a rater, one column an item, each item a case of its own.
Ratings FromTable(const std::vector<std::vector<int>>& table) {
  Ratings ratings;
  for (size_t rater = 0; rater < table.size(); ++rater) {
    for (size_t item = 0; item < table[rater].size(); ++item) {
      if (table[rater][item] == kNone) continue;
      ratings.push_back({static_cast<int>(item), 0, static_cast<int>(rater), table[rater][item]});
    }
  }
  return ratings;
}

// Krippendorff's worked example of four observers and twelve units (Krippendorff 2011, "Computing
// Krippendorff's alpha-reliability", section D): ordinal alpha 0.815.
Ratings WorkedExample() {
  return FromTable({{1, 2, 3, 3, 2, 1, 4, 1, 2, kNone, kNone, kNone},
                    {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, kNone, 3},
                    {kNone, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, kNone},
                    {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, kNone}});
}

TEST(AgreementCoefficientTest, AlphaOfKrippendorffsWorkedExample) {
  const Estimate alpha = OrdinalAlpha(WorkedExample(), 6);
  EXPECT_NEAR(*alpha.value, 0.815, 0.0005);
  EXPECT_EQ(alpha.n, 11);  // unit 12 was rated once
  EXPECT_EQ(alpha.clusters, 11);
}

// krippendorff 0.9 (ordinal), scikit-learn 1.9 cohen_kappa_score(weights="quadratic") on the first
// two raters' common items, irrCAC 0.4 CAC(weights="quadratic").gwet(), which rounds to 5 digits.
// irrCAC's Krippendorff with its "ordinal" weights is 0.7852: those weigh ranks of categories, not
// the ratings between them.
TEST(AgreementCoefficientTest, EqualsIndependentImplementations) {
  const std::vector<int> first{0, 1, 2, 3, 2, 1, 0, 3, 2, 1, 3, 0};
  const std::vector<int> second{0, 1, 3, 3, 1, 1, 0, 2, 2, 2, 3, kNone};
  const std::vector<int> third{1, 1, 2, 3, kNone, 0, 0, 3, 2, 1, kNone, kNone};
  const Ratings ratings = FromTable({first, second, third});
  EXPECT_NEAR(*OrdinalAlpha(ratings, 4).value, 0.8393009941077031, 1e-10);
  EXPECT_NEAR(*GwetAc2(ratings, 4).value, 0.84263, 6e-6);
  EXPECT_NEAR(*QuadraticKappa(FromTable({first, second}), 4).value, 0.8405797101449275, 1e-10);
}

// Two raters, two categories, a 2 x 2 table 3 1 / 1 5: kappa = (0.8 - 0.52) / (1 - 0.52).
TEST(AgreementCoefficientTest, KappaOfTwoCategoriesIsCohens) {
  const Ratings ratings =
      FromTable({{0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, {0, 0, 0, 1, 0, 1, 1, 1, 1, 1}});
  EXPECT_NEAR(*QuadraticKappa(ratings, 2).value, (0.8 - 0.52) / (1 - 0.52), 1e-12);
  // Alpha: 16 of 20 coincidences agree; D_e by 8 and 12 of 20.
  EXPECT_NEAR(*OrdinalAlpha(ratings, 2).value, 1 - 19 * 2.0 / (8 * 12), 1e-12);
  // AC2 of two categories is AC1: p_e = 2 * 0.4 * 0.6.
  EXPECT_NEAR(*GwetAc2(ratings, 2).value, (0.8 - 0.48) / (1 - 0.48), 1e-12);
}

// Alpha straight from its definition: all pairs of ratings of one item against all pairs of ratings
// of items rated twice.
double SlowAlpha(const Ratings& ratings, int categories) {
  std::vector<RatedItem> items = RatedItems(ratings, categories);
  std::erase_if(items, [](const RatedItem& item) { return item.ratings < 2; });
  std::vector<double> n(static_cast<size_t>(categories), 0.0);
  std::vector<int> pool;
  for (const RatedItem& item : items) {
    for (int c = 0; c < categories; ++c) {
      n[c] += item.counts[c];
      pool.insert(pool.end(), item.counts[c], c);
    }
  }
  const auto distance = [&](int c, int k) {
    if (c > k) std::swap(c, k);
    double sum = -(n[c] + n[k]) / 2;
    for (int g = c; g <= k; ++g) sum += n[g];
    return c == k ? 0 : sum * sum;
  };
  double observed = 0;
  for (const RatedItem& item : items) {
    std::vector<int> own;
    for (int c = 0; c < categories; ++c) own.insert(own.end(), item.counts[c], c);
    for (size_t i = 0; i < own.size(); ++i) {
      for (size_t j = 0; j < own.size(); ++j) {
        if (i != j) observed += distance(own[i], own[j]) / (item.ratings - 1);
      }
    }
  }
  double expected = 0;
  for (size_t i = 0; i < pool.size(); ++i) {
    for (size_t j = 0; j < pool.size(); ++j) {
      if (i != j) expected += distance(pool[i], pool[j]);
    }
  }
  const auto total = static_cast<double>(pool.size());
  return 1 - (observed / total) / (expected / (total * (total - 1)));
}

Ratings RandomRatings(int cases, int items_each, int raters, int categories,
                      std::mt19937_64& random) {
  Ratings ratings;
  std::normal_distribution<double> normal(0, 1);
  for (int g = 0; g < cases; ++g) {
    for (int item = 0; item < items_each; ++item) {
      const double truth = normal(random) * 1.2;
      for (int rater = 0; rater < raters; ++rater) {
        if (raters > 2 && random() % 5 == 0) continue;
        const double seen = (truth + 0.6 * normal(random)) / 2 + 0.5;
        const int category = std::clamp(static_cast<int>(seen * categories), 0, categories - 1);
        ratings.push_back({g, item, rater, category});
      }
    }
  }
  return ratings;
}

TEST(AgreementCoefficientTest, AlphaAndItsJackknifeEqualTheSlowObviousVersion) {
  std::mt19937_64 random(1);
  for (int design = 0; design < 10; ++design) {
    const int cases = 5 + design;
    const Ratings ratings = RandomRatings(cases, 3, 2 + design % 3, 4, random);
    const Estimate alpha = OrdinalAlpha(ratings, 4);
    EXPECT_NEAR(*alpha.value, SlowAlpha(ratings, 4), 1e-12);
    std::vector<double> left_out;
    double mean = 0;
    for (int g = 0; g < cases; ++g) {
      Ratings rest;
      for (const Rating& rating : ratings) {
        if (rating.cluster != g) rest.push_back(rating);
      }
      left_out.push_back(SlowAlpha(rest, 4));
      mean += left_out.back() / cases;
    }
    double squares = 0;
    for (const double value : left_out) squares += (value - mean) * (value - mean);
    const double s = std::sqrt(squares * (cases - 1) / cases);
    const double half = *UpperTQuantile(0.025, cases - 1) * s / (1 - *alpha.value * *alpha.value);
    ASSERT_TRUE(alpha.interval);
    EXPECT_NEAR(alpha.interval->low, std::tanh(std::atanh(*alpha.value) - half), 1e-10);
    EXPECT_NEAR(alpha.interval->high, std::tanh(std::atanh(*alpha.value) + half), 1e-10);
  }
}

TEST(AgreementCoefficientTest, OrderOfRowsAndNamesOfRatersChangeNothing) {
  std::mt19937_64 random(2);
  Ratings ratings = RandomRatings(8, 2, 2, 3, random);
  const double alpha = *OrdinalAlpha(ratings, 3).value;
  const double kappa = *QuadraticKappa(ratings, 3).value;
  const double ac2 = *GwetAc2(ratings, 3).value;
  std::shuffle(ratings.begin(), ratings.end(), random);
  for (Rating& rating : ratings) {
    rating.rater = 5 - rating.rater;
    rating.category = 2 - rating.category;  // the scale turned round
  }
  EXPECT_NEAR(*OrdinalAlpha(ratings, 3).value, alpha, 1e-12);
  EXPECT_NEAR(*QuadraticKappa(ratings, 3).value, kappa, 1e-12);
  EXPECT_NEAR(*GwetAc2(ratings, 3).value, ac2, 1e-12);
}

TEST(AgreementCoefficientTest, WhatIsUndefinedSaysWhy) {
  const auto all = [](const Ratings& ratings) {
    return std::vector<Estimate>{OrdinalAlpha(ratings, 3), QuadraticKappa(ratings, 3),
                                 GwetAc2(ratings, 3)};
  };
  for (const Estimate& estimate : all(FromTable({{1, 1, 1}, {1, 1, 1}}))) {
    EXPECT_FALSE(estimate.value);
    EXPECT_EQ(estimate.reason, "no variation: agreement undefined");
  }
  for (const Estimate& estimate : all(FromTable({{1, 2, kNone}, {kNone, kNone, 2}}))) {
    EXPECT_EQ(estimate.reason, "no item was rated twice");
  }
  for (const Estimate& estimate : all(FromTable({{0, 1, 2}, {0, 1, 2}}))) {
    EXPECT_EQ(*estimate.value, 1);
    EXPECT_FALSE(estimate.interval);
    EXPECT_EQ(estimate.reason, "perfect: no variation to take an interval from");
  }
  for (const Estimate& estimate : all(FromTable({{0, 0, 0, 1}, {0, 0, 0, 2}}))) {
    EXPECT_TRUE(estimate.value);
    EXPECT_EQ(estimate.reason, "rests on one cluster");
  }
  Ratings one_case = FromTable({{0, 1, 2}, {0, 2, 1}});
  for (Rating& rating : one_case) {
    rating.item = rating.cluster;
    rating.cluster = 0;
  }
  for (const Estimate& estimate : all(one_case)) {
    EXPECT_TRUE(estimate.value);
    EXPECT_EQ(estimate.reason, "all in one cluster");
  }
  EXPECT_EQ(QuadraticKappa(FromTable({{0, 1}, {0, 1}, {0, 1}}), 3).reason,
            "defined for two raters, not 3");
}

TEST(AgreementCoefficientTest, SkewedScoresCautionAgainstKappasInterval) {
  std::vector<int> first(30, 2);
  std::vector<int> second(30, 2);
  first[0] = 0;
  second[0] = 0;
  first[1] = 1;
  second[2] = 0;
  const Estimate kappa = QuadraticKappa(FromTable({first, second}), 3);
  EXPECT_EQ(kappa.caution, "skewed scores: the interval holds the truth in 88 to 93 %");
}

}  // namespace
}  // namespace axiometer
