#include "reports/stats/flips.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr double kHalfRange = 0.5;

std::map<int, int> CountLabels(std::span<const int> epochs) {
  std::map<int, int> counts;
  for (const int label : epochs) ++counts[label];
  return counts;
}

// The chance that the majorities of two samples of `epochs.size()` draws differ.
double LabelNoise(std::span<const int> epochs) {
  const auto n = static_cast<double>(epochs.size());
  double any = 0;
  double same = 0;
  for (const auto& [label, count] : CountLabels(epochs)) {
    // More than half are of this label: at most one label can be so.
    const double chance =
        count == static_cast<int>(epochs.size()) ? 1 : BinomialAbove(std::floor(n / 2), n, count / n);
    any += chance;
    same += chance * chance;
  }
  return std::max(0.0, any * any - same);
}

double MeanScore(std::span<const double> scores) {
  double sum = 0;
  for (const double score : scores) sum += score;
  return sum / static_cast<double>(scores.size());
}

// The chance that two means of as many epochs are half the range apart.
double ScoreNoise(std::span<const double> epochs) {
  const double mean = MeanScore(epochs);
  double squares = 0;
  for (const double score : epochs) squares += (score - mean) * (score - mean);
  const auto n = static_cast<double>(epochs.size());
  const double error = std::sqrt(2 * squares / (n - 1) / n);
  if (error < 1e-12) return 0;
  return 2 * UpperNormalTail(kHalfRange / error);
}

// Do more than half of the epochs lie half the range from `other`, on the side of `sign`?
bool MostBeyond(std::span<const double> epochs, double other, double sign) {
  const auto beyond = std::count_if(epochs.begin(), epochs.end(), [&](double score) {
    return sign * (score - other) >= kHalfRange - 1e-12;
  });
  return 2 * beyond > static_cast<std::ptrdiff_t>(epochs.size());
}

// Adds what the epochs of a task say about noise.
template <class Pair, class Noise>
void AddNoise(const Pair& task, Noise noise, Flips& out) {
  if (task.first.size() < 2 || task.second.size() < 2) return;
  ++out.noise_tasks;
  out.expected = out.expected.value_or(0) + (noise(task.first) + noise(task.second)) / 2;
}

}  // namespace

std::optional<int> MajorityLabel(std::span<const int> epochs) {
  for (const auto& [label, count] : CountLabels(epochs)) {
    if (2 * static_cast<size_t>(count) > epochs.size()) return label;
  }
  return std::nullopt;
}

Flips CountLabelFlips(std::span<const LabelledPair> tasks) {
  Flips out;
  for (const LabelledPair& task : tasks) {
    ++out.tasks;
    const std::optional<int> first = MajorityLabel(task.first);
    const std::optional<int> second = MajorityLabel(task.second);
    if (!first || !second) {
      ++out.undecided;
    } else if (*first != *second) {
      ++out.flips;
    }
    AddNoise(task, LabelNoise, out);
  }
  return out;
}

Flips CountScoreFlips(std::span<const ScoredPair> tasks) {
  Flips out;
  for (const ScoredPair& task : tasks) {
    ++out.tasks;
    const double first = MeanScore(task.first);
    const double second = MeanScore(task.second);
    if (std::fabs(first - second) >= kHalfRange - 1e-12) {
      const double sign = first > second ? 1 : -1;
      const bool most =
          MostBeyond(task.first, second, sign) && MostBeyond(task.second, first, -sign);
      ++(most ? out.flips : out.undecided);
    }
    AddNoise(task, ScoreNoise, out);
  }
  return out;
}

}  // namespace axiometer
