// CPU microseconds a request of HttpClient against a bare libcurl multi_socket loop, in one run
// against the same mock endpoint: 4 KB up, a kept connection, nothing parsed.
//
//   http_bench [REQUESTS]      (12000; the mock endpoint's program stands beside this one)
#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/http_client.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"

namespace axiometer {
namespace {

constexpr int kRepeats = 5;

struct Load {
  int in_flight;
  int latency_ms;
  int requests;
};

double CpuUs() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

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

// The least that libcurl's socket interface needs: one epoll descriptor, one deadline.
class BareCurl {
 public:
  BareCurl(const std::string& url, const Load& load)
      : load_(load), body_(Body()), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareCurl::OnSocket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareCurl::OnTimer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1024L);
    headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Authorization: Bearer none");
    headers_ = curl_slist_append(headers_, "Expect:");
    replies_.resize(static_cast<size_t>(load.in_flight));
    for (std::string& reply : replies_) {
      CURL* easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.c_str());
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 600'000L);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &BareCurl::OnBody);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply);
      curl_easy_setopt(easy, CURLOPT_PRIVATE, &reply);
      easies_.push_back(easy);
    }
  }

  ~BareCurl() {
    for (CURL* easy : easies_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
    close(epoll_);
  }

  double RunUs() {
    const double before = CpuUs();
    for (CURL* easy : easies_) Start(easy);
    int running = 0;
    while (ended_ < load_.requests) {
      epoll_event events[128];
      const int count = epoll_wait(epoll_, events, 128, WaitMs());
      for (int i = 0; i < count; ++i) {
        const int flags = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                          (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(multi_, events[i].data.fd, flags, &running);
      }
      if (WaitMs() == 0) {
        deadline_ms_ = -1;
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      }
      Collect();
    }
    return (CpuUs() - before) / load_.requests;
  }

 private:
  static int OnSocket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
    auto* self = static_cast<BareCurl*>(user);
    epoll_event event{};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    event.data.fd = socket;
    epoll_ctl(self->epoll_,
              what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL
              : known                  ? EPOLL_CTL_MOD
                                       : EPOLL_CTL_ADD,
              socket, &event);
    if (what != CURL_POLL_REMOVE) curl_multi_assign(self->multi_, socket, self);
    return 0;
  }

  static int OnTimer(CURLM*, long timeout_ms, void* user) {
    auto* self = static_cast<BareCurl*>(user);
    self->deadline_ms_ = timeout_ms < 0 ? -1 : NowMs() + timeout_ms;
    return 0;
  }

  static size_t OnBody(char* data, size_t size, size_t count, void* user) {
    static_cast<std::string*>(user)->append(data, size * count);
    return size * count;
  }

  static int64_t NowMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  int WaitMs() const {
    return deadline_ms_ < 0 ? -1 : static_cast<int>(std::max<int64_t>(0, deadline_ms_ - NowMs()));
  }

  void Start(CURL* easy) {
    if (started_ == load_.requests) return;
    ++started_;
    std::string* reply = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &reply);
    reply->clear();
    curl_multi_add_handle(multi_, easy);
  }

  void Collect() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* easy = message->easy_handle;
      ++ended_;
      curl_multi_remove_handle(multi_, easy);
      Start(easy);
    }
  }

  const Load load_;
  const std::string body_;
  int epoll_;
  CURLM* multi_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::vector<CURL*> easies_;
  std::vector<std::string> replies_;
  int64_t deadline_ms_ = -1;
  int started_ = 0;
  int ended_ = 0;
};

void Measure(const std::string& program, const Load& load) {
  Loop loop;
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return;
  const Descriptor from_mock(pipe_ends[0]);
  Descriptor mock_output(pipe_ends[1]);
  ChildSpec spec;
  spec.program = program;
  spec.arguments = {"--mode",          "text", "--latency-ms", std::to_string(load.latency_ms),
                    "--latency-sigma", "0.5"};
  spec.descriptors = {{1, mock_output.get()}};
  Result<Child> mock = Child::Start(loop, spec);
  if (!mock) {
    std::fprintf(stderr, "http_bench: %s\n", mock.error().ToString().c_str());
    std::exit(1);
  }
  mock_output = Descriptor();
  char line[64] = {};
  int port = 0;
  if (read(from_mock.get(), line, sizeof line - 1) <= 0 ||
      std::sscanf(line, "listening %d", &port) != 1) {
    std::fprintf(stderr, "http_bench: %s did not say where it listens\n", program.c_str());
    std::exit(1);
  }
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/v1/chat/completions";
  double ours = 1e9;
  double bare = 1e9;
  for (int i = 0; i < kRepeats; ++i) {  // in turn, so that a busy moment hits both
    ours = std::min(ours, OursUs(url, load));
    bare = std::min(bare, BareCurl(url, load).RunUs());
  }
  mock->Kill(SIGTERM);
  char counters[512] = {};
  long long served = 1;
  long long mock_us = 0;
  if (read(from_mock.get(), counters, sizeof counters - 1) > 0) {
    std::sscanf(counters, "{\"requests\":%lld", &served);
    if (const char* cpu = std::strstr(counters, "\"cpu_us\":"))
      std::sscanf(cpu, "\"cpu_us\":%lld", &mock_us);
  }
  std::printf("%9d %10d %11.1f %11.1f %7.2f %6.1f\n", load.in_flight, load.latency_ms, ours, bare,
              ours / bare, static_cast<double>(mock_us) / static_cast<double>(served));
  std::fflush(stdout);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::max(1000, std::atoi(argv[1])) : 12'000;
  const std::string mock =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "mock_endpoint";
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
    axiometer::Measure(mock, even);
  }
}
