#include "reports/stats/binary_scores.h"

#include <functional>
#include <map>
#include <vector>

#include "reports/stats/jackknife.h"

namespace axiometer {
namespace {

constexpr double kLevel = 0.95;

std::optional<double> Ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

// As the other class sees it.
Confusion Turned(const Confusion& counts) { return {counts.tn, counts.fn, counts.fp, counts.tp}; }

std::optional<double> F1(const Confusion& counts) {
  return Ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn);
}

double Positive(const Confusion& counts) { return counts.tp + counts.fn; }

// How much each class's own score adds to a joined one; the two sum to 1 if both are there.
struct Weights {
  double positive = 0;
  double negative = 0;
};
Weights WeightsOf(BinaryMetric metric, const Confusion& counts) {
  const double positive = Positive(counts);
  const double negative = Positive(Turned(counts));
  const double rows = positive + negative;
  if (metric == BinaryMetric::kWeightedF1 && rows > 0) return {positive / rows, negative / rows};
  if (metric == BinaryMetric::kMacroF1) {
    const bool has_positive = positive + counts.fp > 0;
    const bool has_negative = negative + counts.fn > 0;
    const double share = has_positive && has_negative ? 0.5 : 1;
    return {has_positive ? share : 0, has_negative ? share : 0};
  }
  return {0.5, 0.5};
}

std::optional<double> Joined(const Weights& weights, std::optional<double> positive,
                             std::optional<double> negative) {
  if (weights.positive + weights.negative <= 0) return std::nullopt;
  if ((weights.positive > 0 && !positive) || (weights.negative > 0 && !negative))
    return std::nullopt;
  return weights.positive * positive.value_or(0) + weights.negative * negative.value_or(0);
}

// The mean of what a rule makes of the rows that it takes.
Estimate MeanOf(std::span<const BinaryRow> rows,
                const std::function<std::optional<bool>(const BinaryRow&)>& rule) {
  std::vector<Observation> observed;
  for (const BinaryRow& row : rows) {
    if (const std::optional<bool> right = rule(row))
      observed.push_back({*right ? 1.0 : 0.0, row.cluster, 0});
  }
  return MeanInterval(observed, ScoreScale::kBinary);
}

Estimate RecallOf(bool positive, std::span<const BinaryRow> rows) {
  return MeanOf(rows, [positive](const BinaryRow& row) {
    return row.gold == positive ? std::optional<bool>(row.given == positive) : std::nullopt;
  });
}

Estimate F1Of(bool positive, std::span<const BinaryRow> rows) {
  Estimate shared = MeanOf(rows, [positive](const BinaryRow& row) -> std::optional<bool> {
    if (row.gold != positive && row.given != positive) return std::nullopt;
    return row.gold == row.given;
  });
  const auto bend = [](double j) { return 2 * j / (1 + j); };
  if (shared.value) shared.value = bend(*shared.value);
  if (shared.interval) {
    shared.interval->low = bend(shared.interval->low);
    shared.interval->high = bend(shared.interval->high);
  }
  return shared;
}

Estimate JoinedOf(const Weights& weights, const Estimate& positive, const Estimate& negative) {
  if (weights.negative <= 0) return positive;
  if (weights.positive <= 0) return negative;
  Estimate out;
  out.caution = positive.caution.empty() ? negative.caution : positive.caution;
  if (positive.interval && negative.interval) {
    out.interval = Interval{
        positive.interval->level,
        weights.positive * positive.interval->low + weights.negative * negative.interval->low,
        weights.positive * positive.interval->high + weights.negative * negative.interval->high};
    out.method = "limits of both classes, joined";
  } else {
    out.reason = positive.interval ? negative.reason : positive.reason;
  }
  return out;
}

void Count(const BinaryRow& row, Confusion& counts) {
  (row.gold ? (row.given ? counts.tp : counts.fn) : (row.given ? counts.fp : counts.tn)) += 1;
}

// The metric without each cluster in turn.
std::vector<std::optional<double>> LeftOut(BinaryMetric metric, std::span<const BinaryRow> rows, const Confusion& all) {
  std::map<int, Confusion> clusters;
  for (const BinaryRow& row : rows) Count(row, clusters[row.cluster]);
  std::vector<std::optional<double>> values;
  for (const auto& [cluster, part] : clusters) {
    values.push_back(BinaryMetricOf(metric, {all.tp - part.tp, all.fp - part.fp, all.fn - part.fn, all.tn - part.tn}));
  }
  return values;
}

}  // namespace

const char* BinaryMetricName(BinaryMetric metric) {
  switch (metric) {
    case BinaryMetric::kAccuracy:
      return "accuracy";
    case BinaryMetric::kPrecision:
      return "precision";
    case BinaryMetric::kRecall:
      return "recall";
    case BinaryMetric::kF1:
      return "f1";
    case BinaryMetric::kMicroF1:
      return "micro_f1";
    case BinaryMetric::kMacroF1:
      return "macro_f1";
    case BinaryMetric::kWeightedF1:
      return "weighted_f1";
    case BinaryMetric::kAuroc:
      return "auroc";
  }
  return "";
}

std::optional<double> BinaryMetricOf(BinaryMetric metric, const Confusion& counts) {
  const Confusion turned = Turned(counts);
  switch (metric) {
    case BinaryMetric::kAccuracy:
    case BinaryMetric::kMicroF1:
      return Ratio(counts.tp + counts.tn, counts.tp + counts.fp + counts.fn + counts.tn);
    case BinaryMetric::kPrecision:
      return Ratio(counts.tp, counts.tp + counts.fp);
    case BinaryMetric::kRecall:
      return Ratio(counts.tp, Positive(counts));
    case BinaryMetric::kF1:
      return F1(counts);
    case BinaryMetric::kMacroF1:
    case BinaryMetric::kWeightedF1:
      return Joined(WeightsOf(metric, counts), F1(counts), F1(turned));
    case BinaryMetric::kAuroc:
      return Joined({0.5, 0.5}, Ratio(counts.tp, Positive(counts)),
                    Ratio(turned.tp, Positive(turned)));
  }
  return std::nullopt;
}

Confusion CountRows(std::span<const BinaryRow> rows) {
  Confusion counts;
  for (const BinaryRow& row : rows) Count(row, counts);
  return counts;
}

Estimate BinaryEstimate(BinaryMetric metric, std::span<const BinaryRow> rows) {
  const Confusion counts = CountRows(rows);
  const std::optional<double> value = BinaryMetricOf(metric, counts);
  const bool joins = metric == BinaryMetric::kMacroF1 || metric == BinaryMetric::kWeightedF1 || metric == BinaryMetric::kAuroc;
  if (joins && value) {
    Estimate whole;
    whole.n = static_cast<int64_t>(rows.size());
    whole.value = value;
    const std::vector<std::optional<double>> left_out = LeftOut(metric, rows, counts);
    whole.clusters = static_cast<int>(left_out.size());
    SetLogitJackknife(left_out, kLevel, whole);
    if (whole.interval) return whole;
  }
  Estimate out;
  switch (metric) {
    case BinaryMetric::kAccuracy:
    case BinaryMetric::kMicroF1:
      out = MeanOf(rows,
                   [](const BinaryRow& row) { return std::optional<bool>(row.gold == row.given); });
      break;
    case BinaryMetric::kPrecision:
      out = MeanOf(rows, [](const BinaryRow& row) {
        return row.given ? std::optional<bool>(row.gold) : std::nullopt;
      });
      break;
    case BinaryMetric::kRecall:
      out = RecallOf(true, rows);
      break;
    case BinaryMetric::kF1:
      out = F1Of(true, rows);
      break;
    case BinaryMetric::kMacroF1:
    case BinaryMetric::kWeightedF1:
      out = JoinedOf(WeightsOf(metric, counts), F1Of(true, rows), F1Of(false, rows));
      break;
    case BinaryMetric::kAuroc:
      out = JoinedOf({0.5, 0.5}, RecallOf(true, rows), RecallOf(false, rows));
      break;
  }
  out.n = static_cast<int64_t>(rows.size());
  out.value = value;
  if (!value) {
    out.interval.reset();
    out.method.clear();
    out.reason = rows.empty() ? "never scored" : "0/0: no row to take it from";
  }
  return out;
}

}  // namespace axiometer
