#include "tasks/text_overlap.h"

#include <algorithm>
#include <map>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

Overlap Of(size_t shared, size_t candidate, size_t reference) {
  Overlap out;
  if (shared == 0) return out;
  out.precision = static_cast<double>(shared) / static_cast<double>(candidate);
  out.recall = static_cast<double>(shared) / static_cast<double>(reference);
  out.f = 2 * out.precision * out.recall / (out.precision + out.recall);
  return out;
}

}  // namespace

std::vector<std::string> RougeWords(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char original : text) {
    const char c = LowerAscii(original);
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept && !inside) words.emplace_back();
    if (kept) words.back() += c;
    inside = kept;
  }
  return words;
}

Overlap Rouge1(const std::vector<std::string>& candidate,
               const std::vector<std::string>& reference) {
  std::map<std::string_view, size_t> left;
  for (const std::string& word : reference) ++left[word];
  size_t shared = 0;
  for (const std::string& word : candidate) {
    const auto found = left.find(word);
    if (found == left.end() || found->second == 0) continue;
    --found->second;
    ++shared;
  }
  return Of(shared, candidate.size(), reference.size());
}

Overlap RougeL(const std::vector<std::string>& candidate,
               const std::vector<std::string>& reference) {
  std::vector<size_t> row(reference.size() + 1);
  for (const std::string& word : candidate) {
    size_t diagonal = 0;
    for (size_t j = 0; j < reference.size(); ++j) {
      const size_t above = row[j + 1];
      row[j + 1] = word == reference[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return Of(row.back(), candidate.size(), reference.size());
}

}  // namespace axiometer
