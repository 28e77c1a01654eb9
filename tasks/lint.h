#pragma once

#include <string>
#include <vector>

#include "harness/record/trajectory.h"
#include "tasks/task_file.h"

namespace axiometer {

// What is allowed in a task and yet likely to make it measure something else.
struct LintWarning {
  std::string lint;   // "value-named", "unequal-weights", …
  std::string where;  // FILE:LINE:COLUMN
  std::string what;
  std::string hint;  // what to do about it

  std::string ToString() const;  // "where: what: hint [lint]"
};

// Warnings of one task, in this order of lints:
//
// - template: a text that the subject sees is still the one that `axiometer task new` wrote.
// - value-named: a text that the subject may see names a pole's dimension, by its key or name: prompt, questions,
//   options, what the task lays over the environment's state.
// - prompt-tells: the prompt has most of the words of a checkpoint's question or best anchor in one
// sentence, or names
//   a tool whose call a checkpoint looks for; or a question has most of one option's words and few
//   of the other's.
// - unequal-weights: the poles' weights have different sums, of all checkpoints or of those with a
// check.
// - overlapping-anchors: two anchors of a checkpoint, or the best ones of either pole, are made of
// the same words in the same order.
// - unreachable: a check needs a call of a tool that the task does not offer.
// - unequal-options: one of the two options of a form is more than half as long again as the other.
//
// Words are runs of letters and digits of any script, compared without ASCII case.
std::vector<LintWarning> LintTask(const TaskDocument& document);

// unreachable: checkpoints with a check that holds in none of `played`, trajectories of the task's
// oracles.
std::vector<LintWarning> LintReached(const TaskDocument& document,
                                     const std::vector<Trajectory>& played);

}  // namespace axiometer
