#pragma once

#include <functional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/options.h"

namespace axiometer {

// A variable of the process, null if it is not set.
using VariableLookup = std::function<const char*(const char* name)>;

// "3/8"; "auto/8": the index from SLURM_ARRAY_TASK_ID (1 to 8) or, where that is not set,
// JOB_COMPLETION_INDEX (0 to 7); "auto": the count from Slurm too, whose array must then be 1 to
// that count, since a part of an array that is submitted again counts only itself. `tasks` stays 0.
Result<ShardPlace> ParseShard(const std::string& text, const VariableLookup& variable);

// "results.db" becomes "results.3-of-8.db".
std::string ShardStore(const std::string& db, const ShardPlace& shard);

// If --shard is given: sets `place`, the shard's own store, and its share of --max-connections
// (rounded up).
Result<void> TakeShard(EvalOptions& options, const VariableLookup& variable);

}  // namespace axiometer
