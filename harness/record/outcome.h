#pragma once

#include <optional>
#include <string_view>

namespace axiometer {

// How an attempt ended. A failure is an outcome, never a score.
enum class Outcome {
  // The subject had its say; the trajectory is judged.
  kFinished,    // final text without tool calls
  kStepLimit,   // --max-steps assistant turns used
  kTokenLimit,  // --token-limit reached
  kTimeLimit,   // --time-limit reached
  kCostLimit,   // --cost-limit reached
  // The subject said nothing usable.
  kEmptyReply,     // neither text nor tool calls
  kUnusableReply,  // replies in a row that were no step of the scaffold
  kRefused,        // the endpoint's content filter or the provider's refusal field
  // Something else broke; --retry-errors runs these again.
  kModelError,         // final error of the endpoint, after the retries
  kRateLimited,        // still rate limited after the retries
  kModelTimeout,       // no reply before the deadline, after the retries
  kEnvironmentFailed,  // the environment did not start, died, hung or broke the protocol
  // Not an end: interrupted; the sample is still wanted.
  kInterrupted,
};

const char* OutcomeName(Outcome outcome);  // "finished", "step_limit", …: stored and exported
std::optional<Outcome> OutcomeFromName(std::string_view name);

// True for outcomes whose trajectory goes to the judges.
bool IsJudged(Outcome outcome);
// True for what --retry-errors runs again.
bool IsError(Outcome outcome);

// What came of judging one trajectory with one judge.
enum class JudgementStatus {
  kScored,      // every item of the rubric has a verdict
  kUnreadable,  // replies came, none was a valid verdict within the bounded number of requests
  kRefused,     // the judge declined
  kModelError,  // the judge's endpoint failed, after the retries
  kUnscorable,  // the judge said, as the protocol allows, that the rubric cannot be applied
};

const char* JudgementStatusName(JudgementStatus status);
std::optional<JudgementStatus> JudgementStatusFromName(std::string_view name);

}  // namespace axiometer
