#include "harness/io/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace axiometer {
namespace {

// Store, loop, signals, zygote, pipes: 24 with one connection and one sandbox.
constexpr int kOwn = 48;
constexpr int kOfASandbox = 4;  // of an MCP server: two pipes, a socket and a pidfd
constexpr rlim_t kMost = 1 << 20;

int Limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<int>(std::min(limit.rlim_cur, kMost));
}

int Half() { return std::max(1, (Limit() - kOwn) / 2); }

}  // namespace

Result<void> TakeDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);  // what fails leaves the one that was
  }
  if (Limit() >= kFewestDescriptors) return {};
  return Failed("",
                "this process may have only " + std::to_string(Limit()) + " files open at a time",
                "allow at least " + std::to_string(kFewestDescriptors) +
                    ", better 1024, as with ulimit -n 1024");
}

int MostConnections() { return Half(); }

int MostSandboxes() { return std::max(1, Half() / kOfASandbox); }

}  // namespace axiometer
