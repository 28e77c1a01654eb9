#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "harness/io/rendezvous.h"

namespace axiometer {

// At most `limit` holders at a time; among those that wait, the highest priority goes first, then
// who came first.
class Gate {
 public:
  Gate(Loop& loop, int limit) : loop_(loop), limit_(limit) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // True: a place is held until Release. False: cancelled, nothing is held.
  Async<bool> Acquire(int priority);
  void Release();
  void SetLimit(int limit);  // >= 0; a lower one lets holders finish

  int limit() const { return limit_; }
  int in_flight() const { return in_flight_; }
  int waiting() const { return static_cast<int>(waiters_.size()); }

 private:
  void Admit();

  Loop& loop_;
  int limit_;
  int in_flight_ = 0;
  uint64_t next_ = 0;
  std::map<std::pair<int, uint64_t>, Rendezvous<bool>*> waiters_;  // by (-priority, arrival)
};

}  // namespace axiometer
