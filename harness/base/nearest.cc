#include "harness/base/nearest.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

// Words longer than this are no typing mistakes of one another; keeps hostile input cheap.
constexpr size_t kLongest = 200;

size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = LowerAscii(a[i - 1]) == LowerAscii(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && LowerAscii(a[i - 1]) == LowerAscii(b[j - 2]) && LowerAscii(a[i - 2]) == LowerAscii(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::string* best = nullptr;
  size_t best_distance = 0;
  if (word.size() > kLongest) return std::nullopt;
  for (const std::string& candidate : candidates) {
    const size_t longer = std::max(word.size(), candidate.size());
    const size_t shorter = std::min(word.size(), candidate.size());
    const size_t allowed = std::max<size_t>(1, longer / 3);
    if (candidate.size() > kLongest || longer - shorter > allowed) continue;
    const size_t distance = Distance(word, candidate);
    if (distance > allowed || distance >= longer) continue;
    if (best == nullptr || distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

std::string DidYouMean(std::string_view word, std::span<const std::string> candidates,
                       std::string fallback) {
  const std::optional<std::string> nearest = Nearest(word, candidates);
  if (!nearest) return fallback;
  return "did you mean " + Quoted(*nearest) + "?";
}

}  // namespace axiometer
