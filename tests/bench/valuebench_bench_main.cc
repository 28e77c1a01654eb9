// Every released case of Agent-ValueBench through the real program, with 8 tool calls each and a
// judge, against an endpoint that answers at once: the harness is all that takes time. The baseline
// is bare libcurl sending as many requests, with bodies of 8 kB, to the same endpoint.
//
//   valuebench_bench DATA [CASES]     (all 4,335; the program and the mock endpoint stand where the
//                                     build puts them)
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/bench/bare_curl.h"
#include "tests/bench/bench.h"
#include "tests/bench/mock_process.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr int kCalls = 8;

double SecondsSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

// Of the children that have ended: seconds of processor time, and the largest resident set in MB.
std::pair<double, double> ChildrensUse() {
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  return {cpu, static_cast<double>(usage.ru_maxrss) / 1024};
}

void Main(const std::string& data, const std::string& cases) {
  const TemporaryFolder folder;
  MockProcess mock({"--calls", std::to_string(kCalls), "--seed", "1"});
  const auto begin = Steady::now();
  RunToEnd(RealProgram(folder.path(), {"eval", "agent-valuebench", "--data", fs::absolute(data), "--limit", cases,
                                       "--model", "openai/mock", "--judge", "openai/mock", "--base-url",
                                       mock.base_url(), "--db", "bench.db", "--display", "none"}));
  const double ours = SecondsSince(begin);
  const auto [cpu, memory] = ChildrensUse();
  const double store = static_cast<double>(fs::file_size(folder.path() + "/bench.db")) / (1 << 20);
  const MockProcess::Counters counters = mock.Stop();
  MockProcess same({"--calls", std::to_string(kCalls), "--seed", "1"});
  const std::string body = R"({"model":"mock","messages":[{"role":"user","content":")" +
                           std::string(8192, 'x') + R"("}]})";
  const auto then = Steady::now();
  BareCurl(same.base_url() + "/chat/completions", body, {64, 0, static_cast<int>(counters.requests)}).RunUs();
  const double bare = SecondsSince(then);
  same.Stop();
  std::printf("requests                        %10lld\n", static_cast<long long>(counters.requests));
  std::printf("the program, s                  %10.1f\n", ours);
  std::printf("  its processor time, s         %10.1f   sandboxes included\n", cpu);
  std::printf("  its peak memory, MB           %10.0f   of one process\n", memory);
  std::printf("  the store, MB                 %10.1f\n", store);
  std::printf("bare libcurl, s                 %10.1f\n", bare);
  std::printf("ratio                           %10.2f\n", ours / bare);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "valuebench_bench: name the folder of the data set\n");
    return 2;
  }
  axiometer::Main(argv[1], argc > 2 ? argv[2] : "4335");
}
