#include "harness/model/llama_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "harness/io/deadline.h"

namespace axiometer {
namespace {

constexpr int kMostDeaths = 3;
constexpr int64_t kStartMs = 600'000;  // large files are read from slow disks
constexpr int64_t kAskMs = 5'000;

std::string RandomKey() {
  unsigned char bytes[24] = {};
  if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    std::abort();  // cannot fail for 24 bytes
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string key;
  for (const unsigned char byte : bytes) {
    key += kDigits[byte >> 4];
    key += kDigits[byte & 15];
  }
  return key;
}

// A port of 127.0.0.1 that was free a moment ago; 0: none.
int FreePort() {
  const Descriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!probe || bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  return ntohs(address.sin_port);
}

std::string HowItEnded(const ChildExit& exit) {
  if (exit.signal == SIGKILL) return "was killed (signal 9), perhaps for want of memory";
  if (exit.signal != 0) return "ended by signal " + std::to_string(exit.signal);
  return "ended with status " + std::to_string(exit.status);
}

}  // namespace

LlamaServer::LlamaServer(Loop& loop, Clock& clock, HttpTransport& http, const ModelSpec& spec)
    : loop_(loop),
      clock_(clock),
      http_(http),
      program_(spec.program),
      key_(RandomKey()),
      starting_(loop, 1) {
  const int slots = spec.max_connections > 0 ? spec.max_connections : kDefaultSlots;
  arguments_ = {"-m",         std::filesystem::absolute(spec.name).string(),
                "--host",     "127.0.0.1",
                "-c",         std::to_string(static_cast<int64_t>(spec.server->context) * slots),
                "--parallel", std::to_string(slots),
                "--jinja"};
  arguments_.insert(arguments_.end(), spec.server->arguments.begin(), spec.server->arguments.end());
}

Async<Result<void>> LlamaServer::Ready() {
  Result<void> result;
  if (ready_) {
    log_->Bound();
    co_return result;
  }
  const bool entered = co_await starting_.Acquire(0);
  if (!entered) {
    Error cancelled = Failed("llama.cpp server", "interrupted");
    co_return cancelled;
  }
  if (given_up_) {
    result = *given_up_;
  } else if (!ready_) {
    result = co_await Start();
  }
  starting_.Release();
  co_return result;
}

Async<Result<bool>> LlamaServer::Revived(int generation) {
  const bool entered = co_await starting_.Acquire(0);
  if (!entered) {
    Error cancelled = Failed("llama.cpp server", "interrupted");
    co_return cancelled;
  }
  Result<bool> revived = generation != generation_;
  if (given_up_) {
    revived = *given_up_;
  } else if (!*revived) {
    std::optional<std::string> ended = co_await WhyEnded();
    if (ended) {
      ready_ = false;
      if (++deaths_ >= kMostDeaths) {
        given_up_ =
            Failed("llama.cpp server",
                   "it died " + std::to_string(deaths_) + " times without an answer; " + *ended,
                   "fewer --max-connections or a smaller --llama-context need less memory");
        revived = *given_up_;
      } else {
        Result<void> started = co_await Start();
        if (started) {
          revived = true;
        } else {
          revived = started.error();
        }
      }
    }
  }
  starting_.Release();
  co_return revived;
}

Async<std::optional<std::string>> LlamaServer::WhyEnded() {
  if (!child_) co_return std::nullopt;
  // Long enough for a process that is just ending to be reaped.
  std::optional<ChildExit> exit = co_await Within(loop_, clock_, 20, child_->Wait());
  if (!exit || child_->running()) co_return std::nullopt;
  std::string why = "it " + HowItEnded(*exit) + log_->LastWords();
  co_return why;
}

Async<Result<void>> LlamaServer::Start() {
  const int port = FreePort();
  port_ = std::to_string(port);
  base_url_ = "http://127.0.0.1:" + port_ + "/v1";
  log_.emplace();
  ChildSpec spec;
  spec.program = program_;
  spec.arguments = arguments_;
  spec.arguments.insert(spec.arguments.end(), {"--port", port_});
  spec.environment = ProgramEnvironment();
  spec.environment.push_back("LLAMA_API_KEY=" + key_);
  spec.descriptors = {{1, log_->descriptor()}, {2, log_->descriptor()}};
  Result<Child> child = Child::Start(loop_, spec);
  if (!child) {
    Error error = Failed("llama.cpp server", child.error().ToString(),
                         "name one that runs with --llama-server");
    co_return error;
  }
  child_.emplace(std::move(*child));
  Result<void> healthy = co_await BecomeHealthy();
  ready_ = healthy.has_value();
  ++generation_;
  if (!ready_) child_.reset();
  co_return healthy;
}

Async<Result<void>> LlamaServer::BecomeHealthy() {
  HttpRequest ask;
  ask.method = "GET";
  ask.url = "http://127.0.0.1:" + port_ + "/health";
  ask.timeout_ms = kAskMs;
  const int64_t began = clock_.NowMs();
  int64_t pause = 20;
  while (clock_.NowMs() - began < kStartMs) {
    HttpReply reply = co_await http_.Perform(ask);
    if (reply.ok() && reply.status == 200) {
      Result<void> fine;
      co_return fine;
    }
    std::optional<std::string> ended = co_await WhyEnded();
    if (ended) {
      Error error =
          Failed("llama.cpp server", *ended,
                 "its options are set with --llama-arg, --llama-context and --max-connections");
      co_return error;
    }
    const bool slept = co_await clock_.Sleep(pause);
    if (!slept) {
      Error error = Failed("llama.cpp server", "interrupted while it started");
      co_return error;
    }
    pause = std::min<int64_t>(2 * pause, 500);
  }
  Error late =
      Failed("llama.cpp server", "was not ready after " + std::to_string(kStartMs / 60'000) +
                                     " minutes" + log_->LastWords());
  co_return late;
}

std::shared_ptr<LlamaServer> LlamaServers::For(Loop& loop, Clock& clock, HttpTransport& http,
                                               const ModelSpec& spec) {
  std::string what = spec.name + "\n" + spec.program + "\n" + std::to_string(spec.server->context) +
                     "\n" + std::to_string(spec.max_connections);
  for (const std::string& argument : spec.server->arguments) what += "\n" + argument;
  std::weak_ptr<LlamaServer>& known = servers_[what];
  if (std::shared_ptr<LlamaServer> running = known.lock()) return running;
  auto server = std::make_shared<LlamaServer>(loop, clock, http, spec);
  known = server;
  return server;
}

}  // namespace axiometer
