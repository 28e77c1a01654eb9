#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// Where one coroutine waits for one value that something else delivers: a transfer's end, a lease,
// fake time, the answer of another thread (which posts onto the loop, then delivers). Used on the
// loop alone. The resumption is posted, never run inside Deliver, so that it is safe to deliver
// from a library's callback. Must outlive the wait.
template <class T>
class Rendezvous {
 public:
  explicit Rendezvous(Loop& loop) : executor_(loop.context().get_executor()) {}
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  // The value, at once if it is there already; nullopt if the coroutine is cancelled while it waits.
  // One waiter at a time. After a cancelled wait one may wait again.
  Async<std::optional<T>> Wait() {
    if (value_) co_return std::exchange(value_, std::nullopt);
    std::optional<T> delivered = co_await Park();
    co_return delivered;
  }

  // Resumes the waiter with `value`, or keeps it for the one that comes.
  void Deliver(T value) {
    if (!handler_) {
      value_ = std::move(value);
      return;
    }
    Resume(std::optional<T>(std::move(value)));
  }

  bool waiting() const { return handler_.has_value(); }

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Token = boost::asio::use_awaitable_t<Executor>;
  using Handler = typename boost::asio::async_result<Token, void(std::optional<T>)>::handler_type;

  Async<std::optional<T>> Park() {
    auto initiate = [this](Handler handler) {
      assert(!handler_);
      auto slot = boost::asio::get_associated_cancellation_slot(handler);
      handler_.emplace(std::move(handler));
      if (slot.is_connected()) {
        slot.assign([this](boost::asio::cancellation_type) {
          if (handler_) Resume(std::nullopt);
        });
      }
    };
    return boost::asio::async_initiate<Token, void(std::optional<T>)>(std::move(initiate), token_);
  }

  void Resume(std::optional<T> value) {
    Handler handler = std::move(*handler_);
    handler_.reset();
    boost::asio::post(executor_, [handler = std::move(handler), value = std::move(value)]() mutable {
      auto slot = boost::asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected()) slot.clear();
      std::move(handler)(std::move(value));
    });
  }

  Executor executor_;
  Token token_;
  std::optional<Handler> handler_;
  std::optional<T> value_;
};

}  // namespace axiometer
