#include "reports/stats/variance_components.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Repeats = std::vector<RepeatedScore>;

struct Truth {
  double clusters = 0;
  double tasks = 0;
  double repetition = 0;
  double judge = 0;
};

// Balanced scores around 0.5: tasks dealt to clusters in turn.
Repeats Draw(int clusters, int tasks, int epochs, int judges, const Truth& truth,
          std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> cluster_effect(static_cast<size_t>(clusters));
  for (double& effect : cluster_effect) effect = std::sqrt(truth.clusters) * normal(random);
  Repeats rows;
  for (int t = 0; t < tasks; ++t) {
    const double task =
        cluster_effect[static_cast<size_t>(t % clusters)] + std::sqrt(truth.tasks) * normal(random);
    for (int e = 0; e < epochs; ++e) {
      const double epoch = std::sqrt(truth.repetition) * normal(random);
      for (int j = 0; j < judges; ++j) {
        rows.push_back(
            {0.5 + task + epoch + std::sqrt(truth.judge) * normal(random), t, e, t % clusters});
      }
    }
  }
  return rows;
}

TEST(VarianceComponentsTest, TooFewScoresSayNothing) {
  EXPECT_EQ(EstimateNoise({}).reason, "never scored");
  EXPECT_EQ(EstimateNoise(Repeats{{0.5, 0, 0, 0}}).reason, "scored once");
  EXPECT_EQ(EstimateNoise(Repeats{{0.5, 0, 0, 0}, {std::nan(""), 1, 0, 1}}).reason,
            "a score is not a number");
}

// By hand: tasks (0, 0.2) and (0.6, 1.0), two epochs. MS_r = (0.02 + 0.08) / 2 = 0.05,
// MS_t = 2 ((0.1 - 0.45)^2 + (0.8 - 0.45)^2) / 1 = 0.49, task variance (0.49 - 0.05) / 2.
TEST(VarianceComponentsTest, TwoTasksByHand) {
  const VarianceComponents noise =
      EstimateNoise(Repeats{{0, 0, 0, 0}, {0.2, 0, 1, 0}, {0.6, 1, 0, 1}, {1, 1, 1, 1}});
  EXPECT_NEAR(noise.repetition->mean_square, 0.05, 1e-12);
  EXPECT_NEAR(noise.tasks->mean_square, 0.49, 1e-12);
  EXPECT_NEAR(noise.tasks->variance, 0.22, 1e-12);
  EXPECT_FALSE(noise.judge);
  EXPECT_FALSE(noise.clusters);
  EXPECT_EQ(noise.tasks->df, 1);
  EXPECT_EQ(noise.repetition->df, 2);
  EXPECT_NEAR(OfTheseTasks(noise)->variance, 0.05 / 4, 1e-12);
  EXPECT_EQ(OfTheseTasks(noise)->df, 2);
}

// The balanced formulas of the specification.
TEST(VarianceComponentsTest, BalancedDesignsHaveTheTextbookForm) {
  std::mt19937_64 random(1);
  const int tasks = 12, epochs = 3, judges = 2;
  const Repeats rows = Draw(tasks, tasks, epochs, judges, {0, 0.04, 0.02, 0.01}, random);
  std::map<int, double> task_mean;
  std::map<std::pair<int, int>, double> epoch_mean;
  double mean = 0;
  for (const RepeatedScore& row : rows) {
    task_mean[row.task] += row.score / (epochs * judges);
    epoch_mean[{row.task, row.epoch}] += row.score / judges;
    mean += row.score / (tasks * epochs * judges);
  }
  double ms_j = 0, ms_r = 0, ms_t = 0;
  for (const RepeatedScore& row : rows) {
    ms_j += std::pow(row.score - epoch_mean[{row.task, row.epoch}], 2);
  }
  for (const auto& [key, value] : epoch_mean) ms_r += std::pow(value - task_mean[key.first], 2);
  for (const auto& [key, value] : task_mean) ms_t += std::pow(value - mean, 2);
  ms_j /= tasks * epochs * (judges - 1);
  ms_r *= judges / (tasks * (epochs - 1.0));
  ms_t *= epochs * judges / (tasks - 1.0);
  const VarianceComponents noise = EstimateNoise(rows);
  EXPECT_NEAR(noise.judge->estimate, ms_j, 1e-12);
  EXPECT_NEAR(noise.repetition->estimate, (ms_r - ms_j) / judges, 1e-12);
  EXPECT_NEAR(noise.tasks->estimate, (ms_t - ms_r) / (epochs * judges), 1e-12);
  // All components together are the plain variance of the mean of tasks.
  EXPECT_NEAR(VarianceOfMean(noise, noise.design), ms_t / (tasks * epochs * judges), 1e-12);
  EXPECT_NEAR(OfTheseTasks(noise)->variance, ms_r / (tasks * epochs * judges), 1e-12);
  EXPECT_NEAR(noise.df, tasks - 1, 1e-9);
  EXPECT_NEAR(*noise.design_effect, 1, 1e-12);
}

// The slow obvious version for unequal numbers: projections P_i on the groups of each level, and
// E[y'(P_i - P_(i-1))y] = sum over levels j of variance_j trace((P_i - P_(i-1)) Z_j Z_j').
TEST(VarianceComponentsTest, UnequalNumbersSolveTheExpectationsOfTheProjections) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int design = 0; design < 10; ++design) {
    Repeats rows;
    for (int t = 0; t < 9; ++t) {
      for (int e = static_cast<int>(random() % 3) + (t == 0); e >= 0; --e) {
        for (int j = static_cast<int>(random() % 3) + (t == 1); j >= 0; --j) {
          rows.push_back({uniform(random), t, e, t % 4});
        }
      }
    }
    const size_t n = rows.size();
    using Same = std::function<bool(size_t, size_t)>;
    const std::vector<Same> same = {
        [](size_t, size_t) { return true; },
        [&](size_t a, size_t b) { return rows[a].cluster == rows[b].cluster; },
        [&](size_t a, size_t b) { return rows[a].task == rows[b].task; },
        [&](size_t a, size_t b) {
          return rows[a].task == rows[b].task && rows[a].epoch == rows[b].epoch;
        },
        [](size_t a, size_t b) { return a == b; }};
    using Matrix = std::vector<std::vector<double>>;
    std::vector<Matrix> projection;
    std::vector<Matrix> together;  // Z Z'
    for (const Same& in : same) {
      Matrix p(n, std::vector<double>(n, 0)), z = p;
      for (size_t a = 0; a < n; ++a) {
        double size = 0;
        for (size_t b = 0; b < n; ++b) size += in(a, b);
        for (size_t b = 0; b < n; ++b) {
          z[a][b] = in(a, b);
          p[a][b] = in(a, b) / size;
        }
      }
      projection.push_back(p);
      together.push_back(z);
    }
    std::vector<double> variance(same.size(), 0);
    for (size_t i = same.size() - 1; i > 0; --i) {
      double square = 0;
      std::vector<double> traces(same.size(), 0);
      for (size_t a = 0; a < n; ++a) {
        for (size_t b = 0; b < n; ++b) {
          const double q = projection[i][a][b] - projection[i - 1][a][b];
          square += rows[a].score * q * rows[b].score;
          for (size_t j = i; j < same.size(); ++j) traces[j] += q * together[j][b][a];
        }
      }
      for (size_t j = i + 1; j < same.size(); ++j) square -= traces[j] * variance[j];
      variance[i] = square / traces[i];
    }
    const VarianceComponents noise = EstimateNoise(rows);
    EXPECT_NEAR(noise.clusters->estimate, variance[1], 1e-10);
    EXPECT_NEAR(noise.tasks->estimate, variance[2], 1e-10);
    EXPECT_NEAR(noise.repetition->estimate, variance[3], 1e-10);
    EXPECT_NEAR(noise.judge->estimate, variance[4], 1e-10);
  }
}

// statsmodels, REML, which for balanced scores with positive components is the analysis of
// variance:
//   MixedLM.from_formula("y ~ 1", groups="t", data) on y = kBalanced; cov_re, scale.
TEST(VarianceComponentsTest, AgreesWithRemlOnBalancedScores) {
  const double scores[6][3] = {{0.10, 0.22, 0.15}, {0.55, 0.41, 0.60}, {0.80, 0.95, 0.71},
                               {0.33, 0.30, 0.42}, {0.61, 0.44, 0.52}, {0.25, 0.37, 0.21}};
  Repeats rows;
  for (int t = 0; t < 6; ++t) {
    for (int e = 0; e < 3; ++e) rows.push_back({scores[t][e], t, e, t});
  }
  const VarianceComponents noise = EstimateNoise(rows);
  EXPECT_NEAR(noise.tasks->variance, 0.0519974074074074, 1e-12);
  EXPECT_NEAR(noise.repetition->variance, 0.007683333333333334, 1e-12);
}

TEST(VarianceComponentsTest, NegativeEstimatesAreZeroAndSaidSo) {
  // Tasks alike, epochs apart: the task variance is estimated below 0.
  Repeats rows;
  for (int t = 0; t < 10; ++t) {
    rows.push_back({0.2, t, 0, t});
    rows.push_back({0.8, t, 1, t});
  }
  rows[0].score = 0.3;
  const VarianceComponents noise = EstimateNoise(rows);
  EXPECT_LT(noise.tasks->estimate, 0);
  EXPECT_EQ(noise.tasks->variance, 0);
  EXPECT_NE(DescribeNoise(noise, 0).find("Not distinguishable from 0: tasks."), std::string::npos);
}

TEST(VarianceComponentsTest, OneEpochIsInsideTasksAndOneJudgementInsideRepetition) {
  std::mt19937_64 random(3);
  const VarianceComponents one_epoch = EstimateNoise(Draw(10, 10, 1, 1, {0, 1, 1, 0}, random));
  EXPECT_TRUE(one_epoch.tasks);
  EXPECT_FALSE(one_epoch.repetition);
  EXPECT_FALSE(one_epoch.judge);
  EXPECT_FALSE(OfTheseTasks(one_epoch));
  EXPECT_EQ(DescribeNoise(one_epoch, 0),
            "Of the variance of this mean 100 % is tasks (repetition inside).");
  const VarianceComponents judged = EstimateNoise(Draw(10, 10, 1, 2, {0, 1, 0, 0.1}, random));
  EXPECT_TRUE(judged.judge);
  EXPECT_FALSE(judged.repetition);
}

TEST(VarianceComponentsTest, TasksInClustersHaveALevelMoreAndADesignEffect) {
  std::mt19937_64 random(4);
  const Repeats rows = Draw(5, 40, 2, 1, {0.05, 0.02, 0.02, 0}, random);
  const VarianceComponents noise = EstimateNoise(rows);
  EXPECT_FALSE(noise.own_clusters);
  EXPECT_EQ(noise.cluster_count, 5);
  EXPECT_TRUE(noise.clusters);
  EXPECT_NEAR(noise.design.clusters, 5, 1e-12);
  EXPECT_NEAR(noise.df, 4, 1e-9);
  EXPECT_GT(*noise.design_effect, 2);
  // More tasks in the same clusters never remove what clusters add.
  EXPECT_GT(VarianceOfMean(noise, WithMoreTasks(noise, 1e9)), noise.clusters->variance / 5 * 0.999);
}

TEST(VarianceComponentsTest, MoreEpochsNeverRemoveTheTasks) {
  std::mt19937_64 random(5);
  const VarianceComponents noise = EstimateNoise(Draw(20, 20, 2, 1, {0, 0.04, 0.04, 0}, random));
  EXPECT_NEAR(VarianceOfMean(noise, WithMoreEpochs(noise, 1e12)), noise.tasks->variance / 20, 1e-9);
}

// By hand from the components: t(19) stays, the variance goes from a/20 + b/40 to a/20 + b/60.
TEST(VarianceComponentsTest, NarrowingFollowsTheVarianceAndTheDegreesOfFreedom) {
  std::mt19937_64 random(6);
  const VarianceComponents noise = EstimateNoise(Draw(20, 20, 2, 1, {0, 0.04, 0.04, 0}, random));
  const double a = noise.tasks->variance;
  const double b = noise.repetition->variance;
  EXPECT_NEAR(*Narrowing(noise, WithMoreEpochs(noise, 1)),
              1 - std::sqrt((a / 20 + b / 60) / (a / 20 + b / 40)), 1e-12);
  EXPECT_NEAR(*Narrowing(noise, WithMoreTasks(noise, 40)),
              1 - *UpperTQuantile(0.025, 59) / *UpperTQuantile(0.025, 19) * std::sqrt(1.0 / 3),
              1e-9);
}

TEST(VarianceComponentsTest, TheSentenceSaysWhatToBuy) {
  VarianceComponents noise;
  noise.design = {100, 100, 2, 2};
  noise.cluster_count = 100;
  noise.df = 99;
  noise.tasks = VarianceComponent{0.071, 0.071, 0, 99, 4};
  noise.repetition = VarianceComponent{0.044, 0.044, 0, 100, 2};
  noise.judge = VarianceComponent{0.028, 0.028, 0, 200, 1};
  // Parts 0.071, 0.022, 0.007 of 0.1. A third epoch: sqrt(0.071 + 0.044/3 + 0.028/6) = 0.3006,
  // against 0.3162: 5 %. 40 tasks: 1 - t(139)/t(99) sqrt(100/140) = 16 %.
  EXPECT_EQ(DescribeNoise(noise, 40),
            "Of the variance of this mean 71 % is tasks, 22 % repetition, 7 % judge. A third epoch "
            "would narrow the interval by 5 %; 40 more tasks by 16 %.");
}

TEST(VarianceComponentsTest, EqualScoresHaveNothingToSplit) {
  Repeats rows;
  for (int t = 0; t < 5; ++t) rows.push_back({0.5, t, 0, t});
  EXPECT_EQ(DescribeNoise(EstimateNoise(rows), 10),
            "Nothing is known of the noise: all scores are equal.");
}

TEST(VarianceComponentsTest, UnequalEpochsCountByTheirHarmonicMean) {
  const VarianceComponents noise = EstimateNoise(
      Repeats{{0.1, 0, 0, 0}, {0.2, 0, 1, 0}, {0.5, 1, 0, 1}, {0.6, 2, 0, 2}, {0.9, 2, 1, 2}});
  EXPECT_NEAR(noise.design.epochs, 3 / (0.5 + 1 + 0.5), 1e-12);
  EXPECT_NEAR(noise.design.judges, 1, 1e-12);
}

}  // namespace
}  // namespace axiometer
