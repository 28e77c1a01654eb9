#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/io/rendezvous.h"
#include "harness/run/attempt.h"
#include "harness/run/plan.h"

namespace axiometer {

struct RunnerOptions {
  int max_live = 0;            // samples at work at a time; 0: four for each request in flight
  int max_sandboxes = 128;     // the cap where no endpoint gives a number
  // Errors among the samples of this session that void it: a count (>= 1) or a share (< 1); 0: never.
  double fail_on_error = 0;
  // So many samples in a row that end in an error, with none that does not between: the endpoint or
  // the sandbox is down and the run stops.
  int errors_in_a_row = 20;
  // What runs may take a day, and is not lost by being left: no drain waits for it.
  bool leave_running = false;
};

// How a session of a run ended.
enum class SessionEnd {
  kDone,         // nothing is wanted any more
  kInterrupted,  // drained or stopped
  kFailed,       // `error` says why
};

struct SessionResult {
  SessionEnd end = SessionEnd::kDone;
  std::optional<Error> error;
  int64_t finished = 0;  // samples in this session
  int64_t errors = 0;    // of those, ended in an error
};

// Where a stored trajectory comes from when only its judging is wanted.
using LoadTrajectory = std::function<Result<Trajectory>(int64_t attempt)>;

// Works through a plan: keeps as many samples alive as the endpoint can use, starts the next one as
// soon as one ends, and stops as a whole when going on is pointless.
class Runner {
 public:
  Runner(RunContext& context, const TaskSource& tasks, Plan plan, LoadTrajectory load, RunnerOptions options);

  // Spawns the samples and returns when the last one has ended.
  Async<SessionResult> Run();

  void Drain();  // start nothing new; what runs goes on, unless leave_running
  void Stop();   // cancel what runs; what was not finished stays wanted

 private:
  int MaxLive() const;
  bool StartNext();
  void OnEnd(const SampleEnd& end);
  void FailForMoney();
  void FailSession(Error error);
  void StartNoMore();
  Async<> One(std::shared_ptr<const Task> task, WantedSample wanted, std::shared_ptr<const Trajectory> stored);

  RunContext& context_;
  const TaskSource& tasks_;
  Plan plan_;
  LoadTrajectory load_;
  RunnerOptions options_;
  int live_ = 0;
  int errors_in_a_row_ = 0;
  bool draining_ = false;
  SessionResult result_;
  uint64_t key_;
  Rendezvous<bool> ended_;
};

}  // namespace axiometer
