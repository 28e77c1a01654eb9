// Answers to choices, labels and lists, as each protocol's rules read them.

#include <memory>

#include "judges/agent_valuebench_choice.h"
#include "judges/choice_judge.h"
#include "judges/dvmap_rules.h"
#include "judges/nurvalues_rules.h"
#include "judges/valueprism_rules.h"
#include "tasks/vrd.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

namespace {

void ReadChoices(std::string_view reply) {
  for (const std::vector<ChoiceOption>& options :
       {std::vector<ChoiceOption>{{"A", "the one"}, {"B", "the other"}},
        std::vector<ChoiceOption>{{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}, {"5", ""}, {"6", ""}, {"7", ""}}}) {
    const ChoiceReading reading = ReadChoice(reply, options);
    Require(reading.option.has_value() == reading.problem.empty(), "an answer, or a problem");
    if (reading.option) Require(*reading.option < options.size(), "an answer is an option");
  }
  const char letter = ReadForcedChoice(reply);
  Require(letter == 'A' || letter == 'B' || letter == 0, "a forced choice is A, B or none");
}

void ReadLabels(std::string_view reply) {
  const std::vector<std::string> labels = {"Supports", "Opposes", "Either"};
  const valueprism::LabelReading label = valueprism::ReadLabel(reply, labels);
  Require(label.label.has_value() == label.kind.empty(), "a label, or the reason why there is none");
  const valueprism::Likelihoods likelihoods = valueprism::ReadLikelihoods(reply, labels);
  double sum = 0;
  for (const double p : likelihoods.p) sum += p;
  Require(likelihoods.p.empty() || (sum > 1 - 1e-9 && sum < 1 + 1e-9), "likelihoods sum to 1");
  for (const NurvaluesMode mode : {NurvaluesMode::kIo, NurvaluesMode::kCot, NurvaluesMode::kSc, NurvaluesMode::kVote}) {
    for (const bool chinese : {false, true}) {
      nurvalues::OfficialPrediction("prompt assistant\n", reply, mode, chinese, true);
      const nurvalues::StrictNurvaluesReading strict = nurvalues::ReadStrictly(reply, mode, chinese);
      Require(strict.aligned.has_value() == strict.kind.empty(), "a label, or the kind of problem");
    }
  }
}

void ReadOptions(std::string_view reply) {
  const std::vector<std::string> options = {"Very good", "Good", "Bad"};
  const std::optional<std::string> answer = dvmap::ExtractAnswer(reply);
  dvmap::IsCorrect(answer, "Good", options);
  const dvmap::StrictDvmapReading strict = dvmap::ReadStrictly(reply, options);
  Require(strict.option.has_value() == strict.kind.empty(), "an option, or the kind of problem");
  for (const dvmap::Reward reward : dvmap::kRewards) {
    for (const dvmap::RewardOptions as : {dvmap::RewardOptions::kWired, dvmap::RewardOptions::kListed}) {
      dvmap::RewardOf(reward, as, reply, "Good", "Very good, Good, Bad", 0.4);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Readers get what was decoded from JSON, which is UTF-8.
  const std::string reply = ReplaceInvalidUtf8(FuzzInput(data, size).rest());
  ReadChoices(reply);
  ReadLabels(reply);
  ReadOptions(reply);
  const VrdList list = ReadVrdList(reply);
  const VrdSet set(list.vrds);
  for (const VrdMatcher matcher : kVrdMatchers) {
    Require(set.CountIn(set, matcher) == set.size(), "a list holds itself");
  }
  return 0;
}
