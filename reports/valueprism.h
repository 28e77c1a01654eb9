#pragma once

#include <array>
#include <string>
#include <vector>

#include "reports/benchmarks.h"
#include "reports/stats/classification.h"
#include "reports/stats/mean_interval.h"

namespace axiometer {

// ValuePrism's own numbers: see judges/valueprism.h for the scores that they come from. Intervals
// treat the rows of one situation as dependent.
extern const BenchmarkReport kValuePrismReport;

// The classes of one label task, "relevance" or "valence".
struct ValuePrismClasses {
  std::string task;
  std::vector<std::string> labels;
  std::string type;  // "Value", "Right", "Duty"; empty: all
  // An unreadable reply is wrong; failed calls, and replies without the log-probabilities that were
  // asked for, are left out.
  Classification scores;
  std::vector<Estimate> auroc;  // by label: of its probability, its rows against the others; no
                                // values without likelihoods
  int64_t ranked = 0;           // rows with likelihoods
  // Of these rows: mean probability of all labels together before it was divided among them; rows
  // with a label that was not listed, and the most that such a label can have had in any of them.
  Estimate mass;
  int64_t with_unlisted = 0;
  double unlisted_at_most = 0;
  int64_t wanted = 0;  // samples wanted
};
// By task, each for all types and then type by type; tasks that the run does not have are left out.
std::vector<ValuePrismClasses> ValuePrismClassesOf(const RunData& run, int judge);

// Of one situation's rows of opposite gold classes, how often does the row of the first class get
// the higher score? The score of relevance is the probability of Yes, of valence that of Supports
// less that of Opposes; without likelihoods 1 for the first label, -1 for the other, 0 for Either.
// A tie counts one half, so that whoever looks at the situation alone gets exactly 0.5. Epochs of a
// row are averaged first.
struct ValuePrismProbe {
  std::string task;
  std::string scores;  // "likelihood", "label"
  Estimate estimate;
  int64_t pairs = 0;       // that were compared
  int64_t missing = 0;     // pairs of which one row has no score
  int64_t situations = 0;  // with a pair that was compared
};
std::vector<ValuePrismProbe> ValuePrismProbesOf(const RunData& run, int judge);

// The reference system's decision about one situation: d = sum of r v over its VRDs, divided by the
// sum of its parts, in the order supports, opposes, either. r is the probability of Yes for the
// same situation, type and text where the run asked for relevance too, else 1; VRDs without a v (or
// r) are left out.
struct ValuePrismDecision {
  std::string situation;  // its text
  std::array<double, 3> d{};
  double entropy_bits = 0;  // of d; 0 to log2(3)
  int vrds = 0;
  std::array<double, 3> gold{};  // the shares of the gold labels of the same VRDs
};
struct ValuePrismDecisions {
  bool weighted = false;                      // r is known
  int64_t left_out = 0;                       // VRDs of the valence task without v or r
  std::vector<ValuePrismDecision> decisions;  // by entropy, the highest first
  Estimate entropy_bits;                      // mean over situations
  std::array<Estimate, 3> shares;             // mean of d
  Estimate distance;  // mean total variation between d and the gold shares, 0 to 1
};
// Nothing decided where no likelihoods were stored.
ValuePrismDecisions ValuePrismDecisionsOf(const RunData& run, int judge);

}  // namespace axiometer
