#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace axiometer {

// What one rater (a judge, a person, or one repeat of a judge) gave one item, on an ordered scale
// of categories 0 to K - 1. Items of one `cluster` (a case) may depend on each other; an item is
// named by cluster and item. A rater rates an item at most once.
struct Rating {
  int cluster = 0;
  int item = 0;
  int rater = 0;
  int category = 0;
};

// Counts of the K categories that one item got.
struct RatedItem {
  int cluster = 0;
  std::vector<int> counts;
  int ratings = 0;
};

// Every rated item, by cluster and item. A category outside 0 to categories - 1 is a bug.
std::vector<RatedItem> RatedItems(std::span<const Rating> ratings, int categories);

// By rater: how often each category was given.
std::map<int, std::vector<int64_t>> RaterMarginals(std::span<const Rating> ratings,
                                                   int categories);

}  // namespace axiometer
