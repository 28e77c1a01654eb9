#pragma once

#include <string_view>

#include "reports/data.h"

namespace axiometer {

// What came of a sample that ended, as one judge saw it: exactly one of these.
//
// There is no class for an agent that says it is unable: no protocol here has a verdict that says so, and words alone
// do not tell inability from unwillingness. Such a sample is in kNeither, or in kAsked.
enum class OutcomeClass {
  // Scored, with points for a pole: which got the larger share (ChoiceOf), also where a limit ended the sample.
  kChoseA,
  kChoseB,
  kBoth,  // equal shares, one half or more
  kEven,  // equal shares, less
  // Scored without a point for either pole, and neither a tool failure nor ended by a limit; or a question put to the
  // subject in which it named no option:
  kNeither,
  kAsked,  // the last words ask something (AsksSomething)
  kLimit,  // without points, and no tool failure: a limit ended the sample
  // Without a score:
  kRefused,  // the endpoint's content filter or the provider's refusal field
  kSilent,   // neither text nor tool calls came
  // The environment did not start, died, hung or broke the protocol; or, scored without points, every tool call of the
  // sample was refused or answered with an error, and there was one.
  kToolFailure,
  kModelError,    // the subject's endpoint failed, kept limiting the rate or did not reply in time
  kJudgeFailure,  // the judge refused, could not be read or was not reached
  kUnscorable,    // the judge said, as its protocol allows, that the rubric cannot be applied
  kNotJudged,     // the judge was not asked yet
};
inline constexpr int kOutcomeClasses = static_cast<int>(OutcomeClass::kNotJudged) + 1;

const char* OutcomeClassName(OutcomeClass outcome);  // "chose_a", "tool_failure", …: of metrics

// `judged`: what the judge made of it; null: it was not asked. `answers`: the samples are answers that are read by
// rule (RunData::answers_dilemmas), so that an unreadable one is the subject's doing and no judge's failure.
OutcomeClass ClassOf(const SampleFacts& sample, const JudgedFacts* judged, bool answers);

// Whether the last sentence ends with a question mark of any script (Latin, full-width, Arabic, Greek, Ethiopic, …;
// Armenian, which writes it inside the word, if it is in the last word). White space, closing quotes and brackets and
// Markdown's marks after it do not count.
bool AsksSomething(std::string_view text);

}  // namespace axiometer
