#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// How many requests may be in flight at an endpoint that does not say so. Pure.
//
// Starts at 4 and doubles with each round of successes until the endpoint first says that it gets
// too much; then x 0.7, at most once a second, and up by one a round. Only successes under a full
// load count: an idle endpoint proves nothing. Within [1, 1000].
class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(int fixed = 0);  // > 0: always that
  int value() const { return static_cast<int>(limit_); }
  void Succeeded(int in_flight);  // while so many were, itself included
  void Overloaded(int64_t now_ms);

 private:
  bool fixed_;
  bool doubling_ = true;
  double limit_;
  int64_t next_decrease_ms_ = 0;
};

// The time between two requests that keeps within what the endpoint's x-ratelimit-limit-requests,
// -remaining-requests and -reset-requests leave (or anthropic-ratelimit-requests-limit, -remaining
// and -reset, the last a time as RFC 3339 writes it), when fewer than `in_flight` remain: the time
// to full over what is used up. 0: no need, or no such headers. At most 10 s. `shards`: processes
// that share the endpoint's limit evenly, each with about as many in flight.
double PaceMs(const std::vector<std::pair<std::string, std::string>>& headers, int in_flight,
              int64_t wall_ms, int shards = 1);

// Who may ask an endpoint, and when: one for all callers of it. A request holds a place from
// Acquire to Release. Never more places than MostConnections().
class RateLimiter {
 public:
  RateLimiter(Loop& loop, Clock& clock, int max_connections, int shards = 1);
  ~RateLimiter();  // nobody waits any more
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Waits for a place; the highest priority first. False: cancelled, no place is held.
  Async<bool> Acquire(int priority);
  void Release();

  // What the endpoint answered; before Release.
  void Succeeded(const std::vector<std::pair<std::string, std::string>>& headers);
  // `pause_ms` > 0: nobody asks before that time has passed.
  void Overloaded(int64_t pause_ms);

  int limit() const;  // 0 while paused
  int in_flight() const;
  int waiting() const;
  int64_t paused_for_ms() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the coroutine that ends a pause
};

}  // namespace axiometer
