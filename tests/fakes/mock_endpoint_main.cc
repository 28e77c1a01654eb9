// A chat-completions endpoint on loopback for tests and benchmarks: tool calls, verdicts, latency,
// faults and a rate limit, all seeded. One thread, epoll, little CPU, since it shares the cores
// with the program that is measured.
//
//   mock_endpoint [--port N] [--mode tools|text|judge] [--calls N] [--seed N]
//                 [--latency-ms M] [--latency-sigma S] [--fates SEED] [--fate-share RATE]
//                 [--bad-arguments RATE] [--favours VALUE] [--rate-limit PER_MINUTE] [--log FILE]
//
// --port         0 (the default): any free one. "listening PORT" on standard output says which
// --mode         tools (the default): a request with tools gets calls, one without them a verdict
//                if it asks for a JSON object, text otherwise; text: always text; judge: always a
//                verdict
// --calls        tool calls before the final text (8)
// --latency-ms   median of a log-normal latency (0: answers at once); --latency-sigma its shape (0)
// --fates        something goes wrong with every request, or with the share --fate-share of them: what, follows
//                from the request's bytes and this seed (fates.h). GET /ledger then says what each request met,
//                how often it came and how often it was answered in full, that is, paid for
// --bad-arguments  share of the tool calls whose arguments are broken JSON; depends on what is asked alone
// --favours      texts say that the subject puts this value first, and verdicts in Agent-ValueBench's form rate one
//                that a transcript so favours: the rest is drawn, anew for each such value
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
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/fakes/fates.h"
#include "tests/fakes/mock_latency.h"
#include "tests/fakes/mock_replies.h"
#include "tests/fakes/wire.h"

namespace axiometer {
namespace {

constexpr size_t kMostBytes = size_t{256} << 20;  // of one request

struct Options {
  int port = 0;
  double latency_ms = 0;
  double latency_sigma = 0;
  double rate_per_minute = 0;  // 0: no limit
  uint64_t fates_seed = 0;
  double fate_share = 0;  // 0: nothing goes wrong
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
  bool whole = false;        // what is being sent ends the answer
  bool usable = false;       // ... and it is one that the client pays for
  uint64_t request = 0;      // in the ledger
  Fates::Then then = Fates::Then::kKeep;
};

class MockEndpoint {
 public:
  explicit MockEndpoint(const Options& options)
      : options_(options),
        replies_(options.replies),
        random_(options.replies.seed),
        fates_(options.fates_seed, options.fate_share),
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
    held_ = Bound(options_.port);
    sockaddr_in address{};
    socklen_t length = sizeof address;
    if (held_ >= 0) getsockname(held_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (held_ < 0 || !OpenDoor()) {
      std::fprintf(stderr, "mock_endpoint: port %d: %s\n", options_.port, std::strerror(errno));
      return false;
    }
    std::printf("listening %d\n", port_);
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
      int64_t next_us = due_.empty() ? INT64_MAX : due_.top().at_us;
      if (opens_us_ != 0) next_us = std::min(next_us, opens_us_);
      if (next_us != INT64_MAX) {
        const int64_t us = std::max<int64_t>(0, next_us - NowUs());
        wait = {us / 1'000'000, us % 1'000'000 * 1000};
      }
      const int count = epoll_pwait2(epoll_, events, 256, next_us == INT64_MAX ? nullptr : &wait, nullptr);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == 0) {
          Accept();
        } else if (events[i].data.u64 == kSignals) {
          stopping = true;
        } else if (Connection* connection = Find(events[i].data.u64)) {
          Serve(*connection, events[i].events);
        }
        if (opens_us_ != 0 && opens_us_ <= NowUs()) OpenDoor();
      }
      if (opens_us_ != 0 && opens_us_ <= NowUs()) OpenDoor();
      SendDue();
    }
  }

  void PrintCounters() const {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const int64_t cpu_us = (int64_t{usage.ru_utime.tv_sec} + usage.ru_stime.tv_sec) * 1'000'000 +
                           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    std::printf(
        "{\"requests\":%lld,\"connections\":%lld,\"answered\":%lld,\"rate_limited\":%lld,"
        "\"bad_arguments\":%lld,\"most_waiting\":%lld,\"cpu_us\":%lld,\"span_us\":%lld}\n",
        static_cast<long long>(requests_), static_cast<long long>(connections_seen_),
        static_cast<long long>(answered_), static_cast<long long>(rate_limited_),
        static_cast<long long>(replies_.bad_arguments()), static_cast<long long>(most_waiting_),
        static_cast<long long>(cpu_us),
        static_cast<long long>(std::max<int64_t>(0, last_answer_us_ - first_request_us_)));
    std::fflush(stdout);
  }

 private:
  struct Due {
    int64_t at_us;
    uint64_t order;  // of those of one time
    uint64_t connection;
    std::string bytes;
    bool whole;  // the answer ends with these
    bool operator<(const Due& other) const {  // earliest on top
      return at_us != other.at_us ? at_us > other.at_us : order > other.order;
    }
  };

  // A socket at this port, 0: any. Others may be bound to the same, so that one can hold it while none listens.
  static int Bound(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
  }

  // Listens, again or for the first time.
  bool OpenDoor() {
    opens_us_ = 0;
    listener_ = Bound(port_);
    if (listener_ < 0 || listen(listener_, SOMAXCONN) != 0) return false;
    Watch(EPOLL_CTL_ADD, listener_, EPOLLIN, 0);
    return true;
  }

  void Refuse() {
    if (opens_us_ == 0) close(listener_);
    opens_us_ = NowUs() + Fates::kRefusedUs;
  }

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
    if (in[0] < 'A' || in[0] > 'Z') {  // as from a client that wants TLS
      connection.then = Fates::Then::kClose;
      return Send(connection, Framed(400, Problem("not HTTP", "invalid_request_error", "not_http")));
    }
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
        connection.then = Fates::Then::kClose;
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
    connection.usable = false;
    connection.then = close_after ? Fates::Then::kClose : Fates::Then::kKeep;
    const bool chat =
        head.substr(0, 5) == "POST " &&
        head.substr(0, head.find("\r\n")).find("/chat/completions ") != std::string_view::npos;
    const uint64_t id = connection.id;
    if (chat) {
      Chat(connection, std::string_view(in).substr(head_end + 4, length));
    } else if (head.substr(0, 4) == "GET " && head.find("/ledger ") != std::string_view::npos) {
      Send(connection, Framed(200, fates_.Ledger()));
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
    // What `eval` asks before the first sample is no part of what tests count.
    if (body.find("\"tool_choice\":\"required\"") != std::string_view::npos) {
      return Send(connection, Framed(200,
                                     R"({"id":"preflight","model":"mock","choices":[{"index":0,"finish_reason":"tool_calls",)"
                                     R"("message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",)"
                                     R"("function":{"name":"look_up","arguments":"{\"word\": \"rudder\"}"}}]}}]})"));
    }
    ++requests_;
    if (first_request_us_ == 0) first_request_us_ = NowUs();
    if (log_ != nullptr) Log(body);
    if (const double wait_s = TakeToken(); wait_s > 0) {
      ++rate_limited_;
      return Send(connection, TooMany(wait_s));
    }
    const double latency_us = latency_.NextUs(random_);
    Fates::Wire wire;
    if (fates_.any()) {
      wire = fates_.Draw(body, [&](size_t content_bytes) { return replies_.Answer(body, content_bytes); });
    } else {
      wire.pieces.push_back({0, Framed(200, replies_.Answer(body))});
    }
    if (wire.then != Fates::Then::kKeep) connection.then = wire.then;
    connection.usable = wire.usable;
    connection.request = wire.request;
    if (latency_us < 1 && wire.pieces.size() == 1 && !wire.stalls) {
      return Send(connection, std::move(wire.pieces[0].bytes));
    }
    int64_t at_us = NowUs() + static_cast<int64_t>(latency_us);
    for (size_t i = 0; i < wire.pieces.size(); ++i) {
      Fates::Piece& piece = wire.pieces[i];
      at_us += piece.wait_us;
      const bool whole = i + 1 == wire.pieces.size() && !wire.stalls;
      due_.push(Due{at_us, ++dues_, connection.id, std::move(piece.bytes), whole});
    }
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
      Send(*connection, std::move(due.bytes), due.whole);
      connection = Find(due.connection);
      if (connection && !connection->busy && !connection->in.empty()) TakeRequest(*connection);
    }
  }

  // `whole`: nothing more follows.
  void Send(Connection& connection, std::string bytes, bool whole = true) {
    connection.out.erase(0, std::exchange(connection.sent, 0));
    connection.out += bytes;
    connection.whole = whole;
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
    if (!connection.whole) return true;
    if (std::exchange(connection.usable, false) && fates_.any()) fates_.Paid(connection.request);
    if (connection.then != Fates::Then::kKeep) {
      const Fates::Then then = connection.then;
      Close(connection, then != Fates::Then::kClose);
      if (then == Fates::Then::kRefuse) Refuse();
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

  const Options options_;
  MockReplies replies_;
  std::mt19937_64 random_;
  Fates fates_;
  MockLatency latency_;
  std::FILE* log_ = nullptr;
  int held_ = -1;  // bound and never listening
  int listener_ = -1;
  int port_ = 0;
  int64_t opens_us_ = 0;  // when the door that was shut opens again; 0: it is open
  uint64_t dues_ = 0;
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
};

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
    } else if (name == "--bad-arguments") {
      options.replies.bad_arguments_rate = std::atof(value.c_str());
    } else if (name == "--favours") {
      options.replies.favours = value;
    } else if (name == "--fates") {
      options.fates_seed = std::strtoull(value.c_str(), nullptr, 10);
      if (options.fate_share == 0) options.fate_share = 1;
    } else if (name == "--fate-share") {
      options.fate_share = std::atof(value.c_str());
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
