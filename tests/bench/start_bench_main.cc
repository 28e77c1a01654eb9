// Milliseconds from the start of the program to its first request, against `curl` sending one in
// the same run: of questions (NurValues' sample), and of agents (crossroads), where the sandbox
// starts first. `python3 -I -S -c pass` from start to end says how fast the machine is: where the
// target of 20 ms comes from it took 6.3 ms.
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
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"
#include "tests/bench/bench.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

using Steady = std::chrono::steady_clock;

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

double StartMs(const Listener& listener, const ChildSpec& spec) {
  Loop loop;
  const auto begin = Steady::now();
  Result<Child> child = Child::Start(loop, spec);
  if (!child) Die(child.error().ToString());
  listener.AwaitRequest();
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

double PythonMs() {
  ChildSpec spec;
  spec.program = "/usr/bin/python3";
  spec.arguments = {"-I", "-S", "-c", "pass"};
  const auto begin = Steady::now();
  RunToEnd(spec);
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

void Main(int times) {
  const TemporaryFolder folder;
  const Listener listener;
  const auto ours = [&](const std::string& suite, const std::string& database) {
    ChildSpec spec = RealProgram(
        folder.path(), {"eval", suite, "--scaffold", "single_turn", "--model", "openai/mock", "--base-url",
                        listener.url(), "--db", suite + database, "--display", "none", "--max-connections", "1"});
    spec.descriptors.clear();  // its notes are no part of the table
    return spec;
  };
  ChildSpec bare;
  bare.program = "/usr/bin/curl";
  bare.arguments = {"-s", "-d", "{}", listener.url() + "/chat/completions"};
  std::map<std::string, std::vector<double>> first, again;
  std::vector<double> curl, python;
  for (int i = 0; i < times; ++i) {  // in turn, so that a busy moment hits all
    for (const char* suite : {"nurvalues", "crossroads"}) {
      first[suite].push_back(StartMs(listener, ours(suite, std::to_string(i) + ".db")));
      again[suite].push_back(StartMs(listener, ours(suite, "kept.db")));
    }
    curl.push_back(StartMs(listener, bare));
    python.push_back(PythonMs());
  }
  std::printf("start to first request, ms          p50     p95   x curl  x python\n");
  for (const auto& [name, values] :
       {std::pair<const char*, std::vector<double>&>{"questions, new store", first["nurvalues"]},
        {"questions, run that goes on", again["nurvalues"]},
        {"sandbox, new store", first["crossroads"]},
        {"sandbox, run that goes on", again["crossroads"]},
        {"curl", curl},
        {"python3 -I -S -c pass", python}}) {
    std::printf("%-30s %8.1f %7.1f %8.2f %9.2f\n", name, Quantile(values, .5), Quantile(values, .95),
                Quantile(values, .5) / Quantile(curl, .5), Quantile(values, .5) / Quantile(python, .5));
  }
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  axiometer::Main(argc > 1 ? std::max(1, std::atoi(argv[1])) : 20);
}
