#include "harness/base/utc.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(UtcTimeTest, IsOfTheWholeSecondWhateverTheZone) {
  EXPECT_EQ(UtcTime(0, "%Y-%m-%dT%H:%M:%S"), "1970-01-01T00:00:00");
  EXPECT_EQ(UtcTime(1'764'000'000'999, "%Y-%m-%d %H:%M UTC"), "2025-11-24 16:00 UTC");
  EXPECT_EQ(UtcTime(951'782'400'000, "%d.%m.%Y"), "29.02.2000");
}

}  // namespace
}  // namespace axiometer
