#include "harness/io/clock.h"

#include <time.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <map>

#include "harness/io/rendezvous.h"

namespace axiometer {
namespace asio = boost::asio;

namespace {

int64_t ReadMs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

class RealClock : public Clock {
 public:
  explicit RealClock(Loop& loop) : loop_(loop) {}

  int64_t NowMs() const override { return ReadMs(CLOCK_BOOTTIME); }
  int64_t WallMs() const override { return ReadMs(CLOCK_REALTIME); }

  Async<bool> Sleep(int64_t ms) override {
    asio::steady_timer timer(loop_.context(), std::chrono::milliseconds(std::max<int64_t>(0, ms)));
    const auto [error] = co_await timer.async_wait(
        asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>()));
    co_return !error;
  }

 private:
  Loop& loop_;
};

}  // namespace

std::unique_ptr<Clock> MakeRealClock(Loop& loop) { return std::make_unique<RealClock>(loop); }

struct FakeClock::State {
  Loop& loop;
  int64_t now_ms = 0;
  int64_t wall_ms = 0;
  std::multimap<int64_t, Rendezvous<bool>*> sleepers;
};

FakeClock::FakeClock(Loop& loop, int64_t wall_ms)
    : state_(std::make_unique<State>(State{loop, 0, wall_ms, {}})) {}

FakeClock::~FakeClock() = default;

int64_t FakeClock::NowMs() const { return state_->now_ms; }
int64_t FakeClock::WallMs() const { return state_->wall_ms + state_->now_ms; }

Async<bool> FakeClock::Sleep(int64_t ms) {
  Rendezvous<bool> woken(state_->loop);
  const auto place = state_->sleepers.emplace(state_->now_ms + std::max<int64_t>(0, ms), &woken);
  const std::optional<bool> slept = co_await woken.Wait();
  if (!slept) state_->sleepers.erase(place);
  co_return slept.has_value();
}

void FakeClock::Run() {
  while (true) {
    state_->loop.context().restart();
    while (state_->loop.context().poll() > 0) {
    }
    if (state_->sleepers.empty()) return;
    const auto first = state_->sleepers.begin();
    state_->now_ms = std::max(state_->now_ms, first->first);
    Rendezvous<bool>* woken = first->second;
    state_->sleepers.erase(first);
    woken->Deliver(true);
  }
}

}  // namespace axiometer
