#include "reports/stats/agreement_coefficient.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "reports/stats/jackknife.h"

namespace axiometer {
namespace {

constexpr double kSkewed = 0.8;  // of all ratings in one category
constexpr double kNothing = 1e-12;

// Sums that add up over clusters, so that a cluster is left out by subtraction.
using Sums = std::vector<double>;

struct ByCluster {
  Sums all;
  std::map<int, Sums> of;

  explicit ByCluster(size_t size) : all(size, 0.0) {}
  Sums& Of(int cluster) { return of.try_emplace(cluster, all.size(), 0.0).first->second; }
  // After the last item.
  void Close() {
    for (const auto& [cluster, sums] : of) {
      for (size_t i = 0; i < all.size(); ++i) all[i] += sums[i];
    }
  }
};

// `coefficient` of the sums, and its jackknife.
template <class Coefficient>
void Conclude(const ByCluster& sums, Coefficient coefficient, double level, Estimate& out) {
  out.clusters = static_cast<int>(sums.of.size());
  out.value = coefficient(sums.all);
  if (!out.value) {
    out.reason = "no variation: agreement undefined";
    return;
  }
  std::vector<std::optional<double>> left_out;
  for (const auto& [cluster, own] : sums.of) {
    Sums rest = sums.all;
    for (size_t i = 0; i < rest.size(); ++i) rest[i] -= own[i];
    left_out.push_back(coefficient(rest));
  }
  SetFisherJackknife(left_out, level, out);
}

bool NothingTwice(Estimate& out) {
  if (out.n == 0) out.reason = "no item was rated twice";
  return out.n == 0;
}

double Disagreement(size_t c, size_t k, size_t categories) {
  const double step = (static_cast<double>(c) - static_cast<double>(k)) /
                      static_cast<double>(categories - 1);
  return step * step;
}

// Of K x K coincidences, row by row. Absent: only one category.
std::optional<double> AlphaOf(const Sums& coincidences, size_t categories) {
  std::vector<double> n(categories, 0.0);
  std::vector<double> up_to(categories + 1, 0.0);  // sums of n before c
  for (size_t c = 0; c < categories; ++c) {
    for (size_t k = 0; k < categories; ++k) n[c] += coincidences[c * categories + k];
    up_to[c + 1] = up_to[c] + n[c];
  }
  const double total = up_to[categories];
  double observed = 0;
  double expected = 0;
  for (size_t c = 0; c < categories; ++c) {
    for (size_t k = c + 1; k < categories; ++k) {
      const double distance = up_to[k + 1] - up_to[c] - (n[c] + n[k]) / 2;
      observed += coincidences[c * categories + k] * distance * distance;
      expected += n[c] * n[k] * distance * distance;
    }
  }
  // Differences of sums leave rounding noise where a category is gone.
  if (!(expected > kNothing)) return std::nullopt;
  return 1 - (total - 1) * observed / expected;
}

// Of a K x K table of the two raters.
std::optional<double> KappaOf(const Sums& table, size_t categories) {
  std::vector<double> rows(categories, 0.0);
  std::vector<double> columns(categories, 0.0);
  double total = 0;
  for (size_t c = 0; c < categories; ++c) {
    for (size_t k = 0; k < categories; ++k) {
      rows[c] += table[c * categories + k];
      columns[k] += table[c * categories + k];
      total += table[c * categories + k];
    }
  }
  double observed = 0;
  double expected = 0;
  for (size_t c = 0; c < categories; ++c) {
    for (size_t k = 0; k < categories; ++k) {
      observed += Disagreement(c, k, categories) * table[c * categories + k];
      expected += Disagreement(c, k, categories) * rows[c] * columns[k];
    }
  }
  if (!(expected > kNothing)) return std::nullopt;
  return 1 - total * observed / expected;
}

// Of K prevalence sums, the items in them, the sum of items' agreement and the items in that.
std::optional<double> Ac2Of(const Sums& sums, size_t categories) {
  const double items = sums[categories];
  const double pairs = sums[categories + 2];
  if (!(pairs > 0.5)) return std::nullopt;
  const double agreement = sums[categories + 1] / pairs;
  double weights = 0;
  for (size_t c = 0; c < categories; ++c) {
    for (size_t k = 0; k < categories; ++k) weights += 1 - Disagreement(c, k, categories);
  }
  double spread = 0;
  for (size_t c = 0; c < categories; ++c) {
    const double share = sums[c] / items;
    spread += share * (1 - share);
  }
  const auto count = static_cast<double>(categories);
  const double chance = weights / (count * (count - 1)) * spread;
  // One category alone: chance is 0 and agreement 1 by definition, which says nothing.
  if (spread < kNothing) return std::nullopt;
  return (agreement - chance) / (1 - chance);
}

}  // namespace

Estimate OrdinalAlpha(std::span<const Rating> ratings, int categories, double level) {
  Estimate out;
  const auto size = static_cast<size_t>(categories);
  ByCluster coincidences(size * size);
  for (const RatedItem& item : RatedItems(ratings, categories)) {
    if (item.ratings < 2) continue;
    ++out.n;
    Sums& own = coincidences.Of(item.cluster);
    for (size_t c = 0; c < size; ++c) {
      for (size_t k = 0; k < size; ++k) {
        const double pairs = item.counts[c] * (item.counts[k] - (c == k ? 1.0 : 0.0));
        own[c * size + k] += pairs / (item.ratings - 1);
      }
    }
  }
  if (NothingTwice(out)) return out;
  coincidences.Close();
  Conclude(coincidences, [size](const Sums& sums) { return AlphaOf(sums, size); }, level, out);
  return out;
}

Estimate QuadraticKappa(std::span<const Rating> ratings, int categories, double level) {
  Estimate out;
  std::set<int> raters;
  for (const Rating& rating : ratings) raters.insert(rating.rater);
  if (raters.size() != 2) {
    out.reason = "defined for two raters, not " + std::to_string(raters.size());
    return out;
  }
  const auto size = static_cast<size_t>(categories);
  std::map<std::pair<int, int>, std::pair<int, int>> items;  // -1: not rated
  for (const Rating& rating : ratings) {
    auto& pair = items.try_emplace({rating.cluster, rating.item}, -1, -1).first->second;
    (rating.rater == *raters.begin() ? pair.first : pair.second) = rating.category;
  }
  ByCluster table(size * size);
  std::vector<double> given(size, 0.0);
  for (const auto& [name, pair] : items) {
    if (pair.first < 0 || pair.second < 0) continue;
    ++out.n;
    table.Of(name.first)[static_cast<size_t>(pair.first) * size + pair.second] += 1;
    given[pair.first] += 1;
    given[pair.second] += 1;
  }
  if (NothingTwice(out)) return out;
  table.Close();
  Conclude(table, [size](const Sums& sums) { return KappaOf(sums, size); }, level, out);
  const double largest = *std::max_element(given.begin(), given.end());
  if (out.interval && largest >= kSkewed * 2 * static_cast<double>(out.n)) {
    if (!out.caution.empty()) out.caution += "; ";
    out.caution += "skewed scores: the interval holds the truth in 88 to 93 %";
  }
  return out;
}

Estimate GwetAc2(std::span<const Rating> ratings, int categories, double level) {
  Estimate out;
  const auto size = static_cast<size_t>(categories);
  ByCluster sums(size + 3);
  for (const RatedItem& item : RatedItems(ratings, categories)) {
    Sums& own = sums.Of(item.cluster);
    for (size_t c = 0; c < size; ++c) own[c] += static_cast<double>(item.counts[c]) / item.ratings;
    own[size] += 1;
    if (item.ratings < 2) continue;
    ++out.n;
    double agreement = 0;
    for (size_t c = 0; c < size; ++c) {
      double weighted = -1;
      for (size_t k = 0; k < size; ++k) {
        weighted += (1 - Disagreement(c, k, size)) * item.counts[k];
      }
      agreement += item.counts[c] * weighted;
    }
    own[size + 1] += agreement / (item.ratings * (item.ratings - 1.0));
    own[size + 2] += 1;
  }
  if (NothingTwice(out)) return out;
  sums.Close();
  Conclude(sums, [size](const Sums& all) { return Ac2Of(all, size); }, level, out);
  return out;
}

}  // namespace axiometer
