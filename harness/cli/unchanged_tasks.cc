#include "harness/cli/unchanged_tasks.h"

#include <map>
#include <nlohmann/json.hpp>

#include "harness/base/utf8.h"

namespace axiometer {

Result<void> CheckUnchanged(StoreReader& store, const std::string& run, const TaskSource& tasks,
                            const std::string& where, const std::string& hint) {
  const Result<std::vector<TaskRow>> stored = store.Tasks(run);
  if (!stored) return stored.error();
  std::map<std::string, std::string> digests;
  for (const TaskRef& ref : tasks.refs()) digests[ref.id] = ref.digest;
  for (const TaskRow& task : *stored) {
    const auto now = digests.find(task.id);
    if (now == digests.end()) return BadInput(where, "holds no " + Quoted(task.id) + ", which was run", hint);
    const Result<Json> record = ParseJson(task.record, "stored task " + Quoted(task.id));
    if (!record) return record.error();
    if (now->second != record->value("source_digest", task.digest)) {
      return BadInput(where, Quoted(task.id) + " differs from the one that was run", hint);
    }
  }
  return {};
}

}  // namespace axiometer
