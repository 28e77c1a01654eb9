#pragma once

#include <optional>

#include "reports/data.h"
#include "reports/stats/answer_order.h"

// What the way in which a dilemma was printed did to the answers: the order of its options, their
// labels, the wording of its question. For runs of the forms choice and survey
// (tasks/dilemma_form.h). Pure.
namespace axiometer {

struct FormEffects {
  // Option 0 is pole a; `forward` is a printed first. A dilemma's answers in one order are averaged
  // over labels, wordings and epochs. Absent: everything was asked in one order.
  std::optional<OrderEffect> order;
  // The same for a's label A against B; absent: one labelling, whose effect is then part of `order`.
  std::optional<OrderEffect> label;
  // How often two wordings of a dilemma (means over the rest, on the same side of 1/2) lead to the
  // same pole; a mean of exactly 1/2 is left out. Absent: one wording.
  std::optional<Estimate> wording;
};

// nullopt for runs of anything else. `judge` is an index in RunData::judges.
std::optional<FormEffects> EffectsOfForm(const RunData& run, int judge);

}  // namespace axiometer
