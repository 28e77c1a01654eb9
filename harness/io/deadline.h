#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "harness/io/rendezvous.h"

namespace axiometer {

namespace internal {

template <class T>
Async<void> DeliverInto(Async<T> work, Rendezvous<T>* done) {
  T value = co_await std::move(work);
  done->Deliver(std::move(value));
}

Async<void> CancelAfter(Loop& loop, Clock& clock, int64_t ms, uint64_t key, std::shared_ptr<bool> expired);

}  // namespace internal

// What `work` returns, or nullopt if `ms` passed first (absent: no limit); `work` is then cancelled and
// has ended before this returns. If the caller is cancelled, so is `work`, and its own answer to that
// is returned.
template <class T>
Async<std::optional<T>> Within(Loop& loop, Clock& clock, std::optional<int64_t> ms, Async<T> work) {
  if (!ms) {
    T value = co_await std::move(work);
    co_return std::optional<T>(std::move(value));
  }
  Rendezvous<T> done(loop);
  const uint64_t work_key = loop.NewKey();
  const uint64_t timer_key = loop.NewKey();
  const auto expired = std::make_shared<bool>(false);
  loop.Spawn(internal::DeliverInto<T>(std::move(work), &done), nullptr, work_key);
  loop.Spawn(internal::CancelAfter(loop, clock, *ms, work_key, expired), nullptr, timer_key);
  std::optional<T> value = co_await done.Wait();
  while (!value) {  // we were cancelled; the frame may not go before the work that refers to it
    loop.Cancel(work_key);
    value = co_await done.Wait();
  }
  loop.Cancel(timer_key);
  if (*expired) co_return std::nullopt;
  co_return value;
}

}  // namespace axiometer
