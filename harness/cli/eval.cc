#include "harness/base/utf8.h"
#include "harness/cli/session.h"
#include "harness/cli/subject.h"
#include "harness/cli/verbs.h"

namespace axiometer {
namespace {

Result<void> CheckSeries(const EvalOptions& options) {
  if (!options.series && !options.position) return {};
  if (!options.position)
    return UsageError("--series", "the run's place in the series is missing",
                      "name it with --position");
  if (!options.series)
    return UsageError("--position", "the series is missing", "name it with --series");
  if (TrimPython(*options.series).empty()) return UsageError("--series", "a series has a name");
  const size_t runs = options.suites.size() * options.models.size();
  if (runs == 1) return {};
  const bool models = options.models.size() > 1;
  return UsageError("--series",
                    "a series has one run at a position, and " +
                        std::to_string(models ? options.models.size() : options.suites.size()) +
                        (models ? " models" : " suites") + " are named",
                    models ? "give each --model a command and a --position, or a series, of its own"
                           : "give each suite a command and a series of its own");
}

}  // namespace

Result<int> RunEval(const EvalOptions& options) {
  const Result<void> placed = CheckSeries(options);
  if (!placed) return placed.error();
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  Result<HttpTls> tls = TlsOf(options.tls);
  if (!tls) return std::move(tls).error();
  HttpClient http(loop, std::move(*tls));
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
