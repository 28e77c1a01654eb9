#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// The scores of a reading with two answers, of which one is the positive class, as scikit-learn
// names them.
enum class BinaryMetric {
  kAccuracy,
  kPrecision,
  kRecall,
  kF1,
  kMicroF1,
  kMacroF1,
  kWeightedF1,
  kAuroc
};
inline constexpr BinaryMetric kBinaryMetrics[] = {
    BinaryMetric::kAccuracy,   BinaryMetric::kPrecision, BinaryMetric::kRecall,
    BinaryMetric::kF1,         BinaryMetric::kMicroF1,   BinaryMetric::kMacroF1,
    BinaryMetric::kWeightedF1, BinaryMetric::kAuroc};
const char* BinaryMetricName(BinaryMetric metric);  // "accuracy", "micro_f1", …

// Rows by right and given answer; expected numbers of a guesser need not be whole.
struct Confusion {
  double tp = 0;
  double fp = 0;
  double fn = 0;
  double tn = 0;
};

// With F1 of class c = 2 TP / (2 TP + FP + FN), TP and the others seen from c: macro F1 is the mean
// over the classes that occur as a right or a given answer, weighted F1 the mean weighted by right
// answers, micro F1 the accuracy. AUROC from answers alone: (recall + specificity) / 2. nullopt:
// 0/0.
std::optional<double> BinaryMetricOf(BinaryMetric metric, const Confusion& counts);

// One answer. Those of one `cluster` may depend on each other.
struct BinaryRow {
  bool gold = false;
  bool given = false;
  int cluster = 0;
};

Confusion CountRows(std::span<const BinaryRow> rows);

// The metric with its interval. Precision and recall are means over the rows that were given, or
// are, the positive answer. F1 = 2J/(1+J), where J is the share of true positives among rows in
// which either answer is positive; all have the interval of MeanInterval. Macro and weighted F1 and
// AUROC join two such scores: SetLogitJackknife of the whole; where that gives no interval, as of
// answers that are all right, the joined limits of the two, which are wide. 0/0: no value, with the
// reason.
Estimate BinaryEstimate(BinaryMetric metric, std::span<const BinaryRow> rows);

}  // namespace axiometer
