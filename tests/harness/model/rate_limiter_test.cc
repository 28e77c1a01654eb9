#include "harness/model/rate_limiter.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "harness/model/retry.h"

namespace axiometer {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

TEST(ConcurrencyLimit, DoublesWithEachRoundUntilToldOff) {
  ConcurrencyLimit limit;
  EXPECT_EQ(limit.value(), 4);
  for (int expected : {8, 16, 32}) {
    for (int i = limit.value(); i > 0; --i) limit.Succeeded(1000);
    EXPECT_EQ(limit.value(), expected);
  }
  limit.Overloaded(0);
  EXPECT_EQ(limit.value(), 22);
  for (int i = 0; i < 23; ++i) limit.Succeeded(1000);
  EXPECT_EQ(limit.value(), 23);
}

TEST(ConcurrencyLimit, GoesDownAtMostOnceASecond) {
  ConcurrencyLimit limit;
  for (int i = 0; i < 96; ++i) limit.Succeeded(1000);
  EXPECT_EQ(limit.value(), 100);
  for (const int64_t now_ms : {0, 1, 999}) limit.Overloaded(now_ms);
  EXPECT_EQ(limit.value(), 70);
  limit.Overloaded(1000);
  EXPECT_EQ(limit.value(), 49);
}

TEST(ConcurrencyLimit, StaysWithinItsBounds) {
  ConcurrencyLimit limit;
  for (int i = 0; i < 5000; ++i) limit.Succeeded(1000);
  EXPECT_EQ(limit.value(), 1000);
  for (int i = 0; i < 50; ++i) limit.Overloaded(i * 1000);
  EXPECT_EQ(limit.value(), 1);
}

TEST(ConcurrencyLimit, AnIdleEndpointProvesNothing) {
  ConcurrencyLimit limit;
  for (int i = 0; i < 100; ++i) limit.Succeeded(3);
  EXPECT_EQ(limit.value(), 4);
}

TEST(ConcurrencyLimit, AFixedOneStays) {
  ConcurrencyLimit limit(7);
  for (int i = 0; i < 100; ++i) limit.Succeeded(7);
  limit.Overloaded(0);
  EXPECT_EQ(limit.value(), 7);
}

TEST(Pace, IsTheTimeToFullOverWhatIsUsed) {
  const auto pace = [](std::string remaining, std::string reset) {
    return PaceMs({{"x-ratelimit-limit-requests", "3000"},
                   {"x-ratelimit-remaining-requests", std::move(remaining)},
                   {"x-ratelimit-reset-requests", std::move(reset)}},
                  16, 1'700'000'000'000);
  };
  EXPECT_DOUBLE_EQ(pace("0", "1m0s"), 20);
  EXPECT_DOUBLE_EQ(pace("10", "59.8s"), 20);
  EXPECT_DOUBLE_EQ(pace("0", "60"), 20);
  EXPECT_DOUBLE_EQ(pace("0", "1700000060"), 20);
  EXPECT_DOUBLE_EQ(pace("0", "3000ms"), 1);
  EXPECT_DOUBLE_EQ(pace("0", "100h"), 10'000);
  EXPECT_DOUBLE_EQ(pace("16", "1m0s"), 0);
  EXPECT_DOUBLE_EQ(pace("0", "soon"), 0);
  EXPECT_DOUBLE_EQ(pace("x", "1s"), 0);
  EXPECT_DOUBLE_EQ(PaceMs({}, 16, 0), 0);
}

TEST(Pace, IsAShareOfTheLimitAmongShards) {
  const auto pace = [](std::string remaining, int shards) {
    return PaceMs({{"x-ratelimit-limit-requests", "3000"},
                   {"x-ratelimit-remaining-requests", std::move(remaining)},
                   {"x-ratelimit-reset-requests", "1m0s"}},
                  16, 1'700'000'000'000, shards);
  };
  EXPECT_DOUBLE_EQ(pace("0", 8), 160);  // 8 x 20
  EXPECT_DOUBLE_EQ(pace("16", 1), 0);
  EXPECT_DOUBLE_EQ(pace("120", 8), 8 * 60'000 / 2880.0);  // 8 x 16 may be in flight
  EXPECT_DOUBLE_EQ(pace("128", 8), 0);
}

// 1'700'000'000 s is 2023-11-14T22:13:20Z: 60 s are left, in which 3000 - 0 come back.
TEST(Pace, KnowsAnthropicsHeaders) {
  const auto pace = [](std::string reset) {
    return PaceMs({{"anthropic-ratelimit-requests-limit", "3000"},
                   {"anthropic-ratelimit-requests-remaining", "0"},
                   {"anthropic-ratelimit-requests-reset", std::move(reset)}},
                  16, 1'700'000'000'000);
  };
  EXPECT_DOUBLE_EQ(pace("2023-11-14T22:14:20Z"), 20);
  EXPECT_DOUBLE_EQ(pace("2023-11-14T22:13:00Z"), 0);
  EXPECT_DOUBLE_EQ(pace("60s"), 0);
}

class LimiterTest : public testing::Test {
 protected:
  LimiterTest() : clock_(loop_) {}

  Async<void> Hold(RateLimiter& limiter, int priority, int64_t ms, std::string name) {
    const bool acquired = co_await limiter.Acquire(priority);
    if (!acquired) co_return;
    log_ += name + "@" + std::to_string(clock_.NowMs()) + " ";
    co_await clock_.Sleep(ms);
    limiter.Release();
  }

  Loop loop_;
  FakeClock clock_;
  std::string log_;
};

TEST_F(LimiterTest, TheHighestPriorityGoesFirst) {
  RateLimiter limiter(loop_, clock_, 1);
  loop_.Spawn(Hold(limiter, 0, 10, "first"));
  loop_.Spawn(Hold(limiter, 1, 10, "low"));
  loop_.Spawn(Hold(limiter, 9, 10, "high"));
  clock_.Run();
  EXPECT_EQ(log_, "first@0 high@10 low@20 ");
}

TEST_F(LimiterTest, APauseIsForAll) {
  RateLimiter limiter(loop_, clock_, 2);
  limiter.Overloaded(3000);
  limiter.Overloaded(5000);
  limiter.Overloaded(0);
  EXPECT_EQ(limiter.paused_for_ms(), 5000);
  EXPECT_EQ(limiter.limit(), 0);
  for (const char* name : {"x", "y", "z"}) loop_.Spawn(Hold(limiter, 0, 10, name));
  clock_.Run();
  EXPECT_EQ(log_, "x@5000 y@5000 z@5010 ");
  EXPECT_EQ(limiter.limit(), 2);
}

TEST_F(LimiterTest, APauseThatHoldsUpNobodyDoesNotKeepTheLoopRunning) {
  RateLimiter limiter(loop_, clock_, 2);
  limiter.Overloaded(600'000);
  clock_.Run();
  EXPECT_LE(clock_.NowMs(), 1000);
  loop_.Spawn(Hold(limiter, 0, 10, "later"));
  clock_.Run();
  EXPECT_EQ(log_, "later@600000 ");
}

TEST_F(LimiterTest, WhoeverWaitsMayBeCancelled) {
  RateLimiter limiter(loop_, clock_, 1);
  limiter.Overloaded(60'000);
  const uint64_t key = loop_.NewKey();
  loop_.Spawn(Hold(limiter, 0, 10, "x"), nullptr, key);
  loop_.Post([this, key] { loop_.Cancel(key); });
  clock_.Run();
  EXPECT_EQ(log_, "");
  EXPECT_EQ(limiter.in_flight(), 0);
}

TEST_F(LimiterTest, MayGoWhileItIsPaused) {
  auto limiter = std::make_unique<RateLimiter>(loop_, clock_, 1);
  limiter->Overloaded(60'000);
  limiter.reset();
  clock_.Run();
  EXPECT_TRUE(loop_.idle());
}

TEST_F(LimiterTest, PacesByTheHeaders) {
  RateLimiter limiter(loop_, clock_, 4);
  const Headers headers = {{"x-ratelimit-limit-requests", "100"},
                           {"x-ratelimit-remaining-requests", "0"},
                           {"x-ratelimit-reset-requests", "10s"}};
  loop_.Spawn([](RateLimiter& l, const Headers& h) -> Async<void> {
    const bool acquired = co_await l.Acquire(0);
    EXPECT_TRUE(acquired);
    l.Succeeded(h);
    l.Release();
  }(limiter, headers));
  clock_.Run();
  for (const char* name : {"x", "y", "z"}) loop_.Spawn(Hold(limiter, 0, 10, name));
  clock_.Run();
  EXPECT_EQ(log_, "x@0 y@100 z@200 ");
}

// An endpoint with a token bucket of `rate` requests a second, and a workload of `calls` requests
// from 256 callers.
class BucketTest : public LimiterTest {
 protected:
  struct Outcome {
    double seconds = 0;
    int refused = 0;
  };

  Outcome Drive(int calls, double rate, double burst, int64_t latency_ms, bool tells) {
    rate_ = rate;
    burst_ = burst;
    tokens_ = burst;
    latency_ms_ = latency_ms;
    tells_ = tells;
    left_ = calls;
    RateLimiter limiter(loop_, clock_, 0);
    for (int i = 0; i < 256; ++i) loop_.Spawn(Call(limiter));
    clock_.Run();
    outcome_.seconds = static_cast<double>(clock_.NowMs()) / 1000;
    return outcome_;
  }

  Async<void> Call(RateLimiter& limiter) {
    while (left_ > 0) {
      --left_;
      for (int tries = 1;; ++tries) {
        co_await limiter.Acquire(0);
        const double now = static_cast<double>(clock_.NowMs());
        tokens_ = std::min(burst_, tokens_ + (now - refilled_ms_) * rate_ / 1000);
        refilled_ms_ = now;
        const bool admitted = tokens_ >= 1;
        if (admitted) tokens_ -= 1;
        Headers headers;
        if (tells_) {
          headers.emplace_back("x-ratelimit-limit-requests", std::to_string(burst_));
          headers.emplace_back("x-ratelimit-remaining-requests",
                               std::to_string(std::floor(tokens_)));
          headers.emplace_back("x-ratelimit-reset-requests",
                               std::to_string((burst_ - tokens_) / rate_) + "s");
        }
        const double spread = std::uniform_real_distribution<double>(0.5, 1.5)(random_);
        co_await clock_.Sleep(admitted ? static_cast<int64_t>(latency_ms_ * spread) : 5);
        if (admitted) {
          limiter.Succeeded(headers);
          limiter.Release();
          break;
        }
        ++outcome_.refused;
        FailedTry failed;
        failed.status = 429;
        failed.retry_after_ms = 1000;
        const double jitter = std::uniform_real_distribution<double>(0, 1)(random_);
        const RetryDecision decision = AfterFailure(failed, tries, 100, "", jitter);
        limiter.Overloaded(decision.pause_ms);
        limiter.Release();
        co_await clock_.Sleep(decision.wait_ms);
      }
    }
  }

  double rate_ = 0;
  double burst_ = 0;
  double tokens_ = 0;
  double refilled_ms_ = 0;
  int64_t latency_ms_ = 0;
  bool tells_ = false;
  int left_ = 0;
  std::mt19937_64 random_{1};
  Outcome outcome_;
};

TEST_F(BucketTest, AdaptsToALimitItIsNotTold) {
  const Outcome outcome = Drive(6000, 50, 50, 800, false);
  RecordProperty("seconds", std::to_string(outcome.seconds));
  RecordProperty("refused", outcome.refused);
  EXPECT_LE(outcome.seconds, 1.15 * 6000 / 50) << outcome.refused;
  EXPECT_LE(outcome.refused, 600) << outcome.seconds;
}

TEST_F(BucketTest, KeepsToALimitItIsTold) {
  const Outcome outcome = Drive(6000, 50, 50, 800, true);
  EXPECT_LE(outcome.seconds, 1.15 * 6000 / 50) << outcome.refused;
  EXPECT_LE(outcome.refused, 300) << outcome.seconds;
}

}  // namespace
}  // namespace axiometer
