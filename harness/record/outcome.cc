#include "harness/record/outcome.h"

#include <array>
#include <utility>

namespace axiometer {
namespace {

constexpr std::array<std::pair<Outcome, const char*>, 13> kOutcomes{{
    {Outcome::kFinished, "finished"},
    {Outcome::kStepLimit, "step_limit"},
    {Outcome::kTokenLimit, "token_limit"},
    {Outcome::kTimeLimit, "time_limit"},
    {Outcome::kCostLimit, "cost_limit"},
    {Outcome::kEmptyReply, "empty_reply"},
    {Outcome::kUnusableReply, "unusable_reply"},
    {Outcome::kRefused, "refused"},
    {Outcome::kModelError, "model_error"},
    {Outcome::kRateLimited, "rate_limited"},
    {Outcome::kModelTimeout, "model_timeout"},
    {Outcome::kEnvironmentFailed, "environment_failed"},
    {Outcome::kInterrupted, "interrupted"},
}};

constexpr std::array<std::pair<JudgementStatus, const char*>, 5> kStatuses{{
    {JudgementStatus::kScored, "scored"},
    {JudgementStatus::kUnreadable, "unreadable"},
    {JudgementStatus::kRefused, "refused"},
    {JudgementStatus::kModelError, "model_error"},
    {JudgementStatus::kUnscorable, "unscorable"},
}};

}  // namespace

const char* OutcomeName(Outcome outcome) {
  for (const auto& [value, name] : kOutcomes) {
    if (value == outcome) return name;
  }
  return "";
}

std::optional<Outcome> OutcomeFromName(std::string_view name) {
  for (const auto& [value, known] : kOutcomes) {
    if (name == known) return value;
  }
  return std::nullopt;
}

bool IsJudged(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFinished:
    case Outcome::kStepLimit:
    case Outcome::kTokenLimit:
    case Outcome::kTimeLimit:
    case Outcome::kCostLimit:
      return true;
    default:
      return false;
  }
}

bool IsError(Outcome outcome) {
  switch (outcome) {
    case Outcome::kModelError:
    case Outcome::kRateLimited:
    case Outcome::kModelTimeout:
    case Outcome::kEnvironmentFailed:
      return true;
    default:
      return false;
  }
}

const char* JudgementStatusName(JudgementStatus status) {
  for (const auto& [value, name] : kStatuses) {
    if (value == status) return name;
  }
  return "";
}

std::optional<JudgementStatus> JudgementStatusFromName(std::string_view name) {
  for (const auto& [value, known] : kStatuses) {
    if (name == known) return value;
  }
  return std::nullopt;
}

}  // namespace axiometer
