#include "reports/stats/judge_ensemble.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace axiometer {

EnsembleVerdict JoinVerdicts(std::span<const double> scores) {
  EnsembleVerdict out;
  out.ratings = static_cast<int>(scores.size());
  if (scores.empty()) return out;
  std::map<double, int> counts;
  double sum = 0;
  for (const double score : scores) {
    ++counts[score];
    sum += score;
  }
  out.mean = sum / out.ratings;
  const auto by_count = [](const auto& x, const auto& y) { return x.second < y.second; };
  const auto most = std::max_element(counts.begin(), counts.end(), by_count);
  const auto as_many = std::count_if(counts.begin(), counts.end(), [&](const auto& entry) {
    return entry.second == most->second;
  });
  if (as_many == 1) out.majority = most->first;
  if (out.ratings < 2) return out;
  double differences = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t j = i + 1; j < scores.size(); ++j) differences += std::fabs(scores[i] - scores[j]);
  }
  out.disagreement = differences / (out.ratings * (out.ratings - 1) / 2.0);
  return out;
}

}  // namespace axiometer
