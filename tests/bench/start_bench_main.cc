// Milliseconds from the start of the program to its first request, against `curl` sending one in the
// same run. The start of the sandbox is part of it.
//
//   start_bench [TIMES]      (20; the program stands where the build puts it)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "start_bench: %s\n", why.c_str());
  std::exit(1);
}

class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_.get(), generic, length) != 0 || listen(socket_.get(), 64) != 0 ||
        getsockname(socket_.get(), generic, &length) != 0) {
      Die("no port to listen on");
    }
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/v1";
  }

  const std::string& url() const { return url_; }

  // Until the first bytes of a request are there; it gets no answer.
  void AwaitRequest() const {
    const Descriptor connection(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte;
    if (recv(connection.get(), &byte, 1, 0) != 1) Die("a connection without a request");
  }

 private:
  Descriptor socket_;
  std::string url_;
};

double StartMs(const Listener& listener, ChildSpec spec) {
  Loop loop;
  spec.environment = {"PATH=/usr/bin:/bin"};
  spec.descriptors = {{2, 2}};
  const auto begin = Steady::now();
  Result<Child> child = Child::Start(loop, spec);
  if (!child) Die(child.error().ToString());
  listener.AwaitRequest();
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

void Main(int times) {
  const std::string program =
      fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "axiometer";
  std::string folder = fs::temp_directory_path().string() + "/axiometer-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) Die("no temporary folder");
  const Listener listener;
  ChildSpec ours;
  ours.program = program;
  ours.directory = folder;
  const auto arguments = [&](const std::string& database) {
    return std::vector<std::string>{
        "eval",       "crossroads",   "--scaffold", "single_turn",
        "--model",    "openai/mock",  "--base-url", listener.url(),
        "--db",       folder + "/" + database, "--display",  "none",
        "--no-judge", "--max-connections", "1"};
  };
  ChildSpec bare;
  bare.program = "/usr/bin/curl";
  bare.arguments = {"-s", "-d", "{}", listener.url() + "/chat/completions"};
  std::vector<double> first, again, curl;
  for (int i = 0; i < times; ++i) {  // in turn, so that a busy moment hits all
    ours.arguments = arguments(std::to_string(i) + ".db");
    first.push_back(StartMs(listener, ours));
    ours.arguments = arguments("kept.db");
    again.push_back(StartMs(listener, ours));
    curl.push_back(StartMs(listener, bare));
  }
  fs::remove_all(folder);
  std::printf("start to first request, ms          p50     p95   x curl\n");
  const double base = Quantile(curl, .5);
  for (const auto& [name, values] : {std::pair<const char*, std::vector<double>&>{"new store", first},
                                     {"run that goes on", again},
                                     {"curl", curl}}) {
    std::printf("%-30s %8.1f %7.1f %8.2f\n", name, Quantile(values, .5), Quantile(values, .95),
                Quantile(values, .5) / base);
  }
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  axiometer::Main(argc > 1 ? std::max(1, std::atoi(argv[1])) : 20);
}
