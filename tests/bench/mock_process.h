#pragma once

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"
#include "tests/bench/bench.h"

namespace axiometer {

// The mock endpoint that stands beside this program, while it runs.
class MockProcess {
 public:
  explicit MockProcess(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) Die("no pipe to the mock endpoint");
    output_ = Descriptor(ends[0]);
    Descriptor its_output(ends[1]);
    ChildSpec spec;
    spec.program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "mock_endpoint";
    spec.arguments = std::move(arguments);
    spec.descriptors = {{1, its_output.get()}};
    Result<Child> child = Child::Start(loop_, spec);
    if (!child) Die(child.error().ToString());
    child_ = std::make_unique<Child>(std::move(*child));
    its_output = Descriptor();
    char line[64] = {};
    if (read(output_.get(), line, sizeof line - 1) <= 0 ||
        std::sscanf(line, "listening %d", &port_) != 1) {
      Die("the mock endpoint did not say where it listens");
    }
  }

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

  struct Counters {
    int64_t requests = 0;
    int64_t rate_limited = 0;  // of them, answered with 429
    int64_t cpu_us = 0;   // its own
    int64_t span_us = 0;  // from the first request to the last answer
    double cpu_us_a_request() const {
      return static_cast<double>(cpu_us) / static_cast<double>(std::max<int64_t>(1, requests));
    }
  };

  // Ends it.
  Counters Stop() {
    child_->Kill(SIGTERM);
    char line[1024] = {};
    if (read(output_.get(), line, sizeof line - 1) <= 0) Die("the mock endpoint said nothing at its end");
    Counters counters;
    counters.requests = Counter(line, "requests");
    counters.rate_limited = Counter(line, "rate_limited");
    counters.cpu_us = Counter(line, "cpu_us");
    counters.span_us = Counter(line, "span_us");
    return counters;
  }

 private:
  static int64_t Counter(const char* line, const std::string& name) {
    const char* found = std::strstr(line, ("\"" + name + "\":").c_str());
    return found ? std::strtoll(found + name.size() + 3, nullptr, 10) : 0;
  }

  Loop loop_;
  Descriptor output_;
  std::unique_ptr<Child> child_;
  int port_ = 0;
};

}  // namespace axiometer
