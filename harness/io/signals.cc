#include "harness/io/signals.h"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <utility>

namespace axiometer {

struct Signals::Impl : std::enable_shared_from_this<Signals::Impl> {
  Impl(Loop& loop, std::function<void(int)> on_signal)
      : set(loop.context(), SIGINT, SIGTERM), on_signal(std::move(on_signal)) {}

  void Wait() {
    set.async_wait([self = shared_from_this()](const boost::system::error_code& error, int signal) {
      if (error || !self->open) return;
      self->Wait();
      self->on_signal(signal);  // may destroy the Signals
    });
  }

  boost::asio::signal_set set;
  std::function<void(int)> on_signal;
  bool open = true;
};

Signals::Signals(Loop& loop, std::function<void(int)> on_signal)
    : impl_(std::make_shared<Impl>(loop, std::move(on_signal))) {
  impl_->Wait();
}

Signals::~Signals() {
  impl_->open = false;
  boost::system::error_code ignored;
  impl_->set.clear(ignored);  // from now on they do again what they did before
  impl_->set.cancel(ignored);
}

}  // namespace axiometer
