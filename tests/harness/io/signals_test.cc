#include "harness/io/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <vector>

#include "harness/io/clock.h"

namespace axiometer {
namespace {

TEST(Signals, ArriveOnTheLoopUntilNoLongerWanted) {
  Loop loop;
  const auto clock = MakeRealClock(loop);
  std::vector<int> heard;
  std::unique_ptr<Signals> signals;
  signals = std::make_unique<Signals>(loop, [&](int signal) {
    heard.push_back(signal);
    if (heard.size() == 2) {
      signals.reset();
      loop.Stop();
    } else {
      raise(SIGTERM);
    }
  });
  const auto wait = [](Clock& c) -> Async<> { co_await c.Sleep(10'000); };
  loop.Spawn(wait(*clock));
  raise(SIGINT);
  loop.Run();
  EXPECT_EQ(heard, (std::vector<int>{SIGINT, SIGTERM}));
  // The default action is back.
  struct sigaction now {};
  sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace axiometer
