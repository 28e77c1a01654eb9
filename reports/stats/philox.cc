#include "reports/stats/philox.h"

#include <cmath>
#include <string>

#include "harness/base/digest.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

uint32_t Low(uint64_t word) { return static_cast<uint32_t>(word); }
uint32_t High(uint64_t word) { return static_cast<uint32_t>(word >> 32); }
uint64_t Joined(uint32_t low, uint32_t high) { return (static_cast<uint64_t>(high) << 32) | low; }

}  // namespace

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t first = uint64_t{0xD2511F53} * counter[0];
    const uint64_t second = uint64_t{0xCD9E8D57} * counter[2];
    counter = {High(second) ^ counter[1] ^ key[0], Low(second), High(first) ^ counter[3] ^ key[1],
               Low(first)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

uint64_t RandomKey(uint64_t seed, std::string_view statistic, std::string_view subject,
                   std::string_view dimension) {
  std::string label = std::to_string(seed);
  for (const std::string_view part : {statistic, subject, dimension}) {
    // The length first: no part can run into the next.
    label += '\n' + std::to_string(part.size()) + ':';
    label += part;
  }
  return std::stoull(Sha256(label).substr(0, 16), nullptr, 16);
}

uint64_t RandomStream::Next() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const std::array<uint32_t, 4> words = Philox4x32(
      {Low(block_), High(block_), Low(draw_), High(draw_)}, {Low(key_), High(key_)});
  ++block_;
  spare_ = Joined(words[2], words[3]);
  has_spare_ = true;
  return Joined(words[0], words[1]);
}

double RandomStream::Uniform() { return (static_cast<double>(Next() >> 12) + 0.5) * 0x1p-52; }

double RandomStream::Normal() { return NormalDraw(Uniform()); }

// Twice a gamma variable of shape df / 2: "A simple method for generating gamma variables", ACM TOMS 26. No incomplete
// gamma function has to be inverted.
double RandomStream::ChiSquared(double df) {
  if (df < 2) return ChiSquared(df + 2) * std::pow(Uniform(), 2 / df);
  const double d = df / 2 - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = Normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(Uniform()) < x * x / 2 + d * (1 - v + std::log(v))) return 2 * d * v;
  }
}

uint64_t RandomStream::Below(uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
}

}  // namespace axiometer
