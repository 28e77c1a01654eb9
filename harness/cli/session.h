#pragma once

#include <memory>
#include <string>
#include <utility>

#include "harness/cli/experiment.h"
#include "harness/run/runner.h"
#include "harness/store/store.h"

namespace axiometer {

// Opens the store to be read; one that is not there yet is made by the writer first.
struct OpenedStore {
  std::unique_ptr<StoreWriter> writer;
  std::unique_ptr<StoreReader> reader;
};

Result<OpenedStore> OpenStore(Loop& loop, const std::string& path);

// One session of the experiment's run: finds it in the store or begins it, and works through what is wanted
// and not there yet, with progress shown as the options say. The run's id and how the session ended.
Result<std::pair<std::string, SessionResult>> WorkThrough(const EvalOptions& options, Experiment& experiment,
                                                          const Machinery& machinery, OpenedStore& store);

// The same for judging alone, of what is stored of `run`: up to `repeats` judgements of each attempt by each of
// the experiment's judges.
Result<std::pair<std::string, SessionResult>> JudgeStored(const EvalOptions& options, Experiment& experiment,
                                                          const Machinery& machinery, OpenedStore& store,
                                                          const RunSummary& run, int repeats);

// The end of a verb that worked on `runs`: the report as the options say, then the exit status; an error if
// samples are without a score because something failed.
Result<int> Conclude(const EvalOptions& options, StoreReader& store, const std::vector<std::string>& runs,
                     SessionResult last);

}  // namespace axiometer
