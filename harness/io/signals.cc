#include "harness/io/signals.h"

#include <signal.h>

#include <boost/asio/signal_set.hpp>
#include <utility>

namespace axiometer {

struct Signals::Impl : std::enable_shared_from_this<Signals::Impl> {
  Impl(Loop& loop, std::function<void(int)> on_signal)
      : set(loop.context(), SIGINT, SIGTERM), on_signal(std::move(on_signal)) {}

  void Wait() {
    set.async_wait([self = shared_from_this()](const boost::system::error_code& error, int signal) {
      if (error) return;
      self->on_signal(signal);
      self->Wait();
    });
  }

  boost::asio::signal_set set;
  std::function<void(int)> on_signal;
};

Signals::Signals(Loop& loop, std::function<void(int)> on_signal)
    : impl_(std::make_shared<Impl>(loop, std::move(on_signal))) {
  signal(SIGPIPE, SIG_IGN);
  impl_->Wait();
}

Signals::~Signals() { impl_->set.cancel(); }

}  // namespace axiometer
