#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "environments/environment.h"
#include "harness/io/clock.h"
#include "harness/io/task.h"
#include "harness/model/model.h"
#include "harness/record/run_spec.h"
#include "harness/run/plan.h"
#include "harness/run/progress.h"
#include "harness/run/untouched_states.h"
#include "harness/scaffold/scaffold.h"
#include "harness/store/store.h"
#include "judges/judge.h"
#include "tasks/task.h"

namespace axiometer {

// A judge with whom it asks. Exactly one of `model` and `scripted` is set, or neither: mechanical
// checks only.
struct JudgeSeat {
  std::string id;  // as stored: PROVIDER/NAME, or "checks"
  const Judge* judge = nullptr;
  Model* model = nullptr;
  std::string scripted;   // name of a judge of known skill
  Generation overrides;   // the user's settings, laid over the protocol's
};

// Money and tokens of the whole run: subject, judges and retries, earlier sessions included.
struct Budget {
  double limit_usd = 0;  // 0: none
  double spent_usd = 0;
  bool blind = false;    // an answer came of which nobody said what it used, so that there is no telling
  bool exhausted() const { return limit_usd > 0 && (spent_usd >= limit_usd || blind); }
};

// What all samples of a run share. Plain references: the runner owns or borrows everything.
struct RunContext {
  Loop& loop;
  Clock& clock;
  StoreWriter& writer;
  EnvironmentHost* host;  // null if no task has an environment
  UntouchedStates& untouched;
  const Scaffold& scaffold;
  Model& subject;
  const std::vector<JudgeSeat>& judges;
  const Limits& limits;
  std::string run;
  Budget& budget;  // what is in flight when it is exhausted is still paid, as is judging what was begun
  Progress& progress;
};

// How work on one sample ended, for the runner.
struct SampleEnd {
  std::optional<Outcome> outcome;    // absent: not ended (interrupted), still wanted
  std::string detail;                // of the outcome, for people
  bool lost = false;                 // `outcome` is absent because the sandbox ended: begin it again
  std::optional<Error> fatal;        // the run cannot go on: the store failed, the key is refused, …
  bool store_failed = false;         // what others still wait for could not be kept
};

// The reply as the store keeps it: of the attempt's step `step`, in epoch `epoch`. `id` is the call's.
CallRow CallRowOf(const Reply& reply, int64_t id, int64_t attempt, int step, int epoch);

// The story of one sample: start its environment, let the scaffold lead model and tools until it
// ends, store each step before it is used, then have it judged by the judges that `wanted` names.
// With `wanted.attempt` set, only the judging, of that attempt's stored `trajectory`. Never throws.
Async<SampleEnd> RunSample(RunContext& context, std::shared_ptr<const Task> task, WantedSample wanted,
                           std::shared_ptr<const Trajectory> stored);

}  // namespace axiometer
