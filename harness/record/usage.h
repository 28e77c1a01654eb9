#pragma once

#include <cstdint>
#include <optional>

namespace axiometer {

// Tokens of one or more model calls, as the endpoint counted them. `input_tokens` includes
// `cached_tokens`, `output_tokens` includes `reasoning_tokens`.
struct Usage {
  int64_t input_tokens = 0;
  int64_t cached_tokens = 0;
  int64_t output_tokens = 0;
  int64_t reasoning_tokens = 0;
  std::optional<double> cost_usd;  // absent where no price is known

  Usage& operator+=(const Usage& other);
  int64_t tokens() const { return input_tokens + output_tokens; }
};

// US dollars a million tokens. Reasoning tokens cost as output; cached ones as `cached`, or as
// `input` where that is absent.
struct Prices {
  double input = 0;
  double output = 0;
  std::optional<double> cached;
};

double CostUsd(const Usage& usage, const Prices& prices);

}  // namespace axiometer
