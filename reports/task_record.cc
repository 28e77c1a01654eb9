#include "reports/task_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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
  const std::string where = "stored task \"" + task.id + "\"";
  const Result<Json> record = ParseJson(task.record, where);
  if (!record) return record.error();
  if (!record->is_object()) return BadInput(where, "expected an object");
  try {
    TaskRecordFacts out;
    out.facts.id = task.id;
    out.facts.digest = task.digest;
    out.facts.source_digest = Text(*record, "source_digest");
    if (out.facts.source_digest.empty()) out.facts.source_digest = task.digest;
    out.facts.title = Text(*record, "title");
    out.facts.kind = Text(*record, "kind");
    out.facts.value_system = Text(*record, "value_system");
    out.facts.pole_a = Text(*record, "pole_a");
    out.facts.pole_b = Text(*record, "pole_b");
    out.facts.environment = Text(*record, "environment");
    out.facts.gold = Text(*record, "gold");
    if (out.facts.is_answered()) {
      for (const Json& option : Member(*record, "options")) out.facts.options.push_back(Text(option, "key"));
      out.facts.references = record->value("references", std::vector<std::string>());
      if (record->contains("facts")) out.facts.facts = DumpJson(record->at("facts"));
    }
    for (const auto& [key, value] : Member(*record, "tags").items()) out.facts.tags[key] = value.get<std::string>();
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
    return BadInput(where, error.what());
  }
}

}  // namespace axiometer
