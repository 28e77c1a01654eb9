// How long the real program takes for its requests, from the first one to the last answer, against a
// simulation of the same latencies in which nothing else takes time: 64 slots, first come first
// served, each sample asking again as soon as it is answered.
//
//   makespan_bench [EPOCHS]     (64: 1,024 samples of the suite crossroads with 8 tool calls each, and
//                               eight times as many of one turn; the program and the mock endpoint
//                               stand where the build puts them)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/loop.h"
#include "tests/bench/mock_process.h"
#include "tests/fakes/mock_latency.h"

namespace axiometer {
namespace {

constexpr int kTasks = 16;
constexpr int kSlots = 64;
constexpr double kMedianMs = 50;
constexpr double kSigma = 0.5;
constexpr int kSeed = 1;

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "makespan_bench: %s\n", why.c_str());
  std::exit(1);
}

// Seconds for `samples` of `turns` requests each.
double Simulate(int samples, int turns) {
  std::mt19937_64 random(kSeed);
  MockLatency latency(kMedianMs, kSigma);
  using End = std::pair<double, int>;  // when, turns left of that sample
  std::priority_queue<End, std::vector<End>, std::greater<>> running;
  std::deque<int> waiting(static_cast<size_t>(samples), turns);
  double now = 0;
  while (!waiting.empty() || !running.empty()) {
    while (!waiting.empty() && running.size() < kSlots) {
      running.emplace(now + latency.NextUs(random), waiting.front() - 1);
      waiting.pop_front();
    }
    now = running.top().first;
    // What has begun goes first, as in the program.
    if (running.top().second > 0) waiting.push_front(running.top().second);
    running.pop();
  }
  return now / 1e6;
}

struct Case {
  const char* name;
  int epochs;
  int calls;  // tool calls of a sample
  std::vector<std::string> options;
};

Async<> Wait(Child& child, int& status) {
  const ChildExit exit = co_await child.Wait();
  status = exit.signal != 0 ? 128 + exit.signal : exit.status;
}

void Measure(const std::string& program, const Case& measured) {
  std::string folder = std::filesystem::temp_directory_path().string() + "/axiometer-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) Die("no temporary folder");
  MockProcess mock({"--calls", std::to_string(measured.calls), "--latency-ms",
                    std::to_string(kMedianMs), "--latency-sigma", std::to_string(kSigma), "--seed",
                    std::to_string(kSeed)});
  ChildSpec spec;
  spec.program = program;
  spec.directory = folder;
  spec.environment = {"PATH=/usr/bin:/bin"};
  spec.arguments = {"eval",       "crossroads",
                    "--model",    "openai/mock",
                    "--base-url", mock.base_url(),
                    "--db",       folder + "/bench.db",
                    "--limit",    std::to_string(kTasks),
                    "--epochs",   std::to_string(measured.epochs),
                    "--display",  "none",
                    "--no-judge", "--no-cache",
                    "--max-connections", std::to_string(kSlots)};
  spec.arguments.insert(spec.arguments.end(), measured.options.begin(), measured.options.end());
  spec.descriptors = {{2, 2}};
  Loop loop;
  Result<Child> child = Child::Start(loop, spec);
  if (!child) Die(child.error().ToString());
  int status = 0;
  loop.Spawn(Wait(*child, status));
  loop.Run();
  const MockProcess::Counters counters = mock.Stop();
  std::filesystem::remove_all(folder);
  if (status != 0) Die("the program ended with status " + std::to_string(status));
  const int samples = kTasks * measured.epochs;
  const int turns = measured.calls + 1;
  if (counters.requests != int64_t{samples} * turns) {
    Die(std::to_string(counters.requests) + " requests came, expected " +
        std::to_string(samples * turns));
  }
  const double took = static_cast<double>(counters.span_us) / 1e6;
  const double ideal = Simulate(samples, turns);
  std::printf("%-34s %8d %9lld %9.2f %9.2f %7.3f\n", measured.name, samples,
              static_cast<long long>(counters.requests), took, ideal, took / ideal);
  std::fflush(stdout);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 64;
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "axiometer";
  std::printf("%d ms median, %d slots                  samples  requests   seconds simulated   ratio\n",
              static_cast<int>(axiometer::kMedianMs), axiometer::kSlots);
  axiometer::Measure(program, {"one turn, no tools", 8 * epochs, 0, {"--scaffold", "single_turn"}});
  axiometer::Measure(program, {"8 tool calls, 64 sandboxes", epochs, 8, {}});
  axiometer::Measure(program, {"8 tool calls, 128 sandboxes", epochs, 8, {"--max-sandboxes", "128"}});
}
