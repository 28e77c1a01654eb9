#include "harness/run/runner.h"

#include <algorithm>
#include <utility>

namespace axiometer {

Runner::Runner(RunContext& context, const TaskSource& tasks, Plan plan, LoadTrajectory load,
               RunnerOptions options)
    : context_(context),
      tasks_(tasks),
      plan_(std::move(plan)),
      load_(std::move(load)),
      options_(options),
      key_(context.loop.NewKey()),
      ended_(context.loop) {
  context_.progress.wanted = plan_.wanted;
  context_.progress.done_before = plan_.done;
}

// A slot is a request, not a sample: while some samples wait for tools or judges, others ask the
// model. Four samples a slot keep every slot busy; more would only spread the run thin.
int Runner::MaxLive() const {
  if (options_.max_live > 0) return options_.max_live;
  const int slots = context_.subject.state().limit;
  // A sample that uses an environment holds a sandbox until it is judged; more than twice as many would
  // only queue for one.
  const int sandboxes = 2 * options_.max_sandboxes;
  if (slots == 0) return sandboxes;
  return context_.host && context_.scaffold.acts() ? std::min(4 * slots, sandboxes) : 4 * slots;
}

Async<SessionResult> Runner::Run() {
  while (true) {
    while (!draining_ && live_ < MaxLive() && StartNext()) {
    }
    if (live_ == 0) break;
    co_await ended_.Wait();
  }
  if (result_.end == SessionEnd::kDone && draining_ && plan_.size() > 0) {
    result_.end = SessionEnd::kInterrupted;
  }
  co_return result_;
}

bool Runner::StartNext() {
  if (plan_.size() == 0) return false;
  if (context_.budget.exhausted()) {
    FailForMoney();
    return false;
  }
  const WantedSample wanted = *plan_.Next();
  Result<std::shared_ptr<const Task>> task = tasks_.Load(wanted.task);
  if (!task) {
    FailSession(std::move(task).error());
    return false;
  }
  std::shared_ptr<const Trajectory> stored;
  if (wanted.attempt != 0) {
    Result<Trajectory> loaded = load_(wanted.attempt);
    if (!loaded) {
      FailSession(std::move(loaded).error());
      return false;
    }
    stored = std::make_shared<const Trajectory>(std::move(*loaded));
  }
  ++live_;
  context_.loop.Spawn(One(std::move(*task), wanted, std::move(stored)), nullptr, key_);
  return true;
}

Async<> Runner::One(std::shared_ptr<const Task> task, WantedSample wanted,
                    std::shared_ptr<const Trajectory> stored) {
  SampleEnd end = co_await RunSample(context_, task, wanted, stored);
  // What the model said is in the store: it is not asked again.
  while (end.lost && !end.fatal && !draining_) {
    ++wanted.attempts;
    ++wanted.restarts;
    ++context_.progress.begun_again;
    end = co_await RunSample(context_, task, wanted, stored);
  }
  --live_;
  OnEnd(end);
  ended_.Deliver(true);
}

void Runner::OnEnd(const SampleEnd& end) {
  if (end.fatal) FailSession(*end.fatal);
  if (end.store_failed) Stop();
  if (!end.outcome && context_.budget.exhausted()) FailForMoney();
  if (!end.outcome) {
    draining_ = true;  // interrupted: the run is being stopped
    if (result_.end == SessionEnd::kDone) result_.end = SessionEnd::kInterrupted;
    return;
  }
  ++result_.finished;
  ++context_.progress.done;
  ++context_.progress.outcomes[OutcomeName(*end.outcome)];
  if (!IsError(*end.outcome)) {
    errors_in_a_row_ = 0;
    return;
  }
  ++result_.errors;
  ++errors_in_a_row_;
  if (options_.errors_in_a_row > 0 && errors_in_a_row_ >= options_.errors_in_a_row) {
    FailSession(Failed("", std::to_string(errors_in_a_row_) + " samples in a row ended in an error, the last in " +
                               OutcomeName(*end.outcome) + " (" + end.detail + ")",
                       "mend the cause, then give the same command with --retry-errors"));
  }
  const double budget = options_.fail_on_error >= 1
                            ? options_.fail_on_error
                            : options_.fail_on_error * static_cast<double>(plan_.wanted);
  if (options_.fail_on_error > 0 && static_cast<double>(result_.errors) >= std::max(1.0, budget)) {
    FailSession(Failed("--fail-on-error", std::to_string(result_.errors) + " of " +
                                              std::to_string(plan_.wanted) + " samples ended in an error"));
  }
}

void Runner::FailForMoney() {
  FailSession(context_.budget.blind
                  ? Failed("--cost-limit", "a reply came without its usage, so that what the run spends cannot be known",
                           "give the same command without --cost-limit to go on")
                  : Failed("--cost-limit", "the run has spent its limit", "raise the limit and give the same command again to go on"));
}

void Runner::FailSession(Error error) {
  StartNoMore();
  if (result_.end == SessionEnd::kFailed) return;
  result_.end = SessionEnd::kFailed;
  result_.error = std::move(error);
}

void Runner::StartNoMore() {
  draining_ = true;
  context_.progress.draining = true;
  if (options_.leave_running) context_.loop.Cancel(key_);
}

void Runner::Drain() {
  StartNoMore();
  ended_.Deliver(true);
}

void Runner::Stop() {
  Drain();
  context_.loop.Cancel(key_);
}

}  // namespace axiometer
