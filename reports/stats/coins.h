#pragma once

#include <cstdint>

#include "reports/stats/philox.h"

namespace axiometer {

// Fair coins from a stream, 64 of each of its numbers: for tests that toss one for every cluster in thousands of draws.
class Coins {
 public:
  // What is tossed after this depends on the key and the draw alone.
  Coins(uint64_t key, uint64_t draw) : random_(key, draw) {}

  bool Toss() {
    if (left_ == 0) {
      bits_ = random_.Next();
      left_ = 64;
    }
    const bool heads = (bits_ & 1) != 0;
    bits_ >>= 1;
    --left_;
    return heads;
  }

 private:
  RandomStream random_;
  uint64_t bits_ = 0;
  int left_ = 0;
};

}  // namespace axiometer
