#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace axiometer {

// What reports draw from, so that a report made twice is the same.
inline constexpr uint64_t kReportSeed = 20260101;

// Counter-based random numbers: the same on every platform, whatever the number of threads and the
// order of work.

// Philox4x32 with 10 rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
// 1, 2, 3").
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// Names the random numbers of one statistic of one subject and dimension, so that no two share
// them: the first 64 bits of the SHA-256 of all four.
uint64_t RandomKey(uint64_t seed, std::string_view statistic, std::string_view subject = {},
                   std::string_view dimension = {});

// The numbers of draw number `draw` under `key`, one after the other. Every draw of a bootstrap has
// its own stream, so that draws can be made in any order.
class RandomStream {
 public:
  RandomStream(uint64_t key, uint64_t draw) : key_(key), draw_(draw) {}

  uint64_t Next();
  double Uniform();               // in (0, 1), both ends excluded; an odd multiple of 2^-53
  double Normal();                // standard, by inversion: one Uniform each
  double ChiSquared(double df);  // df finite and > 0; Marsaglia & Tsang 2000, some normals and uniforms each
  uint64_t Below(uint64_t bound);  // 0 to bound - 1, bound >= 1; bias below bound / 2^64
  bool Coin() { return (Next() >> 63) != 0; }

 private:
  uint64_t key_;
  uint64_t draw_;
  uint64_t block_ = 0;
  uint64_t spare_ = 0;  // second half of the last block
  bool has_spare_ = false;
};

}  // namespace axiometer
