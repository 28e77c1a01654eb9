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
  Loop();
  ~Loop();  // cancels what still runs and runs until nothing is left
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  boost::asio::io_context& context() { return context_; }

  // Starts `work`; `done` runs on the loop after it ended. `cancel_key` (0: none) is for Cancel.
  // An exception that leaves `work` is a bug: it is rethrown out of Run.
  void Spawn(Task<void> work, std::function<void()> done = nullptr, uint64_t cancel_key = 0);
  // Asks the coroutine spawned under this key to end: its current wait returns cancelled.
  void Cancel(uint64_t cancel_key);
  void CancelAll();

  void Run();   // until nothing is left to do
  void Stop();  // makes Run return; may be called from any thread
  void Post(std::function<void()> work);  // onto the loop; from any thread

 private:
  struct Running;
  boost::asio::io_context context_;
  std::unique_ptr<Running> running_;
};

// Inside a coroutine: whether it was asked to end. Cancellation is an edge: after it the next wait
// runs, so loops test this.
Task<bool> IsCancelled();

}  // namespace axiometer
