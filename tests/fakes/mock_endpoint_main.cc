// A chat-completions endpoint on loopback for tests and benchmarks: tool calls, verdicts, latency,
// faults and a rate limit, all seeded. One thread, epoll, little CPU, since it shares the cores
// with the program that is measured.
//
//   mock_endpoint [--port N] [--mode tools|text|judge] [--calls N] [--seed N]
//                 [--latency-ms M] [--latency-sigma S] [--faults KIND=RATE,...]
//                 [--rate-limit PER_MINUTE] [--log FILE]
//
// --port         0 (the default): any free one. "listening PORT" on standard output says which
// --mode         tools (the default): a request with tools gets calls, one without them a verdict
//                if it asks for a JSON object, text otherwise; text: always text; judge: always a
//                verdict
// --calls        tool calls before the final text (8)
// --latency-ms   median of a log-normal latency (0: answers at once); --latency-sigma its shape (0)
// --faults       share of the requests: reset, close, stall, html, bad_json, empty_choices, 429,
//                quota, 401, 500, 503, huge, bad_arguments. A repeated request meets another fate,
//                except for bad_arguments, which depends on what is asked alone
// --rate-limit   a token bucket of one second; beyond it 429 with Retry-After and retry-after-ms
// --log          appends the body of every request, a line each (JSON needs no raw line feed)
//
// SIGTERM or SIGINT: one line of JSON with counters (cpu_us: its own; span_us: from the first request to
// the last answer), then exit status 0.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/fakes/mock_latency.h"
#include "tests/fakes/mock_replies.h"

namespace axiometer {
namespace {

constexpr size_t kMostBytes = size_t{256} << 20;  // of one request
constexpr size_t kHugeBytes = size_t{10} << 20;

struct Options {
  int port = 0;
  double latency_ms = 0;
  double latency_sigma = 0;
  double rate_per_minute = 0;  // 0: no limit
  std::vector<std::pair<std::string, double>> faults;
  std::string log;
  MockReplies::Options replies;
};

int64_t NowUs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

struct Connection {
  int fd = -1;
  uint64_t id = 0;
  std::string in;
  std::string out;
  size_t sent = 0;
  bool busy = false;         // a request is being answered
  bool wants_write = false;  // epoll is asked for EPOLLOUT
  enum class Then { kKeep, kClose, kReset } then = Then::kKeep;
};

class MockEndpoint {
 public:
  explicit MockEndpoint(const Options& options)
      : options_(options),
        replies_(options.replies),
        random_(options.replies.seed),
        latency_(options.latency_ms, options.latency_sigma),
        last_refill_us_(NowUs()) {
    burst_ = std::max(1.0, options.rate_per_minute / 60);
    tokens_ = burst_;
  }
  ~MockEndpoint() {
    if (log_ != nullptr) std::fclose(log_);
  }

  bool Listen() {
    if (!options_.log.empty() && (log_ = std::fopen(options_.log.c_str(), "ae")) == nullptr) {
      std::fprintf(stderr, "mock_endpoint: %s: %s\n", options_.log.c_str(), std::strerror(errno));
      return false;
    }
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, SOMAXCONN) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      std::fprintf(stderr, "mock_endpoint: port %d: %s\n", options_.port, std::strerror(errno));
      return false;
    }
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    Watch(EPOLL_CTL_ADD, listener_, EPOLLIN, 0);
    std::printf("listening %d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return true;
  }

  // Until `signals`, a signalfd, can be read.
  void Run(int signals) {
    constexpr uint64_t kSignals = UINT64_MAX;
    Watch(EPOLL_CTL_ADD, signals, EPOLLIN, kSignals);
    epoll_event events[256];
    bool stopping = false;
    while (!stopping) {
      timespec wait{};
      if (!due_.empty()) {
        const int64_t us = std::max<int64_t>(0, due_.top().at_us - NowUs());
        wait = {us / 1'000'000, us % 1'000'000 * 1000};
      }
      const int count =
          epoll_pwait2(epoll_, events, 256, due_.empty() ? nullptr : &wait, nullptr);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == 0) {
          Accept();
        } else if (events[i].data.u64 == kSignals) {
          stopping = true;
        } else if (Connection* connection = Find(events[i].data.u64)) {
          Serve(*connection, events[i].events);
        }
      }
      SendDue();
    }
  }

  void PrintCounters() const {
    std::string faults;
    for (const auto& [kind, count] : fault_counts_) {
      faults += (faults.empty() ? "\"" : ",\"") + kind + "\":" + std::to_string(count);
    }
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const int64_t cpu_us = (int64_t{usage.ru_utime.tv_sec} + usage.ru_stime.tv_sec) * 1'000'000 +
                           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    std::printf(
        "{\"requests\":%lld,\"connections\":%lld,\"answered\":%lld,\"rate_limited\":%lld,"
        "\"bad_arguments\":%lld,\"most_waiting\":%lld,\"cpu_us\":%lld,\"span_us\":%lld,\"faults\":{%s}}\n",
        static_cast<long long>(requests_), static_cast<long long>(connections_seen_),
        static_cast<long long>(answered_), static_cast<long long>(rate_limited_),
        static_cast<long long>(replies_.bad_arguments()), static_cast<long long>(most_waiting_),
        static_cast<long long>(cpu_us),
        static_cast<long long>(std::max<int64_t>(0, last_answer_us_ - first_request_us_)), faults.c_str());
    std::fflush(stdout);
  }

 private:
  struct Due {
    int64_t at_us;
    uint64_t connection;
    std::string bytes;
    bool operator<(const Due& other) const { return at_us > other.at_us; }  // earliest on top
  };

  void Watch(int operation, int fd, uint32_t events, uint64_t id) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  Connection* Find(uint64_t id) {
    const auto place = connections_.find(id);
    return place == connections_.end() ? nullptr : place->second.get();
  }

  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      connection->id = ++connections_seen_;
      Watch(EPOLL_CTL_ADD, fd, EPOLLIN, connection->id);
      connections_.emplace(connection->id, std::move(connection));
    }
  }

  void Close(Connection& connection, bool reset) {
    if (reset) {
      const linger now{1, 0};
      setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(connection.fd);
    connections_.erase(connection.id);
  }

  void Serve(Connection& connection, uint32_t events) {
    if (events & EPOLLOUT) {
      if (!Flush(connection)) return;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    static char chunk[256 << 10];
    const ssize_t got = recv(connection.fd, chunk, sizeof chunk, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0 || connection.in.size() > kMostBytes) return Close(connection, false);
    connection.in.append(chunk, static_cast<size_t>(got));
    if (!connection.busy) TakeRequest(connection);
  }

  // One request out of the buffer, if it is all there.
  void TakeRequest(Connection& connection) {
    const std::string& in = connection.in;
    const size_t head_end = in.find("\r\n\r\n");
    if (head_end == std::string::npos) return;
    const std::string_view head(in.data(), head_end);
    size_t length = 0;
    bool close_after = false;
    for (size_t line = head.find("\r\n"); line != std::string_view::npos;
         line = head.find("\r\n", line + 2)) {
      const std::string_view header = head.substr(line + 2, head.find("\r\n", line + 2) - line - 2);
      if (header.size() > 15 && strncasecmp(header.data(), "content-length:", 15) == 0) {
        length = std::strtoull(header.data() + 15, nullptr, 10);
      } else if (header.size() > 11 && strncasecmp(header.data(), "connection:", 11) == 0) {
        close_after = header.find("close") != std::string_view::npos;
      } else if (header.size() > 18 && strncasecmp(header.data(), "transfer-encoding:", 18) == 0) {
        connection.then = Connection::Then::kClose;
        return Send(connection, Framed(411, "{\"error\":{\"message\":\"send a content length\"}}"));
      }
    }
    if (length > kMostBytes) return Close(connection, false);
    const size_t end = head_end + 4 + length;
    if (in.size() < end) {
      connection.in.reserve(end);
      return;
    }
    connection.busy = true;
    connection.then = close_after ? Connection::Then::kClose : Connection::Then::kKeep;
    const bool chat =
        head.substr(0, 5) == "POST " &&
        head.substr(0, head.find("\r\n")).find("/chat/completions ") != std::string_view::npos;
    const uint64_t id = connection.id;
    if (chat) {
      Chat(connection, std::string_view(in).substr(head_end + 4, length));
    } else if (head.substr(0, 4) == "GET " && head.find("/models ") != std::string_view::npos) {
      Send(connection,
           Framed(200, "{\"object\":\"list\",\"data\":[{\"id\":\"mock\",\"object\":\"model\"}]}"));
    } else {
      Send(connection, Framed(404, Problem("no such path", "invalid_request_error", "not_found")));
    }
    // Answering may have closed it; what was answered is dropped only now, since the reply read it.
    if (Connection* still = Find(id)) {
      still->in.erase(0, end);
      if (!still->busy && !still->in.empty()) TakeRequest(*still);
    }
  }

  void Chat(Connection& connection, std::string_view body) {
    ++requests_;
    if (first_request_us_ == 0) first_request_us_ = NowUs();
    if (log_ != nullptr) Log(body);
    if (const double wait_s = TakeToken(); wait_s > 0) {
      ++rate_limited_;
      return Send(connection, TooMany(wait_s));
    }
    const double latency_us = latency_.NextUs(random_);
    const std::string fault = DrawFault();
    if (fault == "stall") return;  // busy for ever
    std::string bytes =
        fault.empty() ? Framed(200, replies_.Answer(body)) : Faulty(connection, fault, body);
    if (latency_us < 1) return Send(connection, std::move(bytes));
    due_.push(Due{NowUs() + static_cast<int64_t>(latency_us), connection.id, std::move(bytes)});
    most_waiting_ = std::max<int64_t>(most_waiting_, static_cast<int64_t>(due_.size()));
  }

  void Log(std::string_view body) {
    std::string line(body);
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), log_);
    std::fflush(log_);
  }

  void SendDue() {
    while (!due_.empty() && due_.top().at_us <= NowUs()) {
      Due due = std::move(const_cast<Due&>(due_.top()));
      due_.pop();
      Connection* connection = Find(due.connection);
      if (!connection) continue;
      Send(*connection, std::move(due.bytes));
      connection = Find(due.connection);
      if (connection && !connection->busy && !connection->in.empty()) TakeRequest(*connection);
    }
  }

  void Send(Connection& connection, std::string bytes) {
    connection.out = std::move(bytes);
    connection.sent = 0;
    Flush(connection);
  }

  // False if the connection is gone.
  bool Flush(Connection& connection) {
    while (connection.sent < connection.out.size()) {
      const ssize_t wrote = send(connection.fd, connection.out.data() + connection.sent,
                                 connection.out.size() - connection.sent, MSG_NOSIGNAL);
      if (wrote > 0) {
        connection.sent += static_cast<size_t>(wrote);
      } else if (errno == EAGAIN) {
        if (!connection.wants_write)
          Watch(EPOLL_CTL_MOD, connection.fd, EPOLLIN | EPOLLOUT, connection.id);
        connection.wants_write = true;
        return true;
      } else if (errno != EINTR) {
        Close(connection, false);
        return false;
      }
    }
    if (connection.wants_write) Watch(EPOLL_CTL_MOD, connection.fd, EPOLLIN, connection.id);
    connection.wants_write = false;
    if (connection.then != Connection::Then::kKeep) {
      Close(connection, connection.then == Connection::Then::kReset);
      return false;
    }
    if (connection.busy) {
      ++answered_;
      last_answer_us_ = NowUs();
    }
    connection.busy = false;
    connection.out.clear();
    return true;
  }

  double TakeToken() {
    if (options_.rate_per_minute <= 0) return 0;
    const int64_t now = NowUs();
    const double per_us = options_.rate_per_minute / 60e6;
    tokens_ = std::min(burst_, tokens_ + static_cast<double>(now - last_refill_us_) * per_us);
    last_refill_us_ = now;
    if (tokens_ < 1) return (1 - tokens_) / per_us / 1e6;
    tokens_ -= 1;
    return 0;
  }

  std::string DrawFault() {
    if (options_.faults.empty()) return "";
    double draw = std::uniform_real_distribution<double>()(random_);
    for (const auto& [kind, rate] : options_.faults) {
      if (draw < rate) {
        ++fault_counts_[kind];
        return kind;
      }
      draw -= rate;
    }
    return "";
  }

  std::string Faulty(Connection& connection, const std::string& fault, std::string_view body) {
    if (fault == "reset") {
      connection.then = Connection::Then::kReset;
      return "";
    }
    if (fault == "close") {
      connection.then = Connection::Then::kClose;
      const std::string whole = Framed(200, replies_.Answer(body));
      return whole.substr(0, whole.size() - 40);
    }
    if (fault == "html") {
      return Framed(200, "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>",
                    "text/html");
    }
    if (fault == "bad_json")
      return Framed(200, "{\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,");
    if (fault == "empty_choices") {
      return Framed(200,
                    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"mock\","
                    "\"choices\":[]}");
    }
    if (fault == "429") return TooMany(1);
    if (fault == "quota") {
      return Framed(429, Problem("You exceeded your current quota", "insufficient_quota",
                                 "insufficient_quota"));
    }
    if (fault == "401")
      return Framed(
          401, Problem("Incorrect API key provided", "invalid_request_error", "invalid_api_key"));
    if (fault == "huge") return Framed(200, replies_.Answer(body, kHugeBytes));
    return Framed(fault == "503" ? 503 : 500,
                  Problem("The server had an error", "server_error", "server_error"));
  }

  static std::string TooMany(double wait_s) {
    return Framed(429, Problem("Rate limit reached", "requests", "rate_limit_exceeded"),
                  "application/json",
                  "Retry-After: " + std::to_string(static_cast<int64_t>(std::ceil(wait_s))) +
                      "\r\nretry-after-ms: " +
                      std::to_string(static_cast<int64_t>(std::ceil(wait_s * 1000))) + "\r\n");
  }

  static std::string Problem(const std::string& message, const std::string& type,
                             const std::string& code) {
    return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type +
           "\",\"param\":null,\"code\":\"" + code + "\"}}";
  }

  static std::string Framed(int status, const std::string& body,
                            const char* type = "application/json", const std::string& more = "") {
    std::string bytes;
    bytes.reserve(body.size() + more.size() + 120);
    bytes += "HTTP/1.1 " + std::to_string(status) + " Mock\r\nContent-Type: " + type + "\r\n" +
             more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    bytes += body;
    return bytes;
  }

  const Options options_;
  MockReplies replies_;
  std::mt19937_64 random_;
  MockLatency latency_;
  std::FILE* log_ = nullptr;
  int listener_ = -1;
  int epoll_ = -1;
  double burst_ = 1;
  double tokens_ = 1;
  int64_t last_refill_us_;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::priority_queue<Due> due_;
  int64_t requests_ = 0;
  int64_t answered_ = 0;
  int64_t rate_limited_ = 0;
  int64_t most_waiting_ = 0;
  int64_t first_request_us_ = 0;
  int64_t last_answer_us_ = 0;
  uint64_t connections_seen_ = 0;
  std::map<std::string, int64_t> fault_counts_;
};

bool ReadFaults(const std::string& list, Options& options) {
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string entry = list.substr(begin, end - begin);
    const size_t equals = entry.find('=');
    const std::string kind = entry.substr(0, equals);
    const double rate = equals == std::string::npos ? 0 : std::atof(entry.c_str() + equals + 1);
    static constexpr const char* kKinds[] = {
        "reset", "close", "stall", "html", "bad_json", "empty_choices", "429",
        "quota", "401",   "500",   "503",  "huge",     "bad_arguments"};
    const bool known =
        std::any_of(std::begin(kKinds), std::end(kKinds), [&](const char* k) { return kind == k; });
    if (!known || rate <= 0 || rate > 1) {
      std::fprintf(stderr,
                   "mock_endpoint: --faults: \"%s\": expected KIND=RATE with a rate up to 1\n",
                   entry.c_str());
      return false;
    }
    if (kind == "bad_arguments") {
      options.replies.bad_arguments_rate = rate;
    } else {
      options.faults.emplace_back(kind, rate);
    }
    begin = end + 1;
  }
  return true;
}

bool ReadOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) {
      std::fprintf(stderr, "mock_endpoint: %s: expected a value\n", argv[i]);
      return false;
    }
    const std::string value = argv[i + 1];
    if (name == "--port") {
      options.port = std::atoi(value.c_str());
    } else if (name == "--latency-ms") {
      options.latency_ms = std::atof(value.c_str());
    } else if (name == "--latency-sigma") {
      options.latency_sigma = std::atof(value.c_str());
    } else if (name == "--seed") {
      options.replies.seed = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--calls") {
      options.replies.calls = std::atoi(value.c_str());
    } else if (name == "--rate-limit") {
      options.rate_per_minute = std::atof(value.c_str());
    } else if (name == "--log") {
      options.log = value;
    } else if (name == "--mode" && value == "tools") {
      options.replies.mode = MockReplies::Mode::kTools;
    } else if (name == "--mode" && value == "text") {
      options.replies.mode = MockReplies::Mode::kText;
    } else if (name == "--mode" && value == "judge") {
      options.replies.mode = MockReplies::Mode::kJudge;
    } else if (name == "--faults") {
      if (!ReadFaults(value, options)) return false;
    } else {
      std::fprintf(stderr, "mock_endpoint: %s %s: unknown\n", argv[i], value.c_str());
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  axiometer::Options options;
  if (!axiometer::ReadOptions(argc, argv, options)) return 2;
  // Read like any other event: a handler would have to be let in by epoll_pwait2, which the thread
  // sanitizer of GCC 12 does not know and so never runs it.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  const int signals = signalfd(-1, &ends, SFD_CLOEXEC);
  if (signals < 0) return 1;

  axiometer::MockEndpoint endpoint(options);
  if (!endpoint.Listen()) return 1;
  endpoint.Run(signals);
  endpoint.PrintCounters();
  return 0;
}
