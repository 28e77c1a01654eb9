#include "harness/io/gate.h"

namespace axiometer {

Async<bool> Gate::Acquire(int priority) {
  if (in_flight_ < limit_ && waiters_.empty()) {
    ++in_flight_;
    co_return true;
  }
  Rendezvous<bool> admitted(loop_);
  const std::pair<int, uint64_t> key(-priority, next_++);
  waiters_.emplace(key, &admitted);
  const std::optional<bool> got = co_await admitted.Wait();
  if (got) co_return true;
  if (waiters_.erase(key) == 0) Release();  // admitted and cancelled at once: pass the place on
  co_return false;
}

void Gate::Release() {
  --in_flight_;
  Admit();
}

void Gate::SetLimit(int limit) {
  limit_ = limit;
  Admit();
}

void Gate::Admit() {
  while (in_flight_ < limit_ && !waiters_.empty()) {
    Rendezvous<bool>* first = waiters_.begin()->second;
    waiters_.erase(waiters_.begin());
    ++in_flight_;
    first->Deliver(true);
  }
}

}  // namespace axiometer
