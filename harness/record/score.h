#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/record/outcome.h"
#include "harness/record/usage.h"

namespace axiometer {

// What was said of one rubric item.
struct Verdict {
  std::string item;             // the rubric item's id
  char pole = 'a';              // 'a' or 'b'
  double weight = 1;            // of the item within its pole
  std::optional<double> score;  // on the item's scale (0, 1, 2); absent: no verdict for this item
  bool mechanical = false;      // decided from the event log by a check, not by the judge
  std::string rationale;
  std::vector<int> events;  // ids of the events cited
};

// A named result of a sample, as exported. Names of an official protocol start with "official.";
// of ours: "a", "b" (0 to 1, the weighted share of the pole's points), "choice" (text "a", "b", "tie").
struct Score {
  std::string name;
  std::optional<double> number;  // exactly one of number and text is set, or neither: null
  std::optional<std::string> text;

  static Score OfNumber(std::string name, std::optional<double> number);
  static Score OfFlag(std::string name, std::optional<bool> flag);  // 1 or 0
  static Score OfText(std::string name, std::optional<std::string> text);
};

// What one judge made of one trajectory.
struct Judgement {
  JudgementStatus status = JudgementStatus::kModelError;
  std::string problem;  // for anything but kScored: which rule the reply broke, or the error
  std::vector<Verdict> verdicts;
  std::vector<Score> scores;
  std::string raw;  // the verdict as received, one JSON text; empty if unreadable or mechanical
  int requests = 0;  // replies asked for, the repeated ones included
  Usage usage;
};

}  // namespace axiometer
