#include "reports/stats/philox.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "reports/stats/coins.h"

namespace axiometer {
namespace {

using Words = std::array<uint32_t, 4>;

// Random123, tests/kat_vectors, "philox4x32 10".
TEST(PhiloxTest, GivesThePublishedVectors) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, StreamIsTheBlocksOfItsDrawInOrder) {
  RandomStream stream(0x0000000700000005, 3);
  const Words first = Philox4x32({0, 0, 3, 0}, {5, 7});
  const Words second = Philox4x32({1, 0, 3, 0}, {5, 7});
  EXPECT_EQ(stream.Next(), (uint64_t{first[1]} << 32) | first[0]);
  EXPECT_EQ(stream.Next(), (uint64_t{first[3]} << 32) | first[2]);
  EXPECT_EQ(stream.Next(), (uint64_t{second[1]} << 32) | second[0]);
}

TEST(PhiloxTest, EveryPartOfTheNameChangesTheKey) {
  const std::set<uint64_t> keys = {RandomKey(1, "a"),           RandomKey(2, "a"),
                                   RandomKey(1, "b"),           RandomKey(1, "a", "s"),
                                   RandomKey(1, "a", "", "s"),  RandomKey(1, "as"),
                                   RandomKey(1, "a", "s", "s"), RandomKey(1, "a", "ss")};
  EXPECT_EQ(keys.size(), 8u);
  EXPECT_EQ(RandomKey(1, "a", "s"), RandomKey(1, "a", "s"));
}

// 100,000 draws: mean within 4 standard errors, variance within 4 of its own.
TEST(PhiloxTest, DrawsHaveTheMomentsOfTheirDistribution) {
  constexpr int kDraws = 100'000;
  const auto moments = [](auto draw) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      RandomStream stream(RandomKey(20260101, "moments"), static_cast<uint64_t>(i));
      const double x = draw(stream);
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kDraws;
    return std::pair{mean, squares / kDraws - mean * mean};
  };
  const double root = std::sqrt(kDraws);
  const auto normal = moments([](RandomStream& stream) { return stream.Normal(); });
  EXPECT_NEAR(normal.first, 0, 4 / root);
  EXPECT_NEAR(normal.second, 1, 4 * std::sqrt(2) / root);
  const auto chi = moments([](RandomStream& stream) { return stream.ChiSquared(5); });
  EXPECT_NEAR(chi.first, 5, 4 * std::sqrt(10) / root);
  EXPECT_NEAR(chi.second, 10, 4 * 22 / root);
  const auto few = moments([](RandomStream& stream) { return stream.ChiSquared(1.2); });
  EXPECT_NEAR(few.first, 1.2, 4 * std::sqrt(2.4) / root);
  EXPECT_NEAR(few.second, 2.4, 4 * 9 / root);
  const auto uniform = moments([](RandomStream& stream) { return stream.Uniform(); });
  EXPECT_NEAR(uniform.first, 0.5, 4 * std::sqrt(1.0 / 12) / root);
  const auto coin = moments([](RandomStream& stream) { return stream.Coin() ? 1.0 : 0.0; });
  EXPECT_NEAR(coin.first, 0.5, 2 / root);
}

TEST(PhiloxTest, CoinsAreTheBitsOfTheStream) {
  RandomStream stream(RandomKey(4, "coins"), 9);
  Coins coins(RandomKey(4, "coins"), 9);
  for (int word = 0; word < 3; ++word) {
    const uint64_t bits = stream.Next();
    for (int bit = 0; bit < 64; ++bit) EXPECT_EQ(coins.Toss(), ((bits >> bit) & 1) != 0);
  }
}

TEST(PhiloxTest, BelowReachesEveryNumberAndNoOther) {
  std::vector<int> counts(7);
  RandomStream stream(RandomKey(3, "below"), 0);
  for (int i = 0; i < 7000; ++i) ++counts.at(stream.Below(7));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 4 * std::sqrt(1000 * 6.0 / 7));
  EXPECT_EQ(stream.Below(1), 0u);
}

}  // namespace
}  // namespace axiometer
