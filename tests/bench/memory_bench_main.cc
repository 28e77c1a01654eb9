// Peak memory of the real program (its VmHWM, sandboxes apart): by requests in flight, each of a sample of
// its own, and by the number of samples of a run, 64 in flight.
//
//   memory_bench flight [N...]      (1 100 1000; the endpoint takes 2 s. TLS is not in it: 108 KB each)
//   memory_bench samples [N...]     (10000 100000; 1000000 takes some minutes and 3 GB in TMPDIR)
//
// The program and the mock endpoint stand where the build puts them.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/mock_process.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

constexpr int kTasks = 16;
constexpr int kMostEpochs = 1000;  // that the program takes

// So many invented rows of NurValues.
std::string Table(int rows) {
  std::string csv = "index,text_CN,text_EN,complicated_text_CN,complicated_text_EN,Nursing_Value,Alignment\n";
  for (int i = 0; i < rows; ++i) {
    const std::string n = std::to_string(i);
    csv += n + ",a" + n + ",case " + n + ",b" + n + ",talk " + n + ",Human_Dignity," + (i % 2 == 0 ? "1\n" : "0\n");
  }
  return csv;
}

// Peak memory in MB of a run of one-turn samples, of `suite` with its options. A process of its own runs it,
// whose only children it and its sandboxes are: what the kernel keeps is the largest of all children that ever
// ended.
double PeakMb(const std::string& base_url, int connections, const std::string& table, std::vector<std::string> suite) {
  int ends[2];
  if (pipe(ends) != 0) Die("no pipe");
  const pid_t runner = fork();
  if (runner < 0) Die("no process");
  if (runner == 0) {
    {
      const TemporaryFolder folder;
      folder.Write("table.csv", table);
      std::vector<std::string> arguments{"eval",
                                         "--model",
                                         "openai/mock",
                                         "--base-url",
                                         base_url,
                                         "--db",
                                         "bench.db",
                                         "--scaffold",
                                         "single_turn",
                                         "--max-connections",
                                         std::to_string(connections),
                                         "--display",
                                         "none",
                                         "--no-judge",
                                         "--no-cache"};
      arguments.insert(arguments.begin() + 1, suite.begin(), suite.end());
      RunToEnd(RealProgram(folder.path(), std::move(arguments)));
    }
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    _exit(write(ends[1], &usage.ru_maxrss, sizeof usage.ru_maxrss) == sizeof usage.ru_maxrss ? 0 : 1);
  }
  close(ends[1]);
  long peak_kb = 0;
  const bool told = read(ends[0], &peak_kb, sizeof peak_kb) == sizeof peak_kb;
  close(ends[0]);
  waitpid(runner, nullptr, 0);
  if (!told) Die("the program did not run to its end");
  return static_cast<double>(peak_kb) / 1024;
}

void ByFlight(const std::vector<int>& counts) {
  std::printf("in flight     peak MB   KB each beyond the first row\n");
  double first = 0;
  for (const int count : counts) {
    MockProcess mock({"--mode", "text", "--latency-ms", "2000"});
    const int epochs = (2 * count + kTasks - 1) / kTasks;
    const double peak = PeakMb(mock.base_url(), count, "",
                               {"crossroads", "--limit", std::to_string(kTasks), "--epochs", std::to_string(epochs)});
    mock.Stop();
    if (first == 0) first = peak;
    const double each = count == counts.front() ? 0 : 1024 * (peak - first) / (count - counts.front());
    std::printf("%9d %11.1f %10.1f\n", count, peak, each);
    std::fflush(stdout);
  }
}

void BySamples(const std::vector<int>& counts) {
  std::printf("  samples     peak MB   ratio to the first row\n");
  double first = 0;
  for (const int count : counts) {
    MockProcess mock({"--mode", "text"});
    const double peak =
        PeakMb(mock.base_url(), 64, Table(std::max(2, count / kMostEpochs)),
               {"nurvalues", "--data", "table.csv", "--epochs", std::to_string(std::min(count / 2, kMostEpochs))});
    mock.Stop();
    if (first == 0) first = peak;
    std::printf("%9d %11.1f %10.3f\n", count, peak, peak / first);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  std::vector<int> counts;
  for (int i = 2; i < argc; ++i) counts.push_back(std::max(1, std::atoi(argv[i])));
  if (what == "flight") {
    axiometer::ByFlight(counts.empty() ? std::vector<int>{1, 100, 1000} : counts);
  } else if (what == "samples") {
    axiometer::BySamples(counts.empty() ? std::vector<int>{10'000, 100'000} : counts);
  } else {
    std::fprintf(stderr, "usage: memory_bench flight|samples [N...]\n");
    return 2;
  }
}
