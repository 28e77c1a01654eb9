#include <gtest/gtest.h>

#include "tests/validity/profile_simulation.h"

namespace axiometer {
namespace {

ProfileRates SimulateSimilarity(const ProfileShape& shape, uint64_t seed) { return SimulateProfiles(shape, kRepetitions, seed); }

TEST(ProfileSimilarityValidityTest, DistancesCoverThatOfTheTrueProfiles) {
  EXPECT_NEAR(SimulateSimilarity({10, 25, 1.0, 0.8}, 1).distance.share(), 0.95, kAllowed);
  EXPECT_GE(SimulateSimilarity({10, 6, 1.0, 0.0}, 2).distance.share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateSimilarity({20, 10, 0.4, 1.0}, 3).distance.share(), 0.95 - kAllowed) << "equal subjects";
}

TEST(ProfileSimilarityValidityTest, CorrectedCorrelationsCoverThatOfTheTrueProfiles) {
  EXPECT_GE(SimulateSimilarity({10, 10, 1.0, 0.0}, 4).corrected.share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateSimilarity({10, 25, 1.0, 0.8}, 5).corrected.share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateSimilarity({20, 10, 0.4, 0.8}, 6).corrected.share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateSimilarity({10, 25, 0.4, 1.0}, 7).corrected.share(), 0.95 - kAllowed) << "equal subjects";
}

// Not the true one: with equal subjects Fisher's limits would cover 1 in 1 or 2 % of repetitions.
TEST(ProfileSimilarityValidityTest, MeasuredCorrelationsCoverWhatSuchMeasuringGives) {
  EXPECT_GE(SimulateSimilarity({10, 10, 1.0, 0.8}, 8).pearson.share(), 0.95 - kAllowed);
  EXPECT_GE(SimulateSimilarity({10, 25, 0.4, 1.0}, 9).pearson.share(), 0.95 - kAllowed);
}

}  // namespace
}  // namespace axiometer
