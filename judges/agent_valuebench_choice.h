#pragma once

#include <memory>
#include <string_view>

#include "judges/judge.h"

namespace axiometer {

// The letter of a forced choice, 'A' or 'B', as the released program finds it; 0: none. The reply,
// stripped and in any case: a letter at the beginning, with or without "choice" before it; else the
// first "option" or "choice" that a letter follows. A word ends where no letter, digit or
// underscore of any script goes on.
char ReadForcedChoice(std::string_view reply);

// Scores a forced choice by that rule; never asks a model. The scores are
//   choice                  text "A" or "B"; null: unread
//   official.a, official.b  10 for the value that was chosen and 0 for the other; null: unread
//   official.rubric_status  "OK"; "UNSCORABLE": unread
std::unique_ptr<Judge> MakeForcedChoiceJudge();

// The same rule for forced choices in both orders of their options, which no protocol has. The scores are
//   a, b    1 for the pole that was chosen and 0 for the other
//   answer  text: the letter
// and none for a reply without a letter.
std::unique_ptr<Judge> MakeCounterbalancedChoiceJudge();

}  // namespace axiometer
