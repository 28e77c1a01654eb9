#include "harness/cli/session.h"
#include "harness/cli/shard.h"
#include "harness/cli/subject.h"
#include "harness/cli/verbs.h"

namespace axiometer {

Result<int> RunEval(const EvalOptions& typed) {
  EvalOptions options = typed;
  const Result<void> cut = TakeShard(options, [](const char* name) { return std::getenv(name); });
  if (!cut) return cut.error();
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  Result<HttpTls> tls = TlsOf(options.tls);
  if (!tls) return std::move(tls).error();
  HttpClient http(loop, std::move(*tls));
  const Machinery machinery{loop, *clock, http};
  Result<std::vector<Experiment>> experiments = PrepareAll(options, machinery);
  if (!experiments) return std::move(experiments).error();
  Result<OpenedStore> store = OpenStore(loop, options.db);
  if (!store) return std::move(store).error();
  std::vector<std::string> runs;
  SessionResult last;
  for (Experiment& experiment : *experiments) {
    Result<std::pair<std::string, SessionResult>> worked = WorkThrough(options, experiment, machinery, *store);
    if (!worked) return std::move(worked).error();
    runs.push_back(worked->first);
    last = std::move(worked->second);
    if (last.end != SessionEnd::kDone) break;
  }
  return Conclude(options, *store->reader, runs, std::move(last));
}

}  // namespace axiometer
