#include "harness/io/loop.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "harness/io/clock.h"
#include "harness/io/deadline.h"
#include "harness/io/gate.h"
#include "harness/io/rendezvous.h"

namespace axiometer {
namespace {

Async<> SleepInto(Clock& clock, int64_t ms, std::vector<std::string>& log, std::string name) {
  const bool slept = co_await clock.Sleep(ms);
  log.push_back(name + (slept ? " slept" : " cancelled"));
}

TEST(FakeClock, JumpsFromSleeperToSleeper) {
  Loop loop;
  FakeClock clock(loop);
  std::vector<std::string> log;
  loop.Spawn(SleepInto(clock, 3'600'000, log, "long"));
  loop.Spawn(SleepInto(clock, 5, log, "short"));
  clock.Run();
  EXPECT_EQ(log, (std::vector<std::string>{"short slept", "long slept"}));
  EXPECT_EQ(clock.NowMs(), 3'600'000);
}

TEST(Loop, CancelEndsTheCurrentWait) {
  Loop loop;
  const auto clock = MakeRealClock(loop);
  std::vector<std::string> log;
  loop.Spawn(SleepInto(*clock, 3'600'000, log, "one"), nullptr, 7);
  loop.Spawn(SleepInto(*clock, 1, log, "two"), [&] { loop.Cancel(7); });
  loop.Run();
  EXPECT_EQ(log, (std::vector<std::string>{"two slept", "one cancelled"}));
}

TEST(Loop, DestructionEndsWhatStillRuns) {
  std::vector<std::string> log;
  Loop* loop = new Loop;
  const auto clock = MakeRealClock(*loop);
  loop->Spawn(SleepInto(*clock, 3'600'000, log, "one"));
  loop->context().poll();
  delete loop;
  EXPECT_EQ(log, std::vector<std::string>{"one cancelled"});
}

Async<> Throws() {
  throw std::runtime_error("a bug");
  co_return;
}

TEST(Loop, RethrowsWhatEscapesACoroutine) {
  Loop loop;
  loop.Spawn(Throws());
  EXPECT_THROW(loop.Run(), std::runtime_error);
}

Async<> Receive(Rendezvous<int>& meeting, std::optional<int>& got) { got = co_await meeting.Wait(); }

TEST(Rendezvous, AnotherThreadPostsAndDelivers) {
  Loop loop;
  Rendezvous<int> meeting(loop);
  std::optional<int> got;
  loop.Spawn(Receive(meeting, got));
  std::thread other([&] { loop.Post([&] { meeting.Deliver(42); }); });
  loop.Run();
  other.join();
  EXPECT_EQ(got, 42);
}

TEST(Rendezvous, KeepsAnEarlyValue) {
  Loop loop;
  Rendezvous<int> meeting(loop);
  meeting.Deliver(1);
  std::optional<int> got;
  loop.Spawn(Receive(meeting, got));
  loop.Run();
  EXPECT_EQ(got, 1);
}

Async<> Hold(Gate& gate, Clock& clock, int priority, std::string name, std::vector<std::string>& log) {
  const bool held = co_await gate.Acquire(priority);
  if (!held) {
    log.push_back(name + " gave up");
    co_return;
  }
  log.push_back(name);
  co_await clock.Sleep(10);
  gate.Release();
}

TEST(Gate, AdmitsByPriorityThenByArrival) {
  Loop loop;
  FakeClock clock(loop);
  Gate gate(loop, 1);
  std::vector<std::string> log;
  loop.Spawn(Hold(gate, clock, 0, "first", log));
  loop.Spawn(Hold(gate, clock, 1, "low", log));
  loop.Spawn(Hold(gate, clock, 5, "high", log));
  loop.Spawn(Hold(gate, clock, 5, "high too", log));
  clock.Run();
  EXPECT_EQ(log, (std::vector<std::string>{"first", "high", "high too", "low"}));
  EXPECT_EQ(gate.in_flight(), 0);
}

TEST(Gate, ACancelledWaiterHoldsNothing) {
  Loop loop;
  FakeClock clock(loop);
  Gate gate(loop, 1);
  std::vector<std::string> log;
  loop.Spawn(Hold(gate, clock, 0, "first", log));
  loop.Spawn(Hold(gate, clock, 0, "second", log), nullptr, 9);
  loop.context().poll();
  loop.Cancel(9);
  clock.Run();
  EXPECT_EQ(log, (std::vector<std::string>{"first", "second gave up"}));
  EXPECT_EQ(gate.in_flight(), 0);
  EXPECT_EQ(gate.waiting(), 0);
}

Async<int> AnswerAfter(Clock& clock, int64_t ms) {
  const bool slept = co_await clock.Sleep(ms);
  co_return slept ? 1 : -1;
}

Async<> Bounded(Loop& loop, Clock& clock, std::optional<int64_t> limit, std::optional<int>& got) {
  got = co_await Within<int>(loop, clock, limit, AnswerAfter(clock, 100));
}

TEST(Within, EndsTheWorkAtTheDeadline) {
  Loop loop;
  FakeClock clock(loop);
  std::optional<int> late = 5;
  std::optional<int> early;
  std::optional<int> unlimited;
  loop.Spawn(Bounded(loop, clock, 50, late));
  loop.Spawn(Bounded(loop, clock, 150, early));
  loop.Spawn(Bounded(loop, clock, std::nullopt, unlimited));
  clock.Run();
  EXPECT_EQ(late, std::nullopt);
  EXPECT_EQ(early, 1);
  EXPECT_EQ(unlimited, 1);
  EXPECT_TRUE(loop.idle());
}

TEST(Within, PassesTheCallersCancellationOn) {
  Loop loop;
  FakeClock clock(loop);
  std::optional<int> got;
  loop.Spawn(Bounded(loop, clock, 1000, got), nullptr, 3);
  loop.context().poll();
  loop.Cancel(3);
  clock.Run();
  EXPECT_EQ(got, -1);
}

}  // namespace
}  // namespace axiometer
