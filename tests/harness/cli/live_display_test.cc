#include "harness/cli/live_display.h"

#include <gtest/gtest.h>

#include "harness/io/loop.h"

namespace axiometer {
namespace {

Async<> Change(FakeClock& clock, Loop& loop, uint64_t display, Progress& progress) {
  bool slept = co_await clock.Sleep(905'000);
  progress.done = 1;
  slept = slept && co_await clock.Sleep(20'000);
  EXPECT_TRUE(slept);
  loop.Cancel(display);
}

// A batch may take a day: a log is not filled with lines that say the same.
TEST(LiveDisplay, ALogGetsALineForAChangeAndOneInTenMinutes) {
  Loop loop;
  FakeClock clock(loop);
  Progress progress;
  progress.suite = "crossroads";
  progress.model = "openai/m";
  progress.wanted = 4;
  LiveDisplay display(clock, Display::kPlain, progress, {}, nullptr);
  const uint64_t key = loop.NewKey();
  testing::internal::CaptureStderr();
  loop.Spawn(display.Show(), nullptr, key);
  loop.Spawn(Change(clock, loop, key, progress));
  clock.Run();
  const std::string said = testing::internal::GetCapturedStderr();
  std::vector<std::string> beginnings;
  for (size_t at = 0; at < said.size(); at = said.find('\n', at) + 1) {
    beginnings.push_back(said.substr(at, said.find(" done", at) - at));
  }
  EXPECT_EQ(beginnings, (std::vector<std::string>{
                            "0:10 crossroads openai/m: 0/4", "10:10 crossroads openai/m: 0/4",
                            "15:10 crossroads openai/m: 1/4", "15:25 crossroads openai/m: 1/4"}));
}

}  // namespace
}  // namespace axiometer
