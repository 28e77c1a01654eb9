#pragma once

#include <memory>
#include <string>

#include "environments/sandbox.h"
#include "harness/base/result.h"
#include "harness/io/child.h"
#include "harness/io/gate.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// One forked instance: its lines and its pidfd. Destroying it kills it; the zygote reaps.
class Instance {
 public:
  Instance(LineChannel channel, Descriptor pidfd);
  Instance(Instance&&) noexcept = default;
  Instance& operator=(Instance&&) noexcept = delete;
  ~Instance();

  LineChannel& channel() { return channel_; }
  int pidfd() const { return pidfd_.get(); }
  void Kill();

 private:
  LineChannel channel_;
  Descriptor pidfd_;
};

// The warm interpreter in its sandbox (python/zygote.py), from which instances are forked. All of
// them end with it.
class Zygote {
 public:
  // Returns once it answers. The error holds what the sandbox or the interpreter complained about.
  static Async<Result<std::unique_ptr<Zygote>>> Start(Loop& loop, const Sandbox& sandbox);
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  // `request` is one short JSON object: flavour, directory, name, readable, limits. If after an
  // error it is no longer alive(), another one may do.
  Async<Result<Instance>> Fork(std::string request, int64_t deadline_ms);

  bool alive() const { return alive_; }
  int pid() const { return child_.pid(); }
  const std::string& python_version() const { return python_version_; }

 private:
  Zygote(Loop& loop, const Sandbox& sandbox, Child child, LineChannel control);

  Loop& loop_;
  const size_t max_line_bytes_;
  Child child_;
  LineChannel control_;
  Gate writing_;  // one request at a time on the control socket
  bool alive_ = true;
  std::string python_version_;
};

}  // namespace axiometer
