#include "reports/stats/paired_binary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace axiometer {
namespace {

TEST(PairedBinaryTest, NoTasksHaveNoDifference) {
  const PairedBinary none = ComparePairedBinary({});
  EXPECT_FALSE(none.estimate.value);
  EXPECT_FALSE(none.p);
  EXPECT_EQ(none.estimate.reason, "no task of both");
}

TEST(PairedBinaryTest, CountsThatDoNotFitAreRefused) {
  EXPECT_EQ(ComparePairedBinary({10, 6, 5}).estimate.reason,
            "the counts do not fit the number of tasks");
  EXPECT_EQ(ComparePairedBinary({10, -1, 5}).estimate.reason,
            "the counts do not fit the number of tasks");
}

// Airway hyper-responsiveness before and after stem cell transplantation, the worked example of
// Fagerland, Lydersen & Laake (2013): 1 and 7 of 21; exact p 0.0703, mid-p 0.0391.
TEST(PairedBinaryTest, PublishedExample) {
  const PairedBinary example = ComparePairedBinary({21, 1, 7});
  EXPECT_NEAR(*example.p, 2 * 9.0 / 256 - 8.0 / 256, 1e-12);
  EXPECT_NEAR(*example.estimate.value, -6.0 / 21, 1e-12);
  // Bonett & Price: d = -6/23, se = sqrt((10/23 - d^2)/23).
  const double d = -6.0 / 23;
  const double error = std::sqrt((10.0 / 23 - d * d) / 23);
  EXPECT_NEAR(example.estimate.interval->low, d - 1.959963984540054 * error, 1e-12);
  EXPECT_NEAR(example.estimate.interval->high, d + 1.959963984540054 * error, 1e-12);
}

TEST(PairedBinaryTest, EqualSplitsAreNoEvidence) {
  EXPECT_NEAR(*ComparePairedBinary({10, 2, 2}).p, 1 - 6.0 / 16 / 2, 1e-12);
  EXPECT_EQ(*ComparePairedBinary({10, 0, 0}).p, 1);
}

TEST(PairedBinaryTest, ExchangingTheSubjectsChangesSignsAlone) {
  const PairedBinary one = ComparePairedBinary({40, 9, 3});
  const PairedBinary other = ComparePairedBinary({40, 3, 9});
  EXPECT_EQ(*one.p, *other.p);
  EXPECT_DOUBLE_EQ(*one.estimate.value, -*other.estimate.value);
  EXPECT_DOUBLE_EQ(one.estimate.interval->low, -other.estimate.interval->high);
}

TEST(PairedBinaryTest, LimitsStayInTheRange) {
  EXPECT_LE(ComparePairedBinary({3, 3, 0}).estimate.interval->high, 1);
  EXPECT_GE(ComparePairedBinary({3, 0, 3}).estimate.interval->low, -1);
}

// statsmodels 0.15: mcnemar([[20, 9], [3, 8]], exact=True).pvalue, less scipy 1.17's binom.pmf(3, 12, 0.5).
TEST(PairedBinaryTest, AgreesWithStatsmodels) {
  EXPECT_NEAR(*ComparePairedBinary({40, 9, 3}).p, 0.14599609375 - 0.0537109375, 1e-12);
}

}  // namespace
}  // namespace axiometer
