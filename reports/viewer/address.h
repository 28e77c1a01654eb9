#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

inline constexpr size_t kLongestAddress = 8192;  // bytes, encoded

// What was asked of the viewer: "/run/01J…/samples?outcome=finished", decoded.
struct Address {
  std::vector<std::string> path;  // its parts, without empty ones
  std::vector<std::pair<std::string, std::string>> query;

  const std::string& Get(std::string_view name) const;  // the first; empty if there is none
  std::vector<std::string> All(std::string_view name) const;
  // The first as a number; nullopt: there is none, or it is no number.
  std::optional<int64_t> Whole(std::string_view name) const;
  std::optional<double> Decimal(std::string_view name) const;

  // The same page with `name` set to `value` in the query (empty: without it), encoded.
  std::string With(std::string_view name, std::string_view value) const;
};

// Error: not a path, a broken %XX, text that is not UTF-8, or more than kLongestAddress as it came or as AddressText
// writes it, which encodes more than some programs do.
Result<Address> ParseAddress(std::string_view target);

// Error: a number or a choice of the query that no page can mean: "from=abc", "epoch=0", "rank=best". An empty value is
// none, as a form sends it.
Result<void> CheckQuery(const Address& address);

// Encoded: "/run/01J…/samples" and "?name=value&…".
std::string AddressText(const Address& address);

}  // namespace axiometer
