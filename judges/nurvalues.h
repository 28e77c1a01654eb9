#pragma once

#include <memory>

#include "judges/judge.h"

namespace axiometer {

// The scores of a reply under NurValues' own parser and under ours, without a model. How the
// question was put is read from the task (its tags "mode" and "language", its user message).
// Scores: official.prediction and official.correct (0 or 1; absent in the mode "vote", which is
// ours), strict.prediction (0, 1 or null), strict.correct (null if that is), parse ("pos", "neg",
// "both", "none": the labels that the protocol finds), strict.problem (where strict.prediction is
// null: nurvalues_rules.h). The status is kUnreadable, with the problem, if the strict reading
// found nothing.
std::unique_ptr<Judge> MakeNurvaluesJudge();

}  // namespace axiometer
