#include "reports/stats/paired_binary.h"

#include <algorithm>
#include <cmath>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

double McNemarMidP(int64_t fewer, int64_t discordant) {
  if (discordant == 0) return 1;
  const auto k = static_cast<double>(fewer);
  const auto n = static_cast<double>(discordant);
  const double exactly = BinomialAt(k, n, 0.5);
  // With equal counts the doubled tail would hold the observed split twice.
  if (2 * fewer == discordant) return 1 - exactly / 2;
  return std::clamp(2 * BinomialUpTo(k, n, 0.5) - exactly, 0.0, 1.0);
}

}  // namespace

PairedBinary ComparePairedBinary(const PairedCounts& counts, double level) {
  PairedBinary out;
  Estimate& estimate = out.estimate;
  const int64_t discordant = counts.first_only + counts.second_only;
  if (counts.first_only < 0 || counts.second_only < 0 || discordant > counts.n) {
    estimate.reason = "the counts do not fit the number of tasks";
    return out;
  }
  if (counts.n == 0) {
    estimate.reason = "no task of both";
    return out;
  }
  estimate.n = counts.n;
  estimate.clusters = static_cast<int>(counts.n);
  const auto n = static_cast<double>(counts.n);
  const auto lead = static_cast<double>(counts.first_only - counts.second_only);
  estimate.value = lead / n;
  out.p = McNemarMidP(std::min(counts.first_only, counts.second_only), discordant);

  const double d = lead / (n + 2);
  const double error =
      std::sqrt(((static_cast<double>(discordant) + 2) / (n + 2) - d * d) / (n + 2));
  const double z = UpperNormalQuantile((1 - level) / 2);
  estimate.interval = Interval{level, std::max(-1.0, d - z * error), std::min(1.0, d + z * error)};
  estimate.method = "Bonett-Price";
  return out;
}

}  // namespace axiometer
