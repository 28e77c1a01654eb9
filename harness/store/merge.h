#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

struct MergedShard {
  int index = 0;       // 1 to the run's `shards`
  std::string store;   // where it was read
  std::string run;     // its id there
  int64_t wanted = 0;  // samples
  int64_t done = 0;    // of those, ended other than interrupted
  int writer = 0;      // the process that works on it now; 0: none
};

// A run put together from its shards.
struct MergedRun {
  std::string id;  // in the store that took them
  std::string suite;
  std::string model;
  int shards = 0;                 // that the tasks were cut into
  int64_t wanted = 0;             // samples of all shards
  int64_t done = 0;               // of those, in the store that took them
  std::vector<MergedShard> from;  // those that were given, by index
};

// Puts what `stores` hold of sharded runs into `out`, which is made if it is not there: one run for
// all shards of a configuration, found again by that configuration, so that the command without
// --shard goes on with it. What is there already is not copied again; an attempt that had not ended
// when it was copied is completed. Shards may be missing, unfinished, or at work.
//
// Refused before anything is written: a store that holds a run which is no shard; shards of
// different configurations (named with what differs) or of different counts; a shard that two
// stores hold; a sample that `out` or another store has run differently. A failure later (a full
// disk) leaves whole shards: the same command goes on.
Result<std::vector<MergedRun>> MergeStores(const std::string& out,
                                           const std::vector<std::string>& stores);

}  // namespace axiometer
