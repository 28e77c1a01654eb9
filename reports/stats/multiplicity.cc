#include "reports/stats/multiplicity.h"

#include <algorithm>

namespace axiometer {
namespace {

// Places of the p values that are there, smallest first.
std::vector<size_t> Sorted(std::span<const std::optional<double>> p) {
  std::vector<size_t> family;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i]) family.push_back(i);
  }
  std::stable_sort(family.begin(), family.end(),
                   [&](size_t left, size_t right) { return *p[left] < *p[right]; });
  return family;
}

}  // namespace

std::vector<std::optional<double>> Holm(std::span<const std::optional<double>> p) {
  std::vector<std::optional<double>> adjusted(p.size());
  const std::vector<size_t> family = Sorted(p);
  double largest = 0;
  for (size_t i = 0; i < family.size(); ++i) {
    largest = std::max(largest, static_cast<double>(family.size() - i) * *p[family[i]]);
    adjusted[family[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

std::vector<std::optional<double>> BenjaminiHochberg(std::span<const std::optional<double>> p) {
  std::vector<std::optional<double>> adjusted(p.size());
  const std::vector<size_t> family = Sorted(p);
  const auto tests = static_cast<double>(family.size());
  double smallest = 1;
  for (size_t i = family.size(); i-- > 0;) {
    smallest = std::min(smallest, tests * *p[family[i]] / static_cast<double>(i + 1));
    adjusted[family[i]] = smallest;
  }
  return adjusted;
}

}  // namespace axiometer
