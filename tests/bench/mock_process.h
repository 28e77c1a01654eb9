#pragma once

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

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

namespace axiometer {

// The mock endpoint that stands beside this program, while it runs.
class MockProcess {
 public:
  explicit MockProcess(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) Die("no pipe");
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
      Die("it did not say where it listens");
    }
  }

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

  // Ends it; its own CPU microseconds for each request that it served.
  double Stop() {
    child_->Kill(SIGTERM);
    char counters[512] = {};
    long long served = 1;
    long long cpu_us = 0;
    if (read(output_.get(), counters, sizeof counters - 1) > 0) {
      std::sscanf(counters, "{\"requests\":%lld", &served);
      if (const char* cpu = std::strstr(counters, "\"cpu_us\":")) {
        std::sscanf(cpu, "\"cpu_us\":%lld", &cpu_us);
      }
    }
    return static_cast<double>(cpu_us) / static_cast<double>(served);
  }

 private:
  [[noreturn]] static void Die(const std::string& why) {
    std::fprintf(stderr, "mock_endpoint: %s\n", why.c_str());
    std::exit(1);
  }

  Loop loop_;
  Descriptor output_;
  std::unique_ptr<Child> child_;
  int port_ = 0;
};

}  // namespace axiometer
