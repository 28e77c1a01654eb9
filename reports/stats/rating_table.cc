#include "reports/stats/rating_table.h"

namespace axiometer {

std::vector<RatedItem> RatedItems(std::span<const Rating> ratings, int categories) {
  std::map<std::pair<int, int>, RatedItem> items;
  for (const Rating& rating : ratings) {
    RatedItem& item = items[{rating.cluster, rating.item}];
    item.cluster = rating.cluster;
    item.counts.resize(static_cast<size_t>(categories), 0);
    ++item.counts[rating.category];
    ++item.ratings;
  }
  std::vector<RatedItem> out;
  for (auto& [name, item] : items) out.push_back(std::move(item));
  return out;
}

std::map<int, std::vector<int64_t>> RaterMarginals(std::span<const Rating> ratings,
                                                   int categories) {
  std::map<int, std::vector<int64_t>> marginals;
  for (const Rating& rating : ratings) {
    std::vector<int64_t>& counts = marginals[rating.rater];
    counts.resize(static_cast<size_t>(categories), 0);
    ++counts[rating.category];
  }
  return marginals;
}

}  // namespace axiometer
