#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/http_client.h"
#include "harness/model/model.h"

namespace axiometer {

// Whether a failed request is sent again, and when. Pure; always finite.

// One try that gave no usable reply.
struct FailedTry {
  HttpFailure failure = HttpFailure::kNone;
  int status = 0;  // HTTP status, or the one that an error report inside a 200 names; 0: none
  bool reported = false;  // the body is the endpoint's own error report, not some page on the way
  std::string code;       // of that report
  std::string type;
  std::string message;                    // enough of it to be recognised
  std::string fingerprint;                // equal for equal failures: status and body
  std::optional<int64_t> retry_after_ms;  // see RetryAfterMs
  bool final = false;                     // the reply cannot get better
};

struct RetryDecision {
  bool retry = false;
  int64_t wait_ms = 0;                     // retry: before the next try
  CallStatus status = CallStatus::kError;  // otherwise: how the call ended
  bool overloaded = false;                 // the endpoint said that it gets too much: send it less
  int64_t pause_ms = 0;                    // it named a time: nobody should ask before
};

// After try number `tries` (from 1), of at most `max_retries` + 1. `previous_fingerprint` is the
// failure before this one's (empty: none), `random` in [0, 1) the jitter.
//
//   refused       a content filter's code, whatever the status
//   quota         402, or a code, type or message that says so (Google: a limit for the day)
//   auth          401; Google's 400 API_KEY_INVALID; 403 with the endpoint's own report (a page comes
//                 from something in between)
//   error         400, 403, 404, 413, 422; a reply too large; a TLS failure
//   sent again    no connection, closed in the middle, deadline, 408, 409, 425, 429, 5xx
//   sent again,   anything else (other 4xx, a reply with status 200 that cannot be read): until the
//                 same failure comes twice running
//
// Waits: what the endpoint named, at most kMaxRetryAfterMs, and up to a quarter more of at most 2
// s; otherwise 0.5 s (1 s where overloaded) doubled each time, at most 60 s, times 0.5 to 1.
RetryDecision AfterFailure(const FailedTry& failed, int tries, int max_retries,
                           const std::string& previous_fingerprint, double random);

inline constexpr int64_t kMaxRetryAfterMs = 600'000;

// `retry-after-ms`, else `retry-after` as seconds or an HTTP date (RFC 9110, section 10.2.3), which is
// counted from the reply's own `date`, so that the two clocks need not agree; without one from `wall_ms`. Within [0, kMaxRetryAfterMs]; nullopt without a readable header.
std::optional<int64_t> RetryAfterMs(const std::vector<std::pair<std::string, std::string>>& headers,
                                    int64_t wall_ms);

}  // namespace axiometer
