#include "harness/model/retry.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string_view>

#include "harness/base/utc.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

bool ContainsAny(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

bool IsContentFilter(const FailedTry& failed) {
  return ContainsAny(LowerAscii(failed.code + " " + failed.type),
                     {"content_filter", "content_policy", "responsibleaipolicyviolation",
                      "data_inspection_failed", "moderation"});
}

bool IsQuota(const FailedTry& failed) {
  if (failed.status == 402) return true;
  if (failed.status >= 500 || failed.status == 0) return false;
  if (ContainsAny(LowerAscii(failed.code + " " + failed.type),
                  {"insufficient_quota", "perday", "exceeded_current_quota", "insufficient_balance",
                   "insufficient_credits", "billing", "arrearage"})) {
    return true;
  }
  // Not "quota" alone: some endpoints use the word for a limit per minute.
  return ContainsAny(LowerAscii(failed.message),
                     {"insufficient balance", "insufficient account balance", "insufficient credit",
                      "not enough credit", "credit balance is too low", "余额不足", "欠费"});
}

bool IsTransient(const FailedTry& failed) {
  switch (failed.failure) {
    case HttpFailure::kResolve:
    case HttpFailure::kConnect:
    case HttpFailure::kTimeout:
    case HttpFailure::kClosed:
      return true;
    case HttpFailure::kNone:
      break;
    default:
      return false;
  }
  switch (failed.status) {
    case 408:
    case 409:
    case 425:
    case 429:
      return true;
    default:
      return failed.status >= 500;
  }
}

bool IsFinal(const FailedTry& failed) {
  if (failed.failure == HttpFailure::kTooLarge || failed.failure == HttpFailure::kTls) return true;
  switch (failed.status) {
    case 400:
    case 401:
    case 403:
    case 404:
    case 413:
    case 422:
      return true;
    default:
      return failed.final;
  }
}

CallStatus StatusOf(const FailedTry& failed) {
  if (failed.failure == HttpFailure::kTimeout || failed.status == 408 || failed.status == 504) {
    return CallStatus::kTimeout;
  }
  if (failed.failure != HttpFailure::kNone) return CallStatus::kError;
  if (failed.status == 401) return CallStatus::kAuth;
  if (failed.status == 400 && failed.code == "API_KEY_INVALID") return CallStatus::kAuth;
  if (failed.status == 403 && failed.reported) return CallStatus::kAuth;
  if (failed.status == 429) return CallStatus::kRateLimited;
  return CallStatus::kError;
}

std::optional<double> Number(std::string_view text) {
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

int64_t Bounded(double ms) {
  return static_cast<int64_t>(std::clamp(ms, 0.0, static_cast<double>(kMaxRetryAfterMs)));
}

}  // namespace

RetryDecision AfterFailure(const FailedTry& failed, int tries, int max_retries,
                           const std::string& previous_fingerprint, double random) {
  RetryDecision decision;
  decision.status = StatusOf(failed);
  if (failed.failure == HttpFailure::kCancelled) {
    decision.status = CallStatus::kCancelled;
    return decision;
  }
  if (failed.failure == HttpFailure::kNone) {
    if (IsContentFilter(failed)) {
      decision.status = CallStatus::kRefused;
      return decision;
    }
    if (IsQuota(failed)) {
      decision.status = CallStatus::kQuota;
      return decision;
    }
    decision.overloaded = failed.status == 429 || failed.status == 503 || failed.status == 529;
  }
  if (IsFinal(failed)) return decision;
  if (failed.retry_after_ms && *failed.retry_after_ms > 0) {
    if (decision.overloaded) decision.pause_ms = *failed.retry_after_ms;
    const double extra = std::min(2000.0, 0.25 * static_cast<double>(*failed.retry_after_ms));
    decision.wait_ms = *failed.retry_after_ms + static_cast<int64_t>(random * extra);
  } else {
    const double first = decision.overloaded ? 1000 : 500;
    const double bound = std::min(60'000.0, first * std::exp2(std::clamp(tries - 1, 0, 20)));
    decision.wait_ms = static_cast<int64_t>(bound * (0.5 + 0.5 * random));
  }
  const bool repeated = !IsTransient(failed) && !failed.fingerprint.empty() &&
                        failed.fingerprint == previous_fingerprint;
  decision.retry = tries <= max_retries && !repeated;
  return decision;
}

std::optional<int64_t> RetryAfterMs(const std::vector<std::pair<std::string, std::string>>& headers,
                                    int64_t wall_ms) {
  const auto find = [&](std::string_view name) -> const std::string* {
    for (const auto& [key, value] : headers) {
      if (key == name) return &value;
    }
    return nullptr;
  };
  if (const std::string* text = find("retry-after-ms")) {
    if (const auto ms = Number(*text)) return Bounded(*ms);
  }
  if (const std::string* text = find("retry-after")) {
    if (const auto seconds = Number(*text)) return Bounded(*seconds * 1000);
    if (const auto at = HttpDate(*text)) {
      // By the endpoint's own clock, if it tells it: one that is ahead of ours would have us wait as much longer.
      const std::string* sent = find("date");
      const std::optional<int64_t> sent_at = sent != nullptr ? HttpDate(*sent) : std::nullopt;
      const double now_ms = sent_at ? static_cast<double>(*sent_at) * 1000 : static_cast<double>(wall_ms);
      return Bounded(static_cast<double>(*at) * 1000 - now_ms);
    }
  }
  return std::nullopt;
}

}  // namespace axiometer
