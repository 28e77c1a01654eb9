#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/agreement_coefficient.h"
#include "reports/stats/corrected_mean.h"
#include "reports/stats/rater_severity.h"

// Simulations of known truth. 400 repetitions have a standard error of 1.1 points at 95 %; 3.3 are
// allowed.
namespace axiometer {
namespace {

constexpr int kRepetitions = 400;
constexpr double kAllowed = 0.033;

using Normal = std::normal_distribution<double>;

// Judge and person see an item's latent score through noise, in three equal categories; items of a
// case share half of their variance.
std::vector<Rating> TwoRaters(int cases, int items_each, std::mt19937_64& random) {
  Normal normal(0, 1);
  std::vector<Rating> ratings;
  for (int g = 0; g < cases; ++g) {
    const double shared = normal(random);
    for (int item = 0; item < items_each; ++item) {
      const double truth = std::sqrt(0.5) * (shared + normal(random));
      for (int rater = 0; rater < 2; ++rater) {
        const double seen = (truth + 0.5 * normal(random)) / std::sqrt(1.25);
        ratings.push_back({g, item, rater, seen < -0.43 ? 0 : seen < 0.43 ? 1 : 2});
      }
    }
  }
  return ratings;
}

using Coefficient = Estimate (*)(std::span<const Rating>, int, double);

double Coverage(Coefficient coefficient, int cases, int items_each, uint64_t seed) {
  std::mt19937_64 random(seed);
  const double truth = *coefficient(TwoRaters(40'000, items_each, random), 3, 0.95).value;
  int covered = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const Estimate estimate = coefficient(TwoRaters(cases, items_each, random), 3, 0.95);
    covered +=
        estimate.interval && estimate.interval->low <= truth && truth <= estimate.interval->high;
  }
  return static_cast<double>(covered) / kRepetitions;
}

TEST(JudgeValidityTest, AlphaCoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(Coverage(OrdinalAlpha, 10, 4, 1), 0.95, kAllowed);
  EXPECT_NEAR(Coverage(OrdinalAlpha, 25, 4, 2), 0.95, kAllowed);
  EXPECT_NEAR(Coverage(OrdinalAlpha, 60, 4, 3), 0.95, kAllowed);
}

TEST(JudgeValidityTest, KappaAndAc2CoverTheTruthWhereScoresAreBalanced) {
  EXPECT_NEAR(Coverage(QuadraticKappa, 25, 4, 4), 0.95, kAllowed);
  EXPECT_NEAR(Coverage(GwetAc2, 25, 4, 5), 0.95, kAllowed);
}

// Labelled and other items, drawn at random from all: own clusters, or several of each to a case.
// `slope`: the judge's score per point of a person's; below 1, both parts of the estimate carry the
// case's effect with the same sign.
double CorrectedCoverage(int labelled, int others, int clusters, uint64_t seed,
                         double slope = 1) {
  std::mt19937_64 random(seed);
  Normal normal(0, 1);
  const double truth = 0.5;  // by symmetry
  int covered = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<JudgedItem> items;
    std::vector<double> person_shared(static_cast<size_t>(clusters));
    std::vector<double> judge_shared(static_cast<size_t>(clusters));
    for (double& effect : person_shared) effect = normal(random);
    for (double& effect : judge_shared) effect = normal(random);
    for (int i = 0; i < labelled + others; ++i) {
      JudgedItem item;
      item.cluster = i % clusters;
      const double seen = 0.10 * person_shared[item.cluster] + 0.17 * normal(random);
      item.person = std::clamp(0.5 + seen, 0.0, 1.0);
      item.judge = std::clamp(0.55 + slope * seen + 0.06 * judge_shared[item.cluster] +
                                  0.1 * normal(random), 0.0, 1.0);
      items.push_back(item);
    }
    std::vector<size_t> order(items.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (int i = 0; i < labelled; ++i) items[order[i]].labelled = true;
    const Estimate estimate = CorrectMean(items, true).corrected;
    covered +=
        estimate.interval && estimate.interval->low <= truth && truth <= estimate.interval->high;
  }
  return static_cast<double>(covered) / kRepetitions;
}

TEST(JudgeValidityTest, CorrectedMeanCoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(CorrectedCoverage(10, 200, 210, 6), 0.95, kAllowed);
  EXPECT_NEAR(CorrectedCoverage(40, 300, 340, 7), 0.95, kAllowed);
}

TEST(JudgeValidityTest, CorrectedMeanCoversTheTruthInCases) {
  EXPECT_NEAR(CorrectedCoverage(40, 300, 20, 8), 0.95, kAllowed);
  EXPECT_NEAR(CorrectedCoverage(60, 300, 8, 9), 0.95, kAllowed);
  EXPECT_NEAR(CorrectedCoverage(60, 240, 20, 12, 0.6), 0.95, kAllowed);
}

// Three judges on some items each, whose severity differs by case as well.
double SeverityCoverage(int cases, uint64_t seed) {
  std::mt19937_64 random(seed);
  Normal normal(0, 1);
  const double truth[] = {0.1, 0.0, -0.1};
  int covered = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<RaterScore> scores;
    for (int g = 0; g < cases; ++g) {
      double shift[3];
      for (double& s : shift) s = 0.05 * normal(random);
      for (int item = 0; item < 3; ++item) {
        const double level = 0.5 + 0.2 * normal(random);
        for (int rater = 0; rater < 3; ++rater) {
          if (random() % 4 == 0) continue;
          scores.push_back({g, item, rater,
                            level + truth[rater] + shift[rater] + 0.1 * normal(random)});
        }
      }
    }
    const Estimate severity = RaterSeverities(scores)[0].severity;
    covered += severity.interval && severity.interval->low <= truth[0] &&
               truth[0] <= severity.interval->high;
  }
  return static_cast<double>(covered) / kRepetitions;
}

TEST(JudgeValidityTest, SeverityCoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(SeverityCoverage(10, 10), 0.95, kAllowed);
  EXPECT_NEAR(SeverityCoverage(40, 11), 0.95, kAllowed);
}

}  // namespace
}  // namespace axiometer
