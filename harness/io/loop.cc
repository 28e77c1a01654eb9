#include "harness/io/loop.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <exception>
#include <list>
#include <utility>

namespace axiometer {
namespace asio = boost::asio;

namespace {

// Cancellation shows as a value of the operation, never as an exception out of the next one.
Async<void> Root(Async<void> work) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(work);
}

}  // namespace

struct Loop::Running {
  struct Entry {
    uint64_t key = 0;
    asio::cancellation_signal signal;
  };
  std::list<Entry> entries;
  uint64_t next_key = 1;
  bool stopped = false;
  std::exception_ptr failure;
};

Loop::Loop() : running_(std::make_unique<Running>()) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of the write
}

Loop::~Loop() {
  running_->stopped = false;
  // A coroutine may begin another wait after the first is cancelled; ask again as long as any runs.
  const auto guard = asio::make_work_guard(context_);
  context_.restart();
  while (!running_->entries.empty()) {
    CancelAll();
    context_.run_one();
  }
}

void Loop::Spawn(Async<void> work, std::function<void()> done, uint64_t cancel_key) {
  const auto entry = running_->entries.emplace(running_->entries.end());
  entry->key = cancel_key;
  auto ended = [this, entry, done = std::move(done)](std::exception_ptr failure) {
    running_->entries.erase(entry);
    if (failure && !running_->failure) running_->failure = failure;
    if (done) done();
  };
  asio::co_spawn(context_, Root(std::move(work)),
                 asio::bind_cancellation_slot(entry->signal.slot(), std::move(ended)));
}

uint64_t Loop::NewKey() { return running_->next_key++; }

// Asio passes a cancellation on to the coroutine at once on the loop, but from elsewhere by a post
// that refers to the coroutine: it may have ended by then. So we go onto the loop first.
void Loop::Cancel(uint64_t cancel_key) {
  asio::dispatch(context_, [this, cancel_key] {
    for (auto& entry : running_->entries) {
      if (entry.key == cancel_key) entry.signal.emit(asio::cancellation_type::terminal);
    }
  });
}

void Loop::CancelAll() {
  asio::dispatch(context_, [this] {
    for (auto& entry : running_->entries) entry.signal.emit(asio::cancellation_type::terminal);
  });
}

void Loop::Run() {
  const auto guard = asio::make_work_guard(context_);
  context_.restart();
  running_->stopped = false;
  while (!running_->entries.empty() && !running_->stopped && !running_->failure) context_.run_one();
  if (running_->failure) std::rethrow_exception(std::exchange(running_->failure, nullptr));
}

void Loop::Stop() {
  asio::post(context_, [this] { running_->stopped = true; });
}

void Loop::Post(std::function<void()> work) { asio::post(context_, std::move(work)); }

bool Loop::idle() const { return running_->entries.empty(); }

Async<bool> IsCancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace axiometer
