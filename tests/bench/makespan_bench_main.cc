// How long the real program takes for its requests, from the first one to the last answer, against a
// simulation of the same latencies in which nothing else takes time: 64 slots, each sample asking again as soon as it is
// answered, the least progressed first.
//
//   makespan_bench [EPOCHS]     (64: 1,024 samples of the suite crossroads with 8 tool calls each, and
//                               eight times as many of one turn, against an endpoint that takes 50 ms;
//                               half as many against one that takes 500, as models do. The program and
//                               the mock endpoint stand where the build puts them)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/mock_process.h"
#include "tests/fakes/mock_latency.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

constexpr int kTasks = 16;
constexpr int kSlots = 64;
constexpr double kSigma = 0.5;
constexpr int kSeed = 1;

// Seconds for `samples` of `turns` requests each: four of them alive for each slot, the least progressed first.
double Simulate(int samples, int turns, double median_ms) {
  std::mt19937_64 random(kSeed);
  MockLatency latency(median_ms, kSigma);
  using End = std::pair<double, int>;  // when, turns left of that sample
  std::priority_queue<End, std::vector<End>, std::greater<>> running;
  std::priority_queue<int> waiting;  // turns left of those that are alive
  int alive = 0;
  double now = 0;
  while (samples > 0 || !waiting.empty() || !running.empty()) {
    for (; samples > 0 && alive < 4 * kSlots; --samples, ++alive) waiting.push(turns);
    while (!waiting.empty() && running.size() < kSlots) {
      running.emplace(now + latency.NextUs(random), waiting.top() - 1);
      waiting.pop();
    }
    now = running.top().first;
    if (running.top().second > 0) {
      waiting.push(running.top().second);
    } else {
      --alive;
    }
    running.pop();
  }
  return now / 1e6;
}

struct Case {
  const char* name;
  double median_ms;
  int epochs;
  int calls;  // tool calls of a sample
  std::vector<std::string> options;
};

void Measure(const Case& measured) {
  const TemporaryFolder folder;
  MockProcess mock({"--calls", std::to_string(measured.calls), "--latency-ms",
                    std::to_string(measured.median_ms), "--latency-sigma", std::to_string(kSigma), "--seed",
                    std::to_string(kSeed)});
  std::vector<std::string> arguments{"eval",       "crossroads",
                                     "--limit",    std::to_string(kTasks),
                                     "--model",    "openai/mock",
                                     "--base-url", mock.base_url(),
                                     "--db",       "bench.db",
                                     "--epochs",   std::to_string(measured.epochs),
                                     "--display",  "none",
                                     "--no-judge", "--no-cache",
                                     "--max-connections", std::to_string(kSlots)};
  arguments.insert(arguments.end(), measured.options.begin(), measured.options.end());
  RunToEnd(RealProgram(folder.path(), std::move(arguments)));
  const MockProcess::Counters counters = mock.Stop();
  const int samples = kTasks * measured.epochs;
  const int turns = measured.calls + 1;
  if (counters.requests != int64_t{samples} * turns) {
    Die(std::to_string(counters.requests) + " requests came, expected " +
        std::to_string(samples * turns));
  }
  const double took = static_cast<double>(counters.span_us) / 1e6;
  const double ideal = Simulate(samples, turns, measured.median_ms);
  std::printf("%-30s %6.0f %8d %9lld %9.2f %9.2f %7.3f\n", measured.name, measured.median_ms, samples,
              static_cast<long long>(counters.requests), took, ideal, took / ideal);
  std::fflush(stdout);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 64;
  std::printf("%d slots                  median ms  samples  requests   seconds simulated   ratio\n", axiometer::kSlots);
  const std::vector<std::string> more{"--max-sandboxes", "128"};
  axiometer::Measure({"one turn, no tools", 50, 8 * epochs, 0, {"--scaffold", "single_turn"}});
  axiometer::Measure({"8 tool calls, 64 sandboxes", 50, epochs, 8, {}});
  axiometer::Measure({"8 tool calls, 128 sandboxes", 50, epochs, 8, more});
  axiometer::Measure({"one turn, no tools", 500, 4 * epochs, 0, {"--scaffold", "single_turn"}});
  axiometer::Measure({"8 tool calls, 64 sandboxes", 500, epochs / 2, 8, {}});
  axiometer::Measure({"8 tool calls, 128 sandboxes", 500, epochs / 2, 8, more});
}
