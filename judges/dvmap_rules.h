#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The rules by which DVMap's own programs read and score a reply, and ours beside them. Pure.
namespace axiometer::dvmap {

// Whether the protocol keeps a row: its answer occurs anywhere in the text of the options.
bool IsKept(std::string_view gold, std::string_view options_cell);

// What the last <answer> holds, stripped. Nothing: there is none, or it is not closed, even if an
// earlier one was.
std::optional<std::string> ExtractAnswer(std::string_view reply);

// Exactly the gold answer; or text that contains it and none of the other options. Case counts.
bool IsCorrect(const std::optional<std::string>& answer, std::string_view gold,
               const std::vector<std::string>& options);

// Our own reading: the option that the last closed pair of answer tags (in any case) holds, whatever
// its case, white space, quotes, emphasis, list mark or final punctuation. Anything more than one
// option, or else, is unreadable: nothing.
struct StrictDvmapReading {
  std::optional<size_t> option;
  std::string problem;  // why there is none, for people
  std::string kind;     // the same as one word: "no_tags", "not_closed", "empty", "not_an_option"
};
StrictDvmapReading ReadStrictly(std::string_view reply, const std::vector<std::string>& options);

// The four rewards of the training programs, as they are defined and as they are called.
enum class Reward { kWvs, kWvsD, kWvsG, kWvsP };
const char* RewardName(Reward reward);  // "wvs", "wvs_d", "wvs_g", "wvs_p"
inline constexpr Reward kRewards[] = {Reward::kWvs, Reward::kWvsD, Reward::kWvsG, Reward::kWvsP};

enum class RewardOptions {
  kWired,  // the text of the options, as the trainer hands it over: its characters are the options
  kListed,  // the list of options, for which the functions were written
};
// Nothing where the program would stop: an answer that is not in the options, a single option.
std::optional<double> RewardOf(Reward reward, RewardOptions as, std::string_view reply, std::string_view gold,
                               std::string_view options_cell, double frequency);

}  // namespace axiometer::dvmap
