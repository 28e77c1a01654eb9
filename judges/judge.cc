#include "judges/judge.h"

namespace axiometer {

std::optional<double> PoleShare(const std::vector<Verdict>& verdicts, char pole) {
  double weights = 0;
  double points = 0;
  for (const Verdict& verdict : verdicts) {
    if (verdict.pole != pole) continue;
    if (!verdict.score) return std::nullopt;
    weights += verdict.weight;
    points += verdict.weight * *verdict.score;
  }
  if (weights <= 0) return std::nullopt;
  return points / (weights * 2.0);
}

}  // namespace axiometer
