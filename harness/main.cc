#include <sys/prctl.h>

#include <csignal>
#include <cstdio>

#include "harness/base/utf8.h"
#include "harness/cli/app.h"
#include "harness/io/descriptors.h"

namespace {

int ExitStatus(axiometer::ErrorKind kind) {
  switch (kind) {
    case axiometer::ErrorKind::kFailed: return 1;
    case axiometer::ErrorKind::kUsage: return 2;
    case axiometer::ErrorKind::kBadInput: return 3;
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  // Keys are in this memory: a crash writes no core dump, and no other process of this user may look.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its bound is a failed write, not the end
  const axiometer::Result<void> room = axiometer::TakeDescriptors();
  const axiometer::Result<int> status = room ? axiometer::RunApp(argc, argv) : axiometer::Result<int>(room.error());
  if (status) return *status;
  std::fprintf(stderr, "axiometer: %s\n", axiometer::ForTerminal(status.error().ToString()).c_str());
  return ExitStatus(status.error().kind);
}
