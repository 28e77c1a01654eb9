#include "harness/io/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
#include <cerrno>
#include <cstring>
#include <limits>

#include "harness/io/line_channel.h"

namespace axiometer {
namespace {

namespace bp = boost::process;

// Runs in the child between vfork and exec: system calls only. Maps the descriptors, leaves
// nothing else open across exec (Boost's own error pipe must live until then), and ties the
// child's life to ours.
struct Confine : bp::extend::handler {
  std::vector<std::pair<int, int>> moves;  // target, source; sources are all above every target
  int highest_target = 2;
  const char* directory = "/";
  pid_t parent = 0;

  template <class Executor>
  void on_exec_setup(Executor& executor) const {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    for (const auto& [target, source] : moves) {
      if (dup2(source, target) < 0) executor.set_error(bp::detail::get_last_error(), "dup2");
    }
    syscall(SYS_close_range, static_cast<unsigned>(highest_target + 1), ~0u, CLOSE_RANGE_CLOEXEC);
    if (chdir(directory) != 0) executor.set_error(bp::detail::get_last_error(), "chdir");
    // The parent ignores SIGPIPE; a child expects the default.
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
  }
};

// Children whose owner is gone; killed, waiting to be reaped.
std::vector<pid_t>& Orphans() {
  static std::vector<pid_t> orphans;
  return orphans;
}

void ReapOrphans() {
  std::erase_if(Orphans(), [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
}

}  // namespace

struct Child::Impl {
  Impl(Loop& loop, pid_t pid, Descriptor pidfd) : loop(loop), pid(pid), pidfd(std::move(pidfd)) {}
  ~Impl() {
    if (reaped) return;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);  // had it not yet come to setpgid
    Orphans().push_back(pid);
    ReapOrphans();
  }

  Loop& loop;
  pid_t pid;
  Descriptor pidfd;
  bool reaped = false;
  ChildExit exit;
};

Child::Child(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&&) noexcept = default;
Child::~Child() = default;

int Child::pid() const { return impl_->pid; }
bool Child::running() const { return !impl_->reaped; }

Result<Child> Child::Start(Loop& loop, const ChildSpec& spec) {
  ReapOrphans();
  Confine confine;
  confine.parent = getpid();
  confine.directory = spec.directory.empty() ? "/" : spec.directory.c_str();
  std::vector<std::pair<int, int>> wanted = spec.descriptors;
  for (const auto& [target, source] : wanted) confine.highest_target = std::max(confine.highest_target, target);
  Descriptor null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard = 0; standard <= 2; ++standard) {
    const bool named = std::any_of(wanted.begin(), wanted.end(),
                                   [standard](const auto& entry) { return entry.first == standard; });
    if (!named) wanted.emplace_back(standard, null_device.get());
  }
  // Sources above every target, so that no move overwrites a source that is still to come.
  std::vector<Descriptor> lifted;
  for (const auto& [target, source] : wanted) {
    Descriptor copy(fcntl(source, F_DUPFD_CLOEXEC, confine.highest_target + 1));
    if (!copy) {
      return Failed(spec.program, "descriptor " + std::to_string(source) + ": " + std::strerror(errno));
    }
    confine.moves.emplace_back(target, copy.get());
    lifted.push_back(std::move(copy));
  }

  bp::environment environment;
  for (const std::string& entry : spec.environment) {
    const size_t equals = entry.find('=');
    environment[entry.substr(0, equals)] = equals == std::string::npos ? "" : entry.substr(equals + 1);
  }
  std::error_code error;
  bp::child child(bp::exe = spec.program, bp::args = spec.arguments, environment, error,
                  bp::posix::use_vfork, confine);  // Confine comes last
  if (error) {
    return Failed(spec.program, "cannot be started: " + error.message());
  }
  const pid_t pid = child.id();
  child.detach();
  Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) {
    const std::string reason = std::strerror(errno);
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return Failed(spec.program, "cannot be watched: pidfd_open: " + reason);
  }
  return Child(std::make_unique<Impl>(loop, pid, std::move(pidfd)));
}

Async<ChildExit> Child::Wait() {
  Impl* impl = impl_.get();
  while (!impl->reaped) {
    int status = 0;
    const pid_t got = waitpid(impl->pid, &status, WNOHANG);
    if (got == impl->pid || (got < 0 && errno == ECHILD)) {
      impl->reaped = true;
      if (WIFSIGNALED(status)) {
        impl->exit.signal = WTERMSIG(status);
      } else {
        impl->exit.status = WEXITSTATUS(status);
      }
      break;
    }
    const bool ended = co_await WaitReadable(impl->loop, impl->pidfd.get(), 3'600'000);
    if (!ended) {
      const bool cancelled = co_await IsCancelled();
      if (cancelled) co_return impl->exit;
    }
  }
  co_return impl->exit;
}

void Child::Kill(int signal) {
  if (impl_->reaped) return;
  kill(-impl_->pid, signal);
}

}  // namespace axiometer
