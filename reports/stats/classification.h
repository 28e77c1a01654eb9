#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// One answered question: classes are numbered from 0. Rows of one `cluster` may depend on each other.
struct Classified {
  int gold = 0;
  int predicted = -1;  // -1: no answer could be read; wrong, and a prediction of no class
  int cluster = 0;
};

struct ClassScores {
  int64_t gold = 0;       // rows of this class
  int64_t predicted = 0;  // rows that were said to be
  int64_t hits = 0;       // both
  // Absent where the denominator is 0.
  std::optional<double> precision;  // hits / predicted
  std::optional<double> recall;     // hits / gold
  std::optional<double> f1;         // 2 hits / (gold + predicted)
};

struct Classification {
  int64_t n = 0;
  int64_t unread = 0;  // rows without a prediction
  std::vector<ClassScores> classes;
  // Unweighted mean of F1 over the classes that occur, in gold or in prediction (what scikit-learn's
  // f1_score(average="macro") does when it is given no labels). Interval: delete-one-cluster
  // jackknife of the whole statistic on the logit scale, Student's t with clusters - 1.
  Estimate macro_f1;
  std::optional<double> weighted_f1;  // mean of F1 by gold rows; a class that was never right has 0
};

// Rows with a gold class outside 0 to classes - 1 or a prediction outside -1 to classes - 1 are a bug.
Classification Classify(std::span<const Classified> rows, int classes, double level = 0.95);

// One scored row of a ranking: is it of the positive class, and how strongly was that said?
struct Ranked {
  double score = 0;
  bool positive = false;
  int cluster = 0;
};

// Area under the ROC curve: the share of (positive, negative) pairs in which the positive one has the
// higher score, ties one half; Mann & Whitney (1947) by midranks, O(n log n). Variance from placement
// sums by cluster (Obuchowski 1997, Biometrics 53; with every row its own cluster, that of DeLong,
// DeLong & Clarke-Pearson 1988); the interval on the logit scale, Student's t with clusters - 1.
// Only one class, or a score that is not finite: no value. Area 0 or 1, or all rows of a class in
// one cluster: no interval.
Estimate Auroc(std::span<const Ranked> rows, double level = 0.95);

}  // namespace axiometer
