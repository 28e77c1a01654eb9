#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace axiometer {

// The latencies of the mock endpoint's requests, in the order in which they arrive: log-normal, the
// same for the same seed. So long as nothing else draws from `random`.
class MockLatency {
 public:
  MockLatency(double median_ms, double sigma) : median_ms_(median_ms), sigma_(sigma) {}

  double NextUs(std::mt19937_64& random) {
    return median_ms_ * 1000 * std::exp(sigma_ * normal_(random));
  }

 private:
  const double median_ms_;
  const double sigma_;
  std::normal_distribution<double> normal_;
};

}  // namespace axiometer
