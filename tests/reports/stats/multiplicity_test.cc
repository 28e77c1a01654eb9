#include "reports/stats/multiplicity.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace axiometer {
namespace {

using Family = std::vector<std::optional<double>>;

void ExpectNear(const Family& left, const Family& right) {
  ASSERT_EQ(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    ASSERT_EQ(left[i].has_value(), right[i].has_value()) << i;
    if (left[i]) {
      EXPECT_NEAR(*left[i], *right[i], 1e-12) << i;
    }
  }
}

TEST(MultiplicityTest, NoTestsNoFamily) {
  EXPECT_TRUE(Holm({}).empty());
  EXPECT_TRUE(BenjaminiHochberg({}).empty());
}

TEST(MultiplicityTest, OneTestStaysAsItIs) {
  ExpectNear(Holm(Family{0.03}), Family{0.03});
  ExpectNear(BenjaminiHochberg(Family{0.03}), Family{0.03});
}

// By hand: sorted 0.01, 0.02, 0.03, 0.04, times 4, 3, 2, 1, made rising.
TEST(MultiplicityTest, HolmMultipliesByTheTestsThatAreLeft) {
  ExpectNear(Holm(Family{0.04, 0.01, 0.03, 0.02}), Family{0.06, 0.04, 0.06, 0.06});
}

// By hand: 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3, 0.04 * 4 / 4: all 0.04.
TEST(MultiplicityTest, BenjaminiHochbergMultipliesByTheRank) {
  ExpectNear(BenjaminiHochberg(Family{0.04, 0.01, 0.03, 0.02}), Family{0.04, 0.04, 0.04, 0.04});
}

TEST(MultiplicityTest, TestsWithoutPAreNotInTheFamily) {
  ExpectNear(Holm(Family{std::nullopt, 0.02, std::nullopt, 0.04}),
             Family{std::nullopt, 0.04, std::nullopt, 0.04});
  ExpectNear(BenjaminiHochberg(Family{std::nullopt, 0.02, 0.04}), Family{std::nullopt, 0.04, 0.04});
}

TEST(MultiplicityTest, AdjustedValuesNeverExceedOne) {
  ExpectNear(Holm(Family{0.5, 0.9, 1.0}), Family{1.0, 1.0, 1.0});
  ExpectNear(BenjaminiHochberg(Family{0.9, 1.0}), Family{1.0, 1.0});
}

// statsmodels: multipletests(p, method="holm") and "fdr_bh".
TEST(MultiplicityTest, AgreesWithStatsmodels) {
  const Family p = {0.001, 0.3, 0.012, 0.04, 0.049, 0.0004, 0.8, 0.03};
  ExpectNear(Holm(p), Family{0.007, 0.6, 0.072, 0.16, 0.16, 0.0032, 0.8, 0.15});
  ExpectNear(BenjaminiHochberg(p),
             Family{0.004, 0.342857142857143, 0.032, 0.064, 0.0653333333333333, 0.0032, 0.8, 0.06});
}

}  // namespace
}  // namespace axiometer
