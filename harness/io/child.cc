#include "harness/io/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
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

#include "harness/io/line_channel.h"

namespace axiometer {
namespace {

namespace bp = boost::process;

// What went wrong between vfork and exec; the child writes it into memory that it shares with us.
struct Failure {
  const char* step = nullptr;
  int code = 0;
  pid_t pid = 0;  // of the child, which ended and is to be reaped
};

// Runs in the child between vfork and exec: system calls only. Ties the child's life to ours, maps
// the descriptors and leaves nothing else open across exec.
struct Confine : bp::extend::handler {
  std::vector<std::pair<int, int>> moves;  // target, source; sources are above every target
  std::vector<std::pair<unsigned, unsigned>> gaps;  // between and above the targets
  const char* directory = "/";
  pid_t parent = 0;
  Failure* failure = nullptr;

  template <class Executor>
  void on_exec_setup(Executor&) const {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    for (const auto& [target, source] : moves) {
      if (dup2(source, target) < 0) Fail("dup2");
    }
    for (const auto& [first, last] : gaps) {
      if (syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC) != 0) Fail("close_range");
    }
    if (chdir(directory) != 0) Fail("chdir");
    // The parent ignores these; a child expects the default.
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    // Whoever stops us may signal our whole tree, as schedulers and service managers do. When a child ends is ours to
    // say: what it is at work on would else look as if it had failed.
    for (const int stop : {SIGTERM, SIGINT, SIGHUP}) signal(stop, SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  // In the parent. Boost has looked for the child once, perhaps before it had quite ended.
  template <class Executor>
  void on_error(Executor& executor, const std::error_code&) const {
    failure->pid = executor.pid;
  }

 private:
  [[noreturn]] void Fail(const char* step) const {
    failure->step = step;
    failure->code = errno;
    _exit(127);
  }
};

// The ranges of descriptors from 3 on that are no target.
std::vector<std::pair<unsigned, unsigned>> Gaps(const std::vector<std::pair<int, int>>& wanted) {
  std::vector<unsigned> targets;
  for (const auto& [target, source] : wanted) targets.push_back(static_cast<unsigned>(target));
  std::sort(targets.begin(), targets.end());
  std::vector<std::pair<unsigned, unsigned>> gaps;
  unsigned next = 3;
  for (const unsigned target : targets) {
    if (target > next) gaps.emplace_back(next, target - 1);
    next = std::max(next, target + 1);
  }
  gaps.emplace_back(next, ~0u);
  return gaps;
}

constexpr int kMostReapMs = 50;

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
    // A moment later it is gone; what hangs in the kernel is left to whoever comes next.
    pollfd gone{pidfd.get(), POLLIN, 0};
    poll(&gone, 1, kMostReapMs);
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
  Failure failure;
  Confine confine;
  confine.failure = &failure;
  confine.parent = getpid();
  confine.directory = spec.directory.empty() ? "/" : spec.directory.c_str();
  std::vector<std::pair<int, int>> wanted = spec.descriptors;
  int highest_target = 2;
  for (const auto& [target, source] : wanted) highest_target = std::max(highest_target, target);
  Descriptor null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard = 0; standard <= 2; ++standard) {
    const bool named = std::any_of(wanted.begin(), wanted.end(), [standard](const auto& entry) {
      return entry.first == standard;
    });
    if (!named) wanted.emplace_back(standard, null_device.get());
  }
  // Sources above every target, so that no move overwrites a source that is still to come.
  std::vector<Descriptor> lifted;
  for (const auto& [target, source] : wanted) {
    Descriptor copy(fcntl(source, F_DUPFD_CLOEXEC, highest_target + 1));
    if (!copy) {
      return Failed(spec.program,
                    "descriptor " + std::to_string(source) + ": " + std::strerror(errno));
    }
    confine.moves.emplace_back(target, copy.get());
    lifted.push_back(std::move(copy));
  }

  confine.gaps = Gaps(wanted);

  bp::environment environment;
  for (const std::string& entry : spec.environment) {
    const size_t equals = entry.find('=');
    environment[entry.substr(0, equals)] =
        equals == std::string::npos ? "" : entry.substr(equals + 1);
  }
  std::error_code error;
  bp::child child(bp::exe = spec.program, bp::args = spec.arguments, environment, error,
                  bp::posix::use_vfork, confine);  // Confine comes last
  if (error) {
    if (failure.pid > 0) waitpid(failure.pid, nullptr, 0);
    return Failed(spec.program, "cannot be started: " + error.message());
  }
  const pid_t pid = child.id();
  child.detach();
  if (failure.code != 0) {
    waitpid(pid, nullptr, 0);
    return Failed(spec.program, std::string("cannot be started: ") + failure.step + ": " +
                                    std::strerror(failure.code));
  }
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
    siginfo_t news{};
    const bool lost =
        waitid(P_PID, static_cast<id_t>(impl->pid), &news, WEXITED | WNOHANG | WNOWAIT) != 0 &&
        errno == ECHILD;  // somebody else reaped it
    if (lost || news.si_pid == impl->pid) {
      // What it left behind. Its id is its own until it is reaped.
      if (!lost) kill(-impl->pid, SIGKILL);
      int status = 0;
      waitpid(impl->pid, &status, 0);
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
