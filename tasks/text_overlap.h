#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace axiometer {

// Precision, recall and their harmonic mean, each 0 to 1; all 0 if nothing is shared.
struct Overlap {
  double precision = 0;  // share of the candidate's words that the reference has
  double recall = 0;     // share of the reference's words that the candidate has
  double f = 0;
};

// The words of a text as the package rouge_score takes them apart without stemming: lower case,
// runs of a to z and 0 to 9; everything else separates.
std::vector<std::string> RougeWords(std::string_view text);

// ROUGE-1 and ROUGE-L of the whole texts (Lin 2004): shared words, each as often as both have it;
// the longest common subsequence. No stemming.
Overlap Rouge1(const std::vector<std::string>& candidate,
               const std::vector<std::string>& reference);
Overlap RougeL(const std::vector<std::string>& candidate,
               const std::vector<std::string>& reference);

}  // namespace axiometer
