#include "harness/run/progress.h"

#include <gtest/gtest.h>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

Progress Halfway() {
  Progress progress;
  progress.suite = "crossroads";
  progress.model = "openai/m";
  progress.wanted = 100;
  progress.done_before = 20;
  progress.done = 30;
  progress.outcomes = {{"finished", 28}, {"model_error", 2}};
  progress.running[1] = 3;
  progress.running[3] = 1;
  progress.usage.input_tokens = 12'345;
  progress.usage.output_tokens = 678;
  progress.calls = 90;
  return progress;
}

TEST(Progress, CountsAndTimesAreShort) {
  EXPECT_EQ(ShortCount(0), "0");
  EXPECT_EQ(ShortCount(999), "999");
  EXPECT_EQ(ShortCount(1'234), "1,234");
  EXPECT_EQ(ShortCount(12'345), "12.3 k");
  EXPECT_EQ(ShortCount(4'500'000), "4.50 M");
  EXPECT_EQ(ShortTime(245'000), "4:05");
  EXPECT_EQ(ShortTime(3'723'000), "1:02:03");
}

TEST(Progress, TheRateIsOfThisSessionAndTheTimeLeftOfTheWholeRun) {
  EXPECT_EQ(ProgressLine(Halfway(), 60'000),
            "1:00 crossroads openai/m: 50/100 done, 4 running, 30/min, left 1:40; 12.3 k in + 678 out tokens, 90 "
            "calls; finished 28, model_error 2");
}

TEST(Progress, WhatWasBegunAgainIsSaid) {
  Progress progress = Halfway();
  progress.begun_again = 2;
  EXPECT_TRUE(ProgressLine(progress, 60'000).ends_with("finished 28, model_error 2, begun again 2"));
}

TEST(Progress, WhoeverHasDoneLittleDoesNotGuess) {
  Progress progress = Halfway();
  progress.done = 1;
  EXPECT_NE(ProgressLine(progress, 60'000).find("left ?"), std::string::npos);
}

TEST(Progress, LinesSayWhatIsWaitedForAndWhy) {
  EndpointState state;
  state.in_flight = 3;
  state.limit = 8;
  state.waiting = 5;
  state.paused_for_ms = 9'001;
  state.rate_limited = 2;
  state.retries = 4;
  state.last_error = "HTTP 429: slow down";
  Progress progress = Halfway();
  progress.draining = true;
  EXPECT_EQ(ProgressLines(progress, {{"openai/m", state}}, 60'000, 100),
            (std::vector<std::string>{
                "crossroads  openai/m",
                "[####################....................] 50/100  30/min  1:00  left 1:40",
                "running 4: 3 at the model, 0 in tools, 1 judged, 0 starting",
                "openai/m: 3 of 8 in flight, 5 wait, paused 0:10 (rate limit), 2 rate limited, 4 retries",
                "  last error: HTTP 429: slow down",
                "12.3 k in + 678 out tokens, 90 calls",
                "finished 28, model_error 2",
                "finishing what runs; Ctrl-C again stops at once",
            }));
}

TEST(Progress, NoLineIsWiderThanTheTerminal) {
  Progress progress = Halfway();
  progress.usage.cost_usd = 12.5;
  progress.cached_calls = 1'000;
  progress.unjudged = 3;
  progress.draining = true;
  EndpointState state;
  state.limit = 1;
  state.retries = 1;
  state.last_error = std::string(300, 'e');
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "价值观";
  for (const std::string& name : {std::string(300, 'm'), wide, std::string(200, '\x1b')}) {
    progress.model = name;
    for (const int width : {20, 40, 80}) {
      for (const std::string& line : ProgressLines(progress, {{progress.model, state}}, 60'000, width)) {
        EXPECT_LE(DisplayWidth(line), static_cast<size_t>(width)) << line;
      }
    }
  }
}

TEST(Progress, OnANarrowTerminalNumbersTakeMoreLinesAndNoneIsCut) {
  EndpointState state;
  state.in_flight = 3;
  state.limit = 8;
  state.waiting = 5;
  EXPECT_EQ(ProgressLines(Halfway(), {{"openai/m", state}}, 60'000, 39),
            (std::vector<std::string>{
                "crossroads  openai/m",
                "[#####.....] 50/100  30/min  1:00",
                "  left 1:40",
                "running 4: 3 at the model, 0 in tools",
                "  1 judged, 0 starting",
                "openai/m: 3 of 8 in flight, 5 wait",
                "12.3 k in + 678 out tokens, 90 calls",
                "finished 28, model_error 2",
            }));
}

TEST(Progress, AMarkCountsASampleOnceInItsPhase) {
  Progress progress;
  {
    PhaseMark mark(progress, Phase::kStarting);
    mark.Move(Phase::kTools);
    EXPECT_EQ(progress.running[static_cast<int>(Phase::kStarting)], 0);
    EXPECT_EQ(progress.running[static_cast<int>(Phase::kTools)], 1);
    EXPECT_EQ(progress.live(), 1);
  }
  EXPECT_EQ(progress.live(), 0);
}

}  // namespace
}  // namespace axiometer
