#include "harness/record/usage.h"

namespace axiometer {

Usage& Usage::operator+=(const Usage& other) {
  input_tokens += other.input_tokens;
  cached_tokens += other.cached_tokens;
  output_tokens += other.output_tokens;
  reasoning_tokens += other.reasoning_tokens;
  if (other.cost_usd) cost_usd = cost_usd.value_or(0) + *other.cost_usd;
  return *this;
}

double CostUsd(const Usage& usage, const Prices& prices) {
  const double fresh = static_cast<double>(usage.input_tokens - usage.cached_tokens);
  return (fresh * prices.input +
          static_cast<double>(usage.cached_tokens) * prices.cached.value_or(prices.input) +
          static_cast<double>(usage.output_tokens) * prices.output) /
         1e6;
}

}  // namespace axiometer
