#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/store.h"

namespace axiometer {

// A run as the list of runs shows it.
struct ListedRun {
  RunRow row;
  std::optional<RunSummary> summary;  // absent until its samples have been counted
  std::string stamp;                  // changes with what a report of the run says; empty: not counted yet
};

// The runs of a store, counted by a thread of its own, so that no page waits for a million samples: runs that are
// worked on, and those asked for, are counted again when the store has changed.
class RunIndex {
 public:
  // `store` is for that thread alone.
  explicit RunIndex(std::unique_ptr<StoreReader> store);
  ~RunIndex();

  // All runs, the latest first; waits at most so long for those that were not counted yet.
  Result<std::vector<ListedRun>> Runs(std::chrono::milliseconds patience);
  // The run with this id; an error that says that there is none. Its numbers are kept up to date for a while.
  Result<ListedRun> Find(const std::string& id, std::chrono::milliseconds patience);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
