#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/mean_interval.h"
#include "reports/stats/sign_flip.h"

namespace axiometer {

// One task done by two subjects: first minus second, each the mean of its epochs, scores in [0, 1].
// `cluster` as in Observation.
struct PairedRow {
  double difference = 0;  // -1 to 1
  int cluster = 0;
};

struct PairedOptions {
  double level = 0.95;           // alpha = 1 - level everywhere below
  std::optional<double> margin;  // a difference that does not matter, > 0; absent: no equivalence
  uint64_t key = 0;              // of the sign-flip test: RandomKey
  int draws = 2000;
};

enum class DifferenceVerdict {
  kUndecided,
  kDifferent,
  kEquivalent,
  kBoth,  // real but smaller than the margin
};
// "undecided", "different", "equivalent", "real but smaller than the margin"
const char* DifferenceVerdictName(DifferenceVerdict verdict);
DifferenceVerdict VerdictOf(bool different, bool equivalent);

// Two one-sided tests (Schuirmann 1987).
struct Equivalence {
  double margin = 0;
  std::optional<double> p;           // max(p(D <= -margin), p(D >= margin)); absent without spread
  std::optional<Interval> interval;  // at level 1 - 2 alpha
  bool equivalent = false;           // `interval` lies inside -margin to margin; p < alpha
};

struct PairedDifference {
  Estimate estimate;        // mean difference; Student's t with CR2 variance, cut to [-1, 1]
  std::optional<double> p;  // two-sided, of a mean difference of 0, from the same t
  std::string p_reason;     // why p is absent
  SignFlipTest sign_flip;   // beside it
  std::optional<Equivalence> equivalence;  // with a margin and an interval
  // The true difference that this design would call different 4 times in 5:
  // (t(1 - alpha/2) + t(0.80)) sqrt(V). Absent where p is.
  std::optional<double> detectable;
  // Different iff the interval excludes 0, which with p is p < alpha. In a family of tests take
  // VerdictOf(adjusted p < alpha, equivalence->equivalent) instead.
  DifferenceVerdict verdict = DifferenceVerdict::kUndecided;
};

// Mean over tasks of both subjects. All cluster means equal: the interval of EqualMeansLimits on
// [-1, 1], and no p. No rows: no value. One row or one cluster: no interval. A difference outside
// [-1, 1] or not finite: neither, with the reason. Exchanging the subjects changes signs alone.
PairedDifference ComparePaired(std::span<const PairedRow> rows, const PairedOptions& options = {});

// A task whose scores are known only to lie between limits: observed, both are equal; missing, 0
// and 1; of several epochs with some missing, the means of both fillings.
struct BoundedPair {
  double first_low = 0;
  double first_high = 1;
  double second_low = 0;
  double second_high = 1;
  int cluster = 0;
};

// What holds of the mean difference whatever the missing scores are (Manski 1989): each missing
// side goes to the end that hurts.
struct WorstDifference {
  Bounds bounds;  // sampling as in WorstCase
  // As of ComparePaired, by the lower limits at the lowest filling and the upper ones at the
  // highest.
  DifferenceVerdict verdict = DifferenceVerdict::kUndecided;
};

// nullopt without rows or with limits outside [0, 1].
std::optional<WorstDifference> CompareWorstCase(std::span<const BoundedPair> rows,
                                                const PairedOptions& options = {});

// Does `claim` say something that `holds`, a verdict of CompareWorstCase, does not?
bool DependsOnMissing(DifferenceVerdict claim, DifferenceVerdict holds);

}  // namespace axiometer
