#pragma once

#include <memory>

#include "judges/judge.h"
#include "tasks/valueprism.h"

namespace axiometer {

// Scores the replies to ValuePrism's tasks; asks no model. Scores of relevance and valence:
//   label          the answer as the protocol spells it; null: none could be read
//   correct        1 or 0; an unreadable reply is wrong; null: the endpoint gave no
//   log-probabilities, so that
//                  nothing was measured
//   problem        of an unreadable one: "empty", "no_label", "two_labels" (generate),
//   "no_logprobs",
//                  "no_label_token" (likelihood)
//   p.Yes, p.No; p.Supports, p.Opposes, p.Either
//                  probabilities of the label words, renormalised over the labels; null: the reply
//                  brought none. Also with the elicitation "generate", where log-probabilities
//                  came.
//   label_mass     their sum before that, 0 to 1
//   labels_unlisted  labels that were not among the listed tokens, so that their 0 is a rounding
//   unlisted_at_most  what the probability of such a label can have been, 0 to 1
// With the elicitation "likelihood" the label is the likeliest one, and the text is not read.
//
// Of explanations, against the reference: rouge_1, rouge_l (F), rouge_l_precision, rouge_l_recall,
// words.
//
// Of generation (tasks/vrd.h: lines, matchers): count (lines read), unread_lines, distinctness (1
// less the share of repetitions), coverage.M (share of the references that are named) and
// precision.M (share of the distinct named ones that are among the references) under each matcher
// M; types (how many of the three), valences (how many of the three are said; null: none is said at
// all), both_sides (1: one named supports and one opposes; null: no valence is said). A reply
// without any line that can be read has only problem
// ("empty", "no_vrd").
//
// The status is kUnreadable, with the problem, where nothing could be read.
std::unique_ptr<Judge> MakeValuePrismJudge(ValuePrismElicitation elicitation);

}  // namespace axiometer
