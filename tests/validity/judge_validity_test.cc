#include <gtest/gtest.h>

#include "tests/validity/judge_simulation.h"

namespace axiometer {
namespace {

double Coverage(AgreementCoefficient coefficient, int cases, uint64_t seed) {
  return SimulateAgreement(coefficient, {cases}, kRepetitions, seed).share();
}

TEST(JudgeValidityTest, AlphaCoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(Coverage(OrdinalAlpha, 10, 1), 0.95, kAllowed);
  EXPECT_NEAR(Coverage(OrdinalAlpha, 25, 2), 0.95, kAllowed);
  EXPECT_NEAR(Coverage(OrdinalAlpha, 60, 3), 0.95, kAllowed);
}

TEST(JudgeValidityTest, KappaAndAc2CoverTheTruthWhereScoresAreBalanced) {
  EXPECT_NEAR(Coverage(QuadraticKappa, 25, 4), 0.95, kAllowed);
  EXPECT_NEAR(Coverage(GwetAc2, 25, 5), 0.95, kAllowed);
}

double CorrectedCoverage(const CorrectionShape& shape, uint64_t seed) {
  return SimulateCorrection(shape, kRepetitions, seed).share();
}

TEST(JudgeValidityTest, CorrectedMeanCoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(CorrectedCoverage({10, 200, 210}, 6), 0.95, kAllowed);
  EXPECT_NEAR(CorrectedCoverage({40, 300, 340}, 7), 0.95, kAllowed);
}

TEST(JudgeValidityTest, CorrectedMeanCoversTheTruthInCases) {
  EXPECT_NEAR(CorrectedCoverage({40, 300, 20}, 8), 0.95, kAllowed);
  EXPECT_NEAR(CorrectedCoverage({60, 300, 8}, 9), 0.95, kAllowed);
  EXPECT_NEAR(CorrectedCoverage({60, 240, 20, 0.6}, 12), 0.95, kAllowed);
}

TEST(JudgeValidityTest, SeverityCoversTheTruthAsOftenAsItSays) {
  EXPECT_NEAR(SimulateSeverity(10, kRepetitions, 10).share(), 0.95, kAllowed);
  EXPECT_NEAR(SimulateSeverity(40, kRepetitions, 11).share(), 0.95, kAllowed);
}

}  // namespace
}  // namespace axiometer
