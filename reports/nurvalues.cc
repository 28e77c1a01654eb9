#include "reports/nurvalues.h"

namespace axiometer {
namespace {

std::vector<LabelScheme> Schemes(const RunData& run, const std::string&) {
  LabelScheme strict;
  strict.protocol = "strict";
  strict.prediction = "strict.prediction";
  strict.correct = "strict.correct";
  strict.kind = "strict.problem";
  strict.cluster = "situation";
  strict.slices = {"value"};
  strict.majority_of = {"value"};
  strict.labels = {"1", "0"};
  strict.note =
      "right answers of the replies that hold one label and not the other (where reasoning was asked for: in their last "
      "line with a label); all others are counted apart.";
  if (!run.tasks.empty() && run.tasks.front().tag("mode") == "vote") return {strict};
  LabelScheme official = strict;
  official.protocol = "official";
  official.prediction = "official.prediction";
  official.correct = "official.correct";
  official.kind = "";
  official.note =
      "right answers as NurValues' own programs score them, which read every reply: without a label it counts as the "
      "wrong answer (in Chinese, but for self-consistency, as 1), with both as 0. What they could not read is under "
      "Labels found. Failed calls leave the denominator.";
  return {official, strict};
}

}  // namespace

const BenchmarkReport kNurvaluesReport = {"nurvalues", Schemes, nullptr, nullptr, nullptr};

}  // namespace axiometer
