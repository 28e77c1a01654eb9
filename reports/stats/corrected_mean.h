#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// One item that the judge scored: `judge` in [0, 1]. A person's score, in [0, 1], only where
// `labelled`. Items of one `cluster` may depend on each other.
struct JudgedItem {
  double judge = 0;
  double person = 0;
  bool labelled = false;
  int cluster = 0;
};

struct CorrectedMean {
  Estimate corrected;  // what people would give on average; absent: see its reason
  Estimate people;     // mean of the labelled items alone (MeanInterval)
  double lambda = 0;   // how far the judge is relied on, 0 to 1
  int64_t labelled = 0;
  int64_t unlabelled = 0;
};

// Mean score as people would give it, from few labelled and many unlabelled items (PPI++:
// Angelopoulos, Duchi & Zrnic 2023), n labelled (y, f), N unlabelled f:
//
//   lambda = clip( cov(y, f) / ((1 + n/N) var(f)), 0, 1 ),   r = y - lambda f
//   m = lambda mean(f unlabelled) + mean(r)
//
// V = CR2 over clusters, both parts of a cluster together, that of r times nu/(nu - 1) for the
// estimated lambda; t with nu - 1, nu Satterthwaite's degrees of freedom of the labelled part. With
// every item its own cluster that is V = lambda^2 var(f)/N + sum (r - mean)^2 / ((n-2) n), t with
// n - 2. Value and limits are held within [0, 1].
//
// No correction, with the reason: labelled items not drawn `at_random`, fewer than 10 of them, none
// unlabelled, labels in fewer than 3 clusters, a score outside [0, 1].
CorrectedMean CorrectMean(std::span<const JudgedItem> items, bool at_random, double level = 0.95);

}  // namespace axiometer
