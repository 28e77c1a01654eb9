#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace axiometer {

// The candidate that `word` was probably meant to be: fewest insertions, deletions, substitutions
// and swaps of neighbours (optimal string alignment, ASCII case ignored), at most a third of the
// longer length and at least one allowed. Ties go to the earlier one; nullopt if none is near.
std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates);

// `did you mean "NEAREST"?`, or `fallback` if none is near: the hint of an error.
std::string DidYouMean(std::string_view word, std::span<const std::string> candidates,
                       std::string fallback = "");

}  // namespace axiometer
