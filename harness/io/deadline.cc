#include "harness/io/deadline.h"

namespace axiometer::internal {

Async<void> CancelAfter(Loop& loop, Clock& clock, int64_t ms, uint64_t key, std::shared_ptr<bool> expired) {
  const bool slept = co_await clock.Sleep(ms);
  if (!slept) co_return;
  *expired = true;
  loop.Cancel(key);
}

}  // namespace axiometer::internal
