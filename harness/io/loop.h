#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "harness/io/task.h"

namespace axiometer {

// The one loop: HTTP, children, timers and the report server share this thread.
class Loop {
 public:
  Loop();  // SIGPIPE is ignored from then on
  ~Loop();  // cancels the coroutines that still run and runs until they have ended
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  boost::asio::io_context& context() { return context_; }

  // Starts `work`; `done` runs on the loop after it ended. `cancel_key` (0: none) is for Cancel.
  // An exception that leaves `work` is a bug: Run rethrows it.
  void Spawn(Async<void> work, std::function<void()> done = nullptr, uint64_t cancel_key = 0);
  uint64_t NewKey();
  // Asks what was spawned under this key to end: its current wait returns "cancelled".
  void Cancel(uint64_t cancel_key);
  void CancelAll();

  void Run();   // until everything spawned has ended, or Stop
  void Stop();  // makes Run return; from any thread
  void Post(std::function<void()> work);  // onto the loop; from any thread
  bool idle() const;                      // nothing spawned is running

 private:
  struct Running;
  boost::asio::io_context context_{1};
  std::unique_ptr<Running> running_;
};

// Inside a coroutine: whether it was asked to end. Cancellation is an edge: the wait after it runs
// its full length, so loops test this.
Async<bool> IsCancelled();

}  // namespace axiometer
