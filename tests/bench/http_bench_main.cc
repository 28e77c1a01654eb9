// CPU microseconds a request of HttpClient against a bare libcurl multi_socket loop, in one run
// against the same mock endpoint: 4 KB up, a kept connection, nothing parsed.
//
//   http_bench [REQUESTS]      (12000; the mock endpoint's program stands beside this one)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "tests/bench/bare_curl.h"
#include "tests/bench/mock_process.h"

namespace axiometer {
namespace {

constexpr int kRepeats = 5;

std::string Body() {
  return "{\"model\":\"mock\",\"messages\":[{\"role\":\"user\",\"content\":\"" +
         std::string(4000, 'x') + "\"}]}";
}

// One request after the other, `count` times.
Async<void> Client(HttpClient& client, const HttpRequest& request, int count, int& failed) {
  for (int i = 0; i < count; ++i) {
    const HttpReply reply = co_await client.Perform(request);
    failed += !reply.ok() || reply.status != 200;
  }
}

double OursUs(const std::string& url, const Load& load) {
  Loop loop;
  HttpClient client(loop);
  HttpRequest request;
  request.url = url;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Authorization", "Bearer none");
  request.body = Body();
  int failed = 0;
  const double before = CpuUs();
  for (int i = 0; i < load.in_flight; ++i) {
    loop.Spawn(Client(client, request, load.requests / load.in_flight, failed));
  }
  loop.Run();
  const double used = CpuUs() - before;
  if (failed > 0) std::fprintf(stderr, "http_bench: %d requests failed\n", failed);
  return used / load.requests;
}

void Measure(const Load& load) {
  MockProcess mock({"--mode", "text", "--latency-ms", std::to_string(load.latency_ms),
                    "--latency-sigma", "0.5"});
  const std::string url = mock.base_url() + "/chat/completions";
  double ours = 1e9;
  double bare = 1e9;
  for (int i = 0; i < kRepeats; ++i) {  // in turn, so that a busy moment hits both
    ours = std::min(ours, OursUs(url, load));
    bare = std::min(bare, BareCurl(url, Body(), load).RunUs());
  }
  std::printf("%9d %10d %11.1f %11.1f %7.2f %6.1f\n", load.in_flight, load.latency_ms, ours, bare,
              ours / bare, mock.Stop().cpu_us_a_request());
  std::fflush(stdout);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::max(1000, std::atoi(argv[1])) : 12'000;
  std::printf(
      "in flight latency ms  HttpClient bare libcurl   ratio   mock   (CPU us a request, best of "
      "%d)\n",
      axiometer::kRepeats);
  for (const axiometer::Load load : {axiometer::Load{64, 0, requests},
                                     {256, 0, requests},
                                     {64, 50, requests / 3},
                                     {256, 50, requests}}) {
    // As many as every client can share out evenly.
    const axiometer::Load even{load.in_flight, load.latency_ms,
                               load.requests / load.in_flight * load.in_flight};
    axiometer::Measure(even);
  }
}
