#include "reports/stats/length_slope.h"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "reports/stats/jackknife.h"

namespace axiometer {
namespace {

constexpr double kNoSpread = 1e-12;

// Sums of a line y = a + b x, so that a cluster is left out by subtraction; x is centred before.
struct LineSums {
  double n = 0;
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;

  void Add(const LineSums& other, double sign) {
    n += sign * other.n;
    x += sign * other.x;
    y += sign * other.y;
    xx += sign * other.xx;
    xy += sign * other.xy;
  }
  std::optional<double> slope() const {
    if (!(n > 1.5)) return std::nullopt;
    const double spread = xx - x * x / n;
    if (!(spread > kNoSpread)) return std::nullopt;
    return (xy - x * y / n) / spread;
  }
};

}  // namespace

Estimate SlopeOnLength(std::span<const LengthRow> rows, double level) {
  Estimate out;
  out.n = static_cast<int64_t>(rows.size());
  double centre = 0;
  for (const LengthRow& row : rows) {
    if (!(row.length > 0) || !std::isfinite(row.length)) {
      out.reason = "a length is not above 0";
      return out;
    }
    centre += std::log(row.length) / static_cast<double>(rows.size());
  }
  LineSums all;
  std::map<int, LineSums> clusters;
  for (const LengthRow& row : rows) {
    const double x = std::log(row.length) - centre;
    const double y = row.difference;
    const LineSums own{1, x, y, x * x, x * y};
    all.Add(own, 1);
    clusters[row.cluster].Add(own, 1);
  }
  out.clusters = static_cast<int>(clusters.size());
  out.value = all.slope();
  if (!out.value) {
    out.reason = rows.empty() ? "never scored" : "all lengths are equal";
    return out;
  }
  std::vector<std::optional<double>> left_out;
  for (const auto& [cluster, own] : clusters) {
    LineSums rest = all;
    rest.Add(own, -1);
    left_out.push_back(rest.slope());
  }
  SetJackknife(left_out, level, out);
  return out;
}

}  // namespace axiometer
