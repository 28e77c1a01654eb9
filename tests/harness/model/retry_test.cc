#include "harness/model/retry.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

FailedTry Http(int status, std::string code = "", std::string message = "") {
  FailedTry failed;
  failed.status = status;
  failed.reported = true;
  failed.code = std::move(code);
  failed.message = std::move(message);
  failed.fingerprint = std::to_string(status) + failed.code + failed.message;
  return failed;
}

FailedTry Transport(HttpFailure failure) {
  FailedTry failed;
  failed.failure = failure;
  failed.fingerprint = HttpFailureName(failure);
  return failed;
}

RetryDecision First(const FailedTry& failed) { return AfterFailure(failed, 1, 6, "", 0.5); }

TEST(Retry, NeverRepeatsWhatCannotGetBetter) {
  for (const int status : {400, 401, 402, 403, 404, 413, 422}) {
    EXPECT_FALSE(First(Http(status)).retry) << status;
  }
  EXPECT_FALSE(First(Transport(HttpFailure::kTooLarge)).retry);
  EXPECT_FALSE(First(Transport(HttpFailure::kTls)).retry);
}

TEST(Retry, RepeatsWhatPasses) {
  for (const int status : {408, 409, 425, 429, 500, 502, 503, 504, 529}) {
    const FailedTry failed = Http(status);
    EXPECT_TRUE(First(failed).retry) << status;
    EXPECT_TRUE(AfterFailure(failed, 6, 6, failed.fingerprint, 0).retry) << status;
    EXPECT_FALSE(AfterFailure(failed, 7, 6, failed.fingerprint, 0).retry) << status;
  }
  for (const HttpFailure failure : {HttpFailure::kResolve, HttpFailure::kConnect,
                                    HttpFailure::kTimeout, HttpFailure::kClosed}) {
    const FailedTry failed = Transport(failure);
    EXPECT_TRUE(AfterFailure(failed, 6, 6, failed.fingerprint, 0).retry);
    EXPECT_FALSE(AfterFailure(failed, 7, 6, failed.fingerprint, 0).retry);
  }
}

TEST(Retry, TheSameFailureTwiceRunningIsFinal) {
  for (const FailedTry& failed :
       {Http(418, "", "teapot"), Http(200, "", "not JSON"), Transport(HttpFailure::kProtocol)}) {
    EXPECT_TRUE(AfterFailure(failed, 1, 6, "", 0).retry);
    EXPECT_TRUE(AfterFailure(failed, 2, 6, "something else", 0).retry);
    EXPECT_FALSE(AfterFailure(failed, 2, 6, failed.fingerprint, 0).retry);
  }
}

TEST(Retry, AnExhaustedAccountIsNoRateLimit) {
  EXPECT_EQ(First(Http(429, "insufficient_quota")).status, CallStatus::kQuota);
  EXPECT_FALSE(First(Http(429, "insufficient_quota")).retry);
  EXPECT_EQ(First(Http(400, "", "Your credit balance is too low")).status, CallStatus::kQuota);
  EXPECT_EQ(First(Http(402)).status, CallStatus::kQuota);
  // The word also names limits per minute.
  EXPECT_TRUE(First(Http(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota")).retry);
}

TEST(Retry, AContentFilterIsARefusal) {
  EXPECT_EQ(First(Http(400, "content_filter")).status, CallStatus::kRefused);
  EXPECT_EQ(First(Http(403, "moderation_blocked")).status, CallStatus::kRefused);
}

TEST(Retry, NamesHowTheCallEnded) {
  EXPECT_EQ(First(Http(401)).status, CallStatus::kAuth);
  EXPECT_EQ(First(Http(403)).status, CallStatus::kAuth);
  EXPECT_EQ(First(Http(404)).status, CallStatus::kError);
  EXPECT_EQ(First(Http(429)).status, CallStatus::kRateLimited);
  EXPECT_EQ(First(Http(500)).status, CallStatus::kError);
  EXPECT_EQ(First(Transport(HttpFailure::kTimeout)).status, CallStatus::kTimeout);
  EXPECT_EQ(First(Transport(HttpFailure::kConnect)).status, CallStatus::kError);
  EXPECT_EQ(First(Transport(HttpFailure::kCancelled)).status, CallStatus::kCancelled);
}

TEST(Retry, APageInBetweenThatForbidsSaysNothingOfTheKey) {
  FailedTry failed = Http(403);
  failed.reported = false;
  EXPECT_EQ(First(failed).status, CallStatus::kError);
}

TEST(Retry, WaitsTwiceAsLongEachTimeWithJitter) {
  const FailedTry failed = Http(500);
  EXPECT_EQ(AfterFailure(failed, 1, 9, "", 0).wait_ms, 250);
  EXPECT_EQ(AfterFailure(failed, 1, 9, "", 0.999999).wait_ms, 499);
  EXPECT_EQ(AfterFailure(failed, 4, 9, "", 0).wait_ms, 2000);
  EXPECT_EQ(AfterFailure(failed, 9, 9, "", 0).wait_ms, 30'000);
  EXPECT_EQ(AfterFailure(Http(429), 1, 9, "", 0).wait_ms, 500);
}

TEST(Retry, WaitsAsLongAsTheEndpointSays) {
  FailedTry failed = Http(429);
  failed.retry_after_ms = 4000;
  EXPECT_EQ(AfterFailure(failed, 1, 6, "", 0).wait_ms, 4000);
  EXPECT_EQ(AfterFailure(failed, 1, 6, "", 0.5).wait_ms, 4500);
  EXPECT_EQ(AfterFailure(failed, 1, 6, "", 0).pause_ms, 4000);
  failed.status = 500;
  EXPECT_EQ(AfterFailure(failed, 1, 6, "", 0).wait_ms, 4000);
  EXPECT_EQ(AfterFailure(failed, 1, 6, "", 0).pause_ms, 0);
}

TEST(Retry, OnlySomeFailuresMeanTooMuch) {
  EXPECT_TRUE(First(Http(429)).overloaded);
  EXPECT_TRUE(First(Http(503)).overloaded);
  EXPECT_TRUE(First(Http(529)).overloaded);
  EXPECT_FALSE(First(Http(500)).overloaded);
  EXPECT_FALSE(First(Http(429, "insufficient_quota")).overloaded);
}

TEST(RetryAfter, ReadsAllItsForms) {
  const int64_t wall_ms = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(RetryAfterMs({{"retry-after", "3"}}, wall_ms), 3000);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "0.5"}}, wall_ms), 500);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "3"}, {"retry-after-ms", "250"}}, wall_ms), 250);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"}}, wall_ms), 10'000);
}

TEST(RetryAfter, CountsADateFromTheEndpointsOwnClock) {
  const int64_t wall_ms = 784'111'777'000;  // 08:49:37; the endpoint is an hour ahead, or a day behind
  EXPECT_EQ(RetryAfterMs({{"date", "Sun, 06 Nov 1994 09:49:37 GMT"}, {"retry-after", "Sun, 06 Nov 1994 09:49:39 GMT"}},
                         wall_ms),
            2000);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "Sat, 05 Nov 1994 08:50:37 GMT"}, {"date", "Sat, 05 Nov 1994 08:49:37 GMT"}},
                         wall_ms),
            60'000);
  EXPECT_EQ(RetryAfterMs({{"date", "yesterday"}, {"retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"}}, wall_ms), 10'000);
}

TEST(RetryAfter, IsBounded) {
  const int64_t wall_ms = 784'111'777'000;
  EXPECT_EQ(RetryAfterMs({{"retry-after", "86400"}}, wall_ms), kMaxRetryAfterMs);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "-4"}}, wall_ms), 0);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"}}, wall_ms), 0);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "Sun, 06 Nov 2094 08:49:47 GMT"}}, wall_ms),
            kMaxRetryAfterMs);
}

TEST(RetryAfter, IgnoresWhatItCannotRead) {
  EXPECT_EQ(RetryAfterMs({}, 0), std::nullopt);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "soon"}}, 0), std::nullopt);
  EXPECT_EQ(RetryAfterMs({{"retry-after", "nan"}}, 0), std::nullopt);
  EXPECT_EQ(RetryAfterMs({{"retry-after-ms", "x"}, {"retry-after", "1"}}, 0), 1000);
}

}  // namespace
}  // namespace axiometer
