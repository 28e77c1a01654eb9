#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reports/stats/mean_interval.h"

namespace axiometer {

// A task that was answered with its options in two orders. Shares of the answers by option,
// whatever its place, the same options in the same order in both; empty: no answer in that order.
// Option 0 is printed first in the `forward` order and last in the `backward` one.
struct OrderedAnswers {
  int cluster = 0;
  std::vector<double> forward;   // sum 1
  std::vector<double> backward;  // sum 1
};

// What the order of the options did. Tasks with both orders count; `one_order` is left out.
struct OrderEffect {
  int64_t tasks = 0;
  int64_t one_order = 0;
  // Of two options: (P(0 | 0 first) - P(0 | 1 first)) / 2, -1/2 to 1/2, with the paired interval;
  // and P(0) as the mean over both orders, which is free of it. More options: no value.
  Estimate position_bias;
  std::optional<double> position_bias_p;  // of none; absent without spread
  Estimate preference;
  // How often two answers, one of each order, name the same option; the interval is that of a mean.
  Estimate consistency;
  // The same for answers that do not depend on the task: sum over options of p_forward p_backward.
  std::optional<double> chance;
  // (consistency - chance) / (1 - chance), with the delete-one-cluster jackknife on Fisher's scale;
  // chance 1: no value.
  Estimate beyond_chance;
};

// All tasks have the same number of options, two or more.
OrderEffect EffectOfOrder(std::span<const OrderedAnswers> tasks, double level = 0.95);

// The options that one task's paraphrases got, one each; -1: none could be read.
struct ParaphrasedTask {
  int cluster = 0;
  std::vector<int> options;
};

// Mean over tasks with two readable paraphrases or more of the share of their pairs that name the
// same option; the interval is that of a mean. `n` counts these tasks.
Estimate ParaphraseAgreement(std::span<const ParaphrasedTask> tasks, double level = 0.95);

}  // namespace axiometer
