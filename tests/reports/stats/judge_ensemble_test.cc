#include "reports/stats/judge_ensemble.h"

#include <gtest/gtest.h>

#include <vector>

namespace axiometer {
namespace {

TEST(JudgeEnsembleTest, MeanMajorityAndDisagreement) {
  const EnsembleVerdict verdict = JoinVerdicts(std::vector<double>{1, 0, 1});
  EXPECT_EQ(verdict.ratings, 3);
  EXPECT_NEAR(*verdict.mean, 2.0 / 3, 1e-15);
  EXPECT_EQ(*verdict.majority, 1);
  EXPECT_NEAR(*verdict.disagreement, 2.0 / 3, 1e-15);
}

TEST(JudgeEnsembleTest, ATieIsNoVerdict) {
  EXPECT_FALSE(JoinVerdicts(std::vector<double>{0, 1}).majority);
  EXPECT_FALSE(JoinVerdicts(std::vector<double>{0, 0.5, 1}).majority);
  EXPECT_EQ(*JoinVerdicts(std::vector<double>{0, 0, 0.5, 1}).majority, 0);
}

TEST(JudgeEnsembleTest, OneJudgeCannotDisagree) {
  const EnsembleVerdict verdict = JoinVerdicts(std::vector<double>{0.5});
  EXPECT_EQ(*verdict.majority, 0.5);
  EXPECT_FALSE(verdict.disagreement);
}

TEST(JudgeEnsembleTest, NoJudgeNoVerdict) {
  const EnsembleVerdict verdict = JoinVerdicts({});
  EXPECT_EQ(verdict.ratings, 0);
  EXPECT_FALSE(verdict.mean);
  EXPECT_FALSE(verdict.majority);
  EXPECT_FALSE(verdict.disagreement);
}

}  // namespace
}  // namespace axiometer
