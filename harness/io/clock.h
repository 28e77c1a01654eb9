#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// Time, passed in so that tests need none.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMs() const = 0;   // monotonic, does not stand still while the machine sleeps
  virtual int64_t WallMs() const = 0;  // since 1970, UTC
  // Returns true after `ms`, false as soon as the coroutine is cancelled.
  virtual Async<bool> Sleep(int64_t ms) = 0;
};

std::unique_ptr<Clock> MakeRealClock(Loop& loop);

// Time that jumps: Run drives the loop until it is idle, then moves on to the next sleeper.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Loop& loop, int64_t wall_ms = 1'700'000'000'000);
  ~FakeClock() override;
  int64_t NowMs() const override;
  int64_t WallMs() const override;
  Async<bool> Sleep(int64_t ms) override;
  void Run();  // until neither work nor a sleeper is left

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axiometer
