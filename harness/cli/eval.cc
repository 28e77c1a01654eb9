#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "harness/cli/endpoint_probe.h"
#include "harness/cli/session.h"
#include "harness/cli/shard.h"
#include "harness/cli/subject.h"
#include "harness/cli/verbs.h"

namespace axiometer {
namespace {

// Whether the store has this run already. One that cannot be read has none; why it cannot shows when it is opened.
bool IsStored(const EvalOptions& options, const Experiment& experiment) {
  if (options.fresh || access(options.db.c_str(), F_OK) != 0) return false;
  Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(options.db);
  if (!reader) return false;
  const Result<std::optional<std::string>> found = (*reader)->FindRunByIdentity(IdentityDigest(experiment.spec));
  return found && found->has_value();
}

}  // namespace

Result<int> RunEval(const EvalOptions& typed) {
  EvalOptions options = typed;
  const Result<void> cut = TakeShard(options, [](const char* name) { return std::getenv(name); });
  if (!cut) return cut.error();
  const Result<std::unique_ptr<OwnMachinery>> own = OwnMachinery::Make(options);
  if (!own) return own.error();
  const Machinery& machinery = (*own)->get();
  Result<std::vector<Experiment>> experiments = PrepareAll(options, machinery);
  if (!experiments) return std::move(experiments).error();
  for (const Experiment& experiment : *experiments) {
    if (options.no_preflight || !HasEndpoint(experiment.spec.model)) continue;
    const Result<bool> offers = OffersTools(experiment);
    if (!offers) return offers.error();
    if (!*offers || IsStored(options, experiment)) continue;
    const Result<void> able = CheckToolCalls(experiment, machinery);
    if (!able) return able.error();
  }
  Result<OpenedStore> store = OpenStore(machinery.loop, options.db);
  if (!store) return std::move(store).error();
  std::vector<std::string> runs;
  SessionResult last;
  for (Experiment& experiment : *experiments) {
    Result<std::pair<std::string, SessionResult>> worked = WorkThrough(options, experiment, machinery, *store);
    if (!worked) return std::move(worked).error();
    runs.push_back(worked->first);
    last = std::move(worked->second);
    // A model server of its own ends before the next one starts.
    experiment.subject.reset();
    experiment.judge_models.clear();
    experiment.seats.clear();
    if (last.end != SessionEnd::kDone) break;
  }
  return Conclude(options, *store->reader, runs, std::move(last));
}

}  // namespace axiometer
