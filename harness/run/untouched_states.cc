#include "harness/run/untouched_states.h"

#include <memory>
#include <utility>

#include "harness/run/oracle.h"

namespace axiometer {
namespace {

constexpr size_t kMostBytes = 32u << 20;

Async<CallResult> StateOfNewInstance(EnvironmentHost& host, const EnvironmentSpec& spec) {
  CallResult failed;
  Result<std::unique_ptr<Environment>> started = co_await host.Start(spec);
  if (started) {
    CallResult state = co_await (*started)->State();
    co_return state;
  }
  const bool cancelled = co_await IsCancelled();
  failed.status = cancelled ? CallResult::Status::kCancelled : CallResult::Status::kDied;
  failed.error = started.error().ToString();
  co_return failed;
}

}  // namespace

Async<CallResult> UntouchedStates::Of(const Task& task) {
  CallResult result;
  const bool mine = co_await one_at_a_time_.Acquire(0);
  if (!mine) {
    result.status = CallResult::Status::kCancelled;
    result.error = "cancelled";
    co_return result;
  }
  if (const auto known = states_.find(task.digest); known != states_.end()) {
    result.status = CallResult::Status::kAnswered;
    result.content = known->second;
  } else {
    const EnvironmentSpec spec = EnvironmentOf(task);
    result = co_await StateOfNewInstance(*host_, spec);
    if (result.status == CallResult::Status::kAnswered) {
      states_[task.digest] = result.content;
      order_.push_back(task.digest);
      bytes_ += result.content.size();
    }
    while (bytes_ > kMostBytes) {
      const auto oldest = states_.find(order_.front());
      bytes_ -= oldest->second.size();
      states_.erase(oldest);
      order_.pop_front();
    }
  }
  one_at_a_time_.Release();
  co_return result;
}

}  // namespace axiometer
