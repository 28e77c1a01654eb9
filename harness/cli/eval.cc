#include "harness/cli/session.h"
#include "harness/cli/verbs.h"

namespace axiometer {

Result<int> RunEval(const EvalOptions& options) {
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  HttpClient http(loop);
  const Machinery machinery{loop, *clock, http};
  // All configurations first: a mistake in the last one must not cost the work of the first.
  std::vector<Experiment> experiments;
  for (const std::string& suite : options.suites) {
    for (const std::string& model : options.models) {
      Result<Experiment> experiment = Prepare(options, suite, model, machinery);
      if (!experiment) return std::move(experiment).error();
      experiments.push_back(std::move(*experiment));
    }
  }
  Result<OpenedStore> store = OpenStore(loop, options.db);
  if (!store) return std::move(store).error();
  std::vector<std::string> runs;
  SessionResult last;
  for (Experiment& experiment : experiments) {
    Result<std::pair<std::string, SessionResult>> worked = WorkThrough(options, experiment, machinery, *store);
    if (!worked) return std::move(worked).error();
    runs.push_back(worked->first);
    last = std::move(worked->second);
    if (last.end != SessionEnd::kDone) break;
  }
  return Conclude(options, *store->reader, runs, std::move(last));
}

}  // namespace axiometer
