#include "reports/task_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "harness/base/json_members.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? "" : found->get<std::string>();
}

// Null, which has no elements, if there is none.
const Json& Member(const Json& json, const char* key) {
  static const Json kNone;
  const auto found = json.find(key);
  return found == json.end() ? kNone : *found;
}

// Throws Json::exception on a wrong type.
TaskFacts FactsOf(const TaskRow& task, const Json& record) {
  TaskFacts facts;
  facts.id = task.id;
  facts.digest = task.digest;
  facts.source_digest = Text(record, "source_digest");
  if (facts.source_digest.empty()) facts.source_digest = task.digest;
  facts.title = Text(record, "title");
  facts.kind = Text(record, "kind");
  facts.value_system = Text(record, "value_system");
  facts.pole_a = Text(record, "pole_a");
  facts.pole_b = Text(record, "pole_b");
  facts.environment = Text(record, "environment");
  facts.gold = Text(record, "gold");
  if (facts.is_answered()) {
    for (const Json& option : Member(record, "options"))
      facts.options.push_back(Text(option, "key"));
    facts.references = record.value("references", std::vector<std::string>());
    if (record.contains("facts")) facts.facts = DumpJson(record.at("facts"));
  }
  for (const auto& [key, value] : Member(record, "tags").items())
    facts.tags[key] = value.get<std::string>();
  return facts;
}

// What FactsOf reads, and behind it what ReadTaskRecord reads besides. The rest, opening messages
// above all, is most of a record.
constexpr std::string_view kKeys[] = {"source_digest", "title",      "kind",        "value_system",
                                      "pole_a",        "pole_b",     "environment", "gold",
                                      "options",       "references", "facts",       "tags",
                                      "rubric_name",   "rubric"};
constexpr std::span<const std::string_view> kFactKeys(kKeys, 12);

std::string WhereOf(const TaskRow& task) { return "stored task \"" + task.id + "\""; }

// Of its members those that have one of `keys`.
Result<Json> ParseRecord(const TaskRow& task, std::span<const std::string_view> keys) {
  if (const std::string wanted = OnlyMembers(task.record, keys); !wanted.empty()) {
    if (Result<Json> record = ParseJson(wanted, WhereOf(task))) return record;
  }
  // Where it is damaged, the place is that in the record.
  Result<Json> record = ParseJson(task.record, WhereOf(task));
  if (record && !record->is_object()) return BadInput(WhereOf(task), "expected an object");
  return record;
}

}  // namespace

std::string TaskStem(const std::string& task_id) {
  const size_t slash = task_id.rfind('/');
  return slash == std::string::npos ? task_id : task_id.substr(slash + 1);
}

int64_t UnreviewedTasks(const RunData& run) {
  return std::count_if(run.tasks.begin(), run.tasks.end(),
                       [](const TaskFacts& task) { return task.tag(kDraftTag) == kUnreviewed; });
}

Result<TaskRecordFacts> ReadTaskRecord(const TaskRow& task) {
  const Result<Json> record = ParseRecord(task, kKeys);
  if (!record) return record.error();
  try {
    TaskRecordFacts out;
    out.facts = FactsOf(task, *record);
    out.case_name = Text(*record, "rubric_name");
    out.unscored.id = TaskStem(task.id);
    out.unscored.value_system = out.facts.value_system;
    out.unscored.a.name = out.unscored.a.rubric_name = out.facts.pole_a;
    out.unscored.b.name = out.unscored.b.rubric_name = out.facts.pole_b;
    for (const Json& item : Member(*record, "rubric")) {
      const bool first_side = Text(item, "pole") != "b";
      valuebench::Side& side = first_side ? out.unscored.a : out.unscored.b;
      side.items.push_back({Text(item, "id"), Text(item, "source"), item.value("weight", 1.0),
                            Text(item, "question"), 0});
    }
    return out;
  } catch (const Json::exception& error) {
    return BadInput(WhereOf(task), error.what());
  }
}

Result<TaskFacts> ReadTaskFacts(const TaskRow& task) {
  const Result<Json> record = ParseRecord(task, kFactKeys);
  if (!record) return record.error();
  try {
    return FactsOf(task, *record);
  } catch (const Json::exception& error) {
    return BadInput(WhereOf(task), error.what());
  }
}

}  // namespace axiometer
