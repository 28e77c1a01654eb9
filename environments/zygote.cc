#include "environments/zygote.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "environments/complaints.h"
#include "environments/member.h"
#include "harness/base/json.h"

namespace axiometer {

Instance::Instance(LineChannel channel, Descriptor pidfd)
    : channel_(std::move(channel)), pidfd_(std::move(pidfd)) {}

Instance::~Instance() { Kill(); }

void Instance::Kill() {
  // Number and not name: glibc 2.36 has the wrapper, older ones have not.
  if (pidfd_) syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

Zygote::Zygote(Loop& loop, const Sandbox& sandbox, Child child, LineChannel control)
    : loop_(loop),
      // A result travels as text inside JSON, where each of its quotes and backslashes takes two
      // bytes.
      max_line_bytes_(2 * sandbox.limits.reply_bytes + 4096),
      child_(std::move(child)),
      control_(std::move(control)),
      writing_(loop, 1) {}

Zygote::~Zygote() = default;

Async<Result<std::unique_ptr<Zygote>>> Zygote::Start(Loop& loop, const Sandbox& sandbox) {
  auto command = SandboxCommand(sandbox);
  if (!command) co_return command.error();
  auto control = MakeSocketPair();
  if (!control) co_return control.error();
  auto complaints = MakeSocketPair();
  if (!complaints) co_return complaints.error();
  command->descriptors = {{0, control->second.get()}, {2, complaints->second.get()}};
  auto child = Child::Start(loop, *command);
  if (!child) co_return child.error();
  control->second = Descriptor();
  complaints->second = Descriptor();
  LineChannel listening(loop, std::move(complaints->first), 1 << 16);
  std::unique_ptr<Zygote> zygote(new Zygote(loop, sandbox, std::move(*child),
                                            LineChannel(loop, std::move(control->first), 1 << 16)));
  const Line line = co_await zygote->control_.Read(sandbox.limits.start_ms);
  if (line.status == LineStatus::kCancelled) co_return Failed("sandbox", "cancelled");
  if (line.status != LineStatus::kLine) {
    zygote->child_.Kill();
    std::string what = co_await Complaints(listening);
    if (line.status == LineStatus::kTimeout) what = "no answer within its time: " + what;
    co_return Failed(SandboxKindName(sandbox.kind), std::move(what));
  }
  const auto ready = ParseJson(line.text, "zygote");
  if (!ready || !ready->is_object())
    co_return Failed("sandbox", "the interpreter answered nonsense");
  zygote->python_version_ = TextMember(*ready, "python");
  co_return zygote;
}

Async<Result<Instance>> Zygote::Fork(std::string request, int64_t deadline_ms) {
  const Error gone = Failed("sandbox", "the warm interpreter ended");
  auto sockets = MakeSocketPair();
  if (!sockets) co_return sockets.error();
  LineChannel channel(loop_, std::move(sockets->first), max_line_bytes_);
  const bool mine = co_await writing_.Acquire(0);
  if (!mine) co_return Failed("sandbox", "cancelled");
  std::vector<int> handed_over = {sockets->second.get()};
  const bool sent = co_await control_.Write(request, deadline_ms, std::move(handed_over));
  writing_.Release();
  sockets->second = Descriptor();
  if (!sent) {
    // A line as short as this is written whole or not at all, so that being cancelled does no harm.
    const bool cancelled = co_await IsCancelled();
    if (cancelled) co_return Failed("sandbox", "cancelled");
    alive_ = false;
    co_return gone;
  }
  Line line = co_await channel.Read(deadline_ms);
  if (line.status == LineStatus::kCancelled) co_return Failed("sandbox", "cancelled");
  if (line.status == LineStatus::kTimeout) {
    alive_ = false;
    co_return Failed("sandbox", "the warm interpreter did not fork in time");
  }
  if (line.status != LineStatus::kLine) {
    alive_ = false;
    co_return gone;
  }
  if (line.descriptors.size() != 1) {
    const auto answer = ParseJson(line.text, "zygote");
    const std::string why =
        answer && answer->is_object() ? TextMember(*answer, "refused", "no process") : "no process";
    co_return Failed("environment", "did not start: " + why);
  }
  co_return Instance(std::move(channel), std::move(line.descriptors.front()));
}

}  // namespace axiometer
