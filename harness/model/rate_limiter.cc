#include "harness/model/rate_limiter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string_view>

#include "harness/io/descriptors.h"
#include "harness/io/gate.h"

namespace axiometer {
namespace {

constexpr double kFirstLimit = 4;
constexpr double kMaxLimit = 1000;
constexpr double kDecrease = 0.7;
constexpr int64_t kDecreaseEveryMs = 1000;
constexpr int64_t kLookUpMs = 1000;
constexpr double kMaxPaceMs = 10'000;

std::optional<double> HeaderNumber(const std::vector<std::pair<std::string, std::string>>& headers,
                                   std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key != name) continue;
    double number = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
    if (end.ec == std::errc() && end.ptr == value.data() + value.size() && std::isfinite(number)) {
      return number;
    }
  }
  return std::nullopt;
}

// "1s", "6m0s", "120ms", "1h2m3.5s", or a bare number: seconds, or a time since 1970 in seconds or
// milliseconds.
std::optional<double> DurationMs(std::string_view text, int64_t wall_ms) {
  double total = 0;
  const char* at = text.data();
  const char* end = at + text.size();
  if (at == end) return std::nullopt;
  while (at < end) {
    double number = 0;
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
    const bool bare = at == text.data() && read.ptr == end;
    at = read.ptr;
    if (bare) {
      if (number > 1e12) return std::max(0.0, number - static_cast<double>(wall_ms));
      if (number > 1e9) return std::max(0.0, number * 1000 - static_cast<double>(wall_ms));
      return number * 1000;
    }
    const std::string_view rest(at, end - at);
    if (rest.starts_with("ms")) {
      total += number;
      at += 2;
    } else if (rest.starts_with('s')) {
      total += number * 1000;
      ++at;
    } else if (rest.starts_with('m')) {
      total += number * 60'000;
      ++at;
    } else if (rest.starts_with('h')) {
      total += number * 3'600'000;
      ++at;
    } else {
      return std::nullopt;
    }
  }
  return total;
}

// To "2026-01-31T12:00:05Z".
std::optional<double> UntilMs(std::string_view text, int64_t wall_ms) {
  std::tm time = {};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (end == nullptr || (*end != 'Z' && *end != '.')) return std::nullopt;
  return std::max(0.0, static_cast<double>(timegm(&time)) * 1000 - static_cast<double>(wall_ms));
}

}  // namespace

ConcurrencyLimit::ConcurrencyLimit(int fixed)
    : fixed_(fixed > 0), limit_(fixed > 0 ? fixed : kFirstLimit) {}

void ConcurrencyLimit::Succeeded(int in_flight) {
  if (fixed_ || in_flight < value()) return;
  limit_ = std::min(kMaxLimit, limit_ + (doubling_ ? 1 : 1 / limit_));
}

void ConcurrencyLimit::Overloaded(int64_t now_ms) {
  if (fixed_ || now_ms < next_decrease_ms_) return;
  doubling_ = false;
  limit_ = std::max(1.0, limit_ * kDecrease);
  next_decrease_ms_ = now_ms + kDecreaseEveryMs;
}

double PaceMs(const std::vector<std::pair<std::string, std::string>>& headers, int in_flight,
              int64_t wall_ms, int shards) {
  struct Names {
    std::string_view limit;
    std::string_view remaining;
    std::string_view reset;
    std::optional<double> (*read)(std::string_view text, int64_t wall_ms);
  };
  static constexpr Names kNames[] = {
      {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
       DurationMs},
      {"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
       "anthropic-ratelimit-requests-reset", UntilMs}};
  for (const Names& names : kNames) {
    const auto limit = HeaderNumber(headers, names.limit);
    const auto remaining = HeaderNumber(headers, names.remaining);
    if (!limit || !remaining || *remaining >= double{1} * in_flight * shards || *limit <= *remaining) continue;
    for (const auto& [key, value] : headers) {
      if (key != names.reset) continue;
      const auto reset = names.read(value, wall_ms);
      if (reset) return std::min(kMaxPaceMs, shards * *reset / (*limit - *remaining));
    }
  }
  return 0;
}

struct RateLimiter::State {
  State(Loop& loop, Clock& clock, int max_connections, int shards)
      : loop(loop), clock(clock), shards(shards), concurrency(max_connections), gate(loop, Slots()) {}

  int Slots() const { return std::min(concurrency.value(), most); }

  void Apply() {
    const bool paused = clock.NowMs() < paused_until_ms;
    gate.SetLimit(paused ? 0 : Slots());
  }

  // Lifts the pause while somebody waits for that; looks up every now and then, so that a pause
  // does not outlive what it holds up.
  static Async<void> EndPause(std::shared_ptr<State> state) {
    while (true) {
      const int64_t left = state->paused_until_ms - state->clock.NowMs();
      if (left <= 0) break;
      const bool slept = co_await state->clock.Sleep(std::min(left, kLookUpMs));
      if (!slept || state->closed || state->gate.waiting() == 0) break;
    }
    state->pausing = false;
    if (!state->closed) state->Apply();
  }

  static void WatchPause(const std::shared_ptr<State>& state) {
    state->Apply();
    if (state->pausing || state->clock.NowMs() >= state->paused_until_ms) return;
    state->pausing = true;
    state->pause_key = state->loop.NewKey();
    state->loop.Spawn(EndPause(state), nullptr, state->pause_key);
  }

  Loop& loop;
  Clock& clock;
  int shards;
  const int most = MostConnections();
  ConcurrencyLimit concurrency;
  Gate gate;
  int64_t paused_until_ms = 0;
  bool pausing = false;  // EndPause runs
  bool closed = false;
  uint64_t pause_key = 0;
  double pace_ms = 0;
  double next_start_ms = 0;
};

RateLimiter::RateLimiter(Loop& loop, Clock& clock, int max_connections, int shards)
    : state_(std::make_shared<State>(loop, clock, max_connections, shards)) {}

RateLimiter::~RateLimiter() {
  state_->closed = true;
  if (state_->pausing) state_->loop.Cancel(state_->pause_key);
}

Async<bool> RateLimiter::Acquire(int priority) {
  State::WatchPause(state_);
  const bool acquired = co_await state_->gate.Acquire(priority);
  if (!acquired) co_return false;
  const double now = static_cast<double>(state_->clock.NowMs());
  const double start = std::max(now, state_->next_start_ms);
  state_->next_start_ms = start + state_->pace_ms;
  const auto wait = static_cast<int64_t>(start - now);
  if (wait > 0) {
    const bool slept = co_await state_->clock.Sleep(wait);
    if (!slept) {
      Release();
      co_return false;
    }
  }
  co_return true;
}

void RateLimiter::Release() { state_->gate.Release(); }

void RateLimiter::Succeeded(const std::vector<std::pair<std::string, std::string>>& headers) {
  state_->concurrency.Succeeded(state_->gate.in_flight());
  state_->pace_ms = PaceMs(headers, state_->gate.in_flight(), state_->clock.WallMs(), state_->shards);
  if (state_->pace_ms == 0) state_->next_start_ms = 0;
  state_->Apply();
}

void RateLimiter::Overloaded(int64_t pause_ms) {
  const int64_t now = state_->clock.NowMs();
  state_->concurrency.Overloaded(now);
  state_->paused_until_ms = std::max(state_->paused_until_ms, now + pause_ms);
  State::WatchPause(state_);
}

int RateLimiter::limit() const { return paused_for_ms() > 0 ? 0 : state_->Slots(); }
int RateLimiter::in_flight() const { return state_->gate.in_flight(); }
int RateLimiter::waiting() const { return state_->gate.waiting(); }

int64_t RateLimiter::paused_for_ms() const {
  return std::max<int64_t>(0, state_->paused_until_ms - state_->clock.NowMs());
}

}  // namespace axiometer
