#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "tasks/task.h"

namespace axiometer {

// Which tasks of a suite a run takes: --filter, then --task-id, then --sample-shuffle, then --limit.
struct TaskSelection {
  // Ranks from 1, inclusive, in the order after shuffling: --limit 10 is 1 to 10.
  std::optional<std::pair<int64_t, int64_t>> limit;
  std::vector<std::string> ids;  // whole, or without "<suite>/"
  // value_system, pole (either), environment, kind, or a tag. Several of one key: any of them; of
  // different keys: all of them.
  std::vector<std::pair<std::string, std::string>> filters;
  std::optional<std::string> shuffle_seed;

  bool empty() const { return !limit && ids.empty() && filters.empty() && !shuffle_seed; }
  // The options in normal form for RunSpec::selection, equal for equal selections:
  // "filter=pole=care task-id=a,b shuffle=7 limit=1-10"; empty for every task.
  std::string ToString() const;
};

// The texts of the options, as typed; empty means not given. `filters` are "key=value".
Result<TaskSelection> ParseTaskSelection(const std::string& limit, const std::string& task_ids,
                                         const std::vector<std::string>& filters,
                                         const std::optional<std::string>& shuffle_seed);

// The places of the selected tasks within `source`, in the order in which they are to be run: the
// suite's own, or by SHA-256 of seed and id when shuffled. Never empty: an unknown id or key (with
// the nearest spelling) or a selection of nothing is an error. Loads tasks only for filters.
Result<std::vector<size_t>> SelectTasks(const TaskSource& source, const TaskSelection& selection);

// The places of the tasks of shard `index` of `count` (1 <= index <= count), in the suite's order: sorted by digest and
// id, every count-th from the index-th on. The shards of one count share no task and leave none out; which shard a task
// falls to depends on the tasks alone. Empty if there are fewer than `index` tasks.
std::vector<size_t> TasksOfShard(const TaskSource& source, int index, int count);

// SHA-256 over id and digest of these tasks, in order: RunSpec::suite_digest.
std::string DigestOfTasks(const TaskSource& source, const std::vector<size_t>& indexes);

}  // namespace axiometer
