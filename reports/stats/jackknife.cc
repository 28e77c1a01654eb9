#include "reports/stats/jackknife.h"

#include <algorithm>
#include <cmath>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/logit_interval.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr double kLargest = 0.999;
constexpr double kNoSpreadOfPseudovalues = 1e-12;

// t s; absent, with the reason set, if there is none.
std::optional<double> HalfWidth(std::span<const std::optional<double>> left_out, double level,
                                Estimate& out) {
  const auto clusters = static_cast<double>(left_out.size());
  if (left_out.size() < 2) {
    out.reason = "all in one cluster";
    return std::nullopt;
  }
  double mean = 0;
  for (const std::optional<double>& value : left_out) {
    if (!value) {
      out.reason = "rests on one cluster";
      return std::nullopt;
    }
    mean += *value / clusters;
  }
  double squares = 0;
  for (const std::optional<double>& value : left_out) {
    squares += (*value - mean) * (*value - mean);
  }
  const double s = std::sqrt((clusters - 1) / clusters * squares);
  const std::optional<double> t = UpperTQuantile((1 - level) / 2, clusters - 1);
  if (s < kNoSpreadOfPseudovalues || !t) {
    out.reason = "no variation between clusters";
    return std::nullopt;
  }
  if (static_cast<int>(left_out.size()) < kFewClusters) {
    out.caution = left_out.size() == 2 ? "two clusters" : "few clusters";
  }
  return *t * s;
}

}  // namespace

void SetJackknife(std::span<const std::optional<double>> left_out, double level, Estimate& out) {
  const std::optional<double> half = HalfWidth(left_out, level, out);
  if (!half) return;
  out.interval = Interval{level, *out.value - *half, *out.value + *half};
  out.method = "delete-one-cluster jackknife, t";
}

void SetFisherJackknife(std::span<const std::optional<double>> left_out, double level,
                        Estimate& out) {
  if (left_out.size() > 1 && *out.value >= 1) {
    out.reason = "perfect: no variation to take an interval from";
    return;
  }
  const std::optional<double> half = HalfWidth(left_out, level, out);
  if (!half) return;
  const double theta = std::clamp(*out.value, -kLargest, kLargest);
  const double scaled = *half / (1 - theta * theta);
  out.interval =
      Interval{level, std::tanh(std::atanh(theta) - scaled), std::tanh(std::atanh(theta) + scaled)};
  out.method = "delete-one-cluster jackknife, Fisher's z, t";
}

void SetLogitJackknife(std::span<const std::optional<double>> left_out, double level, Estimate& out) {
  if (left_out.size() > 1 && (*out.value <= 0 || *out.value >= 1)) {
    out.reason = "at the edge of its range";
    return;
  }
  const std::optional<double> half = HalfWidth(left_out, level, out);
  if (!half) return;
  out.interval = LogitInterval(*out.value, *half, level);
  out.method = "delete-one-cluster jackknife, logit scale, t";
}

}  // namespace axiometer
