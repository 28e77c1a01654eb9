#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a reply to a label task of ValuePrism is read. Pure.
namespace axiometer::valueprism {

// The label of a completion: the whole of it, without white space and punctuation at both ends and
// whatever its case, is a label; else exactly one of the labels occurs as a whole word, once or
// often.
struct LabelReading {
  std::optional<size_t> label;  // its place among the labels
  std::string kind;             // why there is none: "empty", "no_label", "two_labels"
};
LabelReading ReadLabel(std::string_view completion, const std::vector<std::string>& labels);

// What a token's text counts as: a label if, without white space and punctuation around it and
// whatever its case, it is the label or begins it with two letters or more ("Opp"). Nothing: none
// of them.
std::optional<size_t> LabelOfToken(std::string_view token, const std::vector<std::string>& labels);

// The labels' probabilities at the first token that has a letter or digit: of each label the sum
// over the tokens listed there that count as it (the token that came included), then divided by the
// sum over labels. A label that no listed token counts as has 0. Kaleido reads the same place, but
// one token a label.
struct Likelihoods {
  std::vector<double> p;  // by label, sum 1; empty: see `kind`
  double mass = 0;        // of all labels before the division, 0 to 1
  size_t unlisted = 0;    // labels that no listed token counts as
  // What an unlisted label's probability can have been at most: no more than that of the least
  // likely listed token, nor than what all listed ones leave, beside `mass`. 0 if all labels are
  // listed.
  double unlisted_at_most = 0;
  // The likeliest, the first in order among equals.
  size_t best() const;
  std::string kind;  // why there are none: "no_logprobs", "no_label_token"
};
// `logprobs`: Message::logprobs.
Likelihoods ReadLikelihoods(std::string_view logprobs, const std::vector<std::string>& labels);

}  // namespace axiometer::valueprism
