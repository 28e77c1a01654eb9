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

}  // namespace axiometer
