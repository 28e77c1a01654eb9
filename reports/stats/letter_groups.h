#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace axiometer {

// Compact letter display: the largest sets of items of which no two are told apart (Piepho 2004, J.
// Computational and Graphical Statistics 13, insert and absorb). Every item is in at least one; two
// items share one exactly if the pair is not in `apart`. Items are 0 to items - 1 in the order of
// print; sets are ascending and ordered by their members. nullopt in the odd case of more than 1000
// sets, which no reader could use.
std::optional<std::vector<std::vector<int>>> LetterGroups(
    int items, std::span<const std::pair<int, int>> apart);

// "a" to "z", then "aa", "ab", …; `group` >= 0.
std::string GroupLetters(int group);

}  // namespace axiometer
