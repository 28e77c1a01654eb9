#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judges/judge.h"

namespace axiometer {

// Which option a reply names. The last line that begins with "answer" or "final answer" decides, in
// any case and whatever marks (* _ # > ` - quotes, brackets) stand around its words: what follows,
// or if nothing does the next line that is not blank. Without such a line the whole reply does.
// There an option's key has to stand, alone or before a mark, with no other option's key as a word
// after it; of a scale "5/7" and "5 out of 7" too.
struct ChoiceReading {
  std::optional<size_t> option;  // place among the options
  std::string problem;           // why there is none; empty if there is
};
ChoiceReading ReadChoice(std::string_view reply, const std::vector<ChoiceOption>& options);

// Scores dilemmas that are answered (tasks/dilemma_form.h) by that rule; never asks a model. The
// scores are
//   a, b     share of either pole, 0 to 1, together 1: the answer's place between the first option
//   and the last,
//            each of which stands for one pole
//   answer   key of the option
//   place    of the option as printed, from 0 (first) to 1 (last)
// A reply that names no option is unreadable and has none of them.
std::unique_ptr<Judge> MakeChoiceJudge();

}  // namespace axiometer
