// How long the real program takes for N requests against an endpoint that lets R a minute pass, a token
// bucket of one second, and how often it is told 429: nothing but the limit bounds it, since its number
// of connections is its own choice. The ideal is N / R.
//
//   rate_limit_bench [N [R [LATENCY_MS]]]     (3,000 requests of one turn at 3,000 a minute, answered after
//                                              500 ms at the median; the program and the mock endpoint
//                                              stand where the build puts them)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/bench.h"
#include "tests/bench/mock_process.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

constexpr int kTasks = 16;

void Measure(int requests, int per_minute, int latency_ms) {
  const TemporaryFolder folder;
  MockProcess mock({"--mode", "text", "--latency-ms", std::to_string(latency_ms), "--latency-sigma", "0.5", "--seed",
                    "1", "--rate-limit", std::to_string(per_minute)});
  const int epochs = std::max(1, requests / kTasks);
  RunToEnd(RealProgram(folder.path(),
                       {"eval", "crossroads", "--limit", std::to_string(kTasks), "--epochs", std::to_string(epochs),
                        "--model", "openai/mock", "--base-url", mock.base_url(), "--db", "bench.db", "--scaffold",
                        "single_turn", "--display", "none", "--no-judge", "--no-cache"}));
  const MockProcess::Counters counters = mock.Stop();
  const double took = static_cast<double>(counters.span_us) / 1e6;
  const double ideal = 60.0 * kTasks * epochs / per_minute;
  std::printf("%d requests, %d a minute, %d ms: %.1f s, N / R %.1f s, ratio %.3f; %.2f times 429 per 100 requests\n",
              kTasks * epochs, per_minute, latency_ms, took, ideal, took / ideal,
              100.0 * static_cast<double>(counters.rate_limited) / (kTasks * epochs));
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const auto number = [&](int place, int otherwise) { return argc > place ? std::atoi(argv[place]) : otherwise; };
  axiometer::Measure(number(1, 3000), std::max(1, number(2, 3000)), number(3, 500));
}
