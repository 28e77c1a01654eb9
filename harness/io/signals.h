#pragma once

#include <functional>
#include <memory>

#include "harness/io/loop.h"

namespace axiometer {

// SIGINT and SIGTERM on the loop, for as long as this lives; `on_signal` may end that. One at a time.
class Signals {
 public:
  Signals(Loop& loop, std::function<void(int)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace axiometer
