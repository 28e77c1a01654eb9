#include "harness/base/parallel.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace axiometer {
namespace {

TEST(ParallelTest, EachIsDoneOnce) {
  for (const size_t count : {0u, 1u, 2u, 1000u}) {
    std::vector<int> done(count, 0);
    InParallel(count, [&](size_t i) { ++done[i]; });
    EXPECT_EQ(done, std::vector<int>(count, 1));
  }
}

TEST(ParallelTest, MayNest) {
  std::vector<int> sums(4, 0);
  InParallel(4, [&](size_t i) {
    std::vector<int> parts(8, 0);
    InParallel(8, [&](size_t k) { parts[k] = static_cast<int>(k); });
    sums[i] = std::accumulate(parts.begin(), parts.end(), 0);
  });
  EXPECT_EQ(sums, std::vector<int>(4, 28));
}

}  // namespace
}  // namespace axiometer
