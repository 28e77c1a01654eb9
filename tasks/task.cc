#include "tasks/task.h"

#include <nlohmann/json.hpp>

namespace axiometer {

const char* TaskKindName(TaskKind kind) {
  switch (kind) {
    case TaskKind::kAgent: return "agent";
    case TaskKind::kChoice: return "choice";
    case TaskKind::kLabel: return "label";
    case TaskKind::kGenerate: return "generate";
  }
  return "";
}

std::string TaskRecord(const Task& task) {
  Json record = Json::object();
  record["id"] = task.id;
  record["digest"] = task.digest;
  if (!task.source_digest.empty()) record["source_digest"] = task.source_digest;
  record["kind"] = TaskKindName(task.kind);
  record["title"] = task.title;
  record["value_system"] = task.value_system;
  record["pole_a"] = task.pole_a;
  record["pole_b"] = task.pole_b;
  record["environment"] = task.environment;
  record["tags"] = Json::object();
  for (const auto& [key, value] : task.tags) record["tags"][key] = value;
  Json rubric = Json::array();
  for (const RubricItem& item : task.rubric) {
    Json entry = Json::object();
    entry["id"] = item.id;
    entry["pole"] = std::string(1, item.pole);
    entry["weight"] = item.weight;
    entry["question"] = item.question;
    entry["anchors"] = Json::array({item.anchors[0], item.anchors[1], item.anchors[2]});
    entry["source"] = item.source;
    if (item.check) entry["check"] = Describe(*item.check);
    rubric.push_back(std::move(entry));
  }
  record["rubric"] = std::move(rubric);
  record["rubric_status"] = task.rubric_status;
  record["rubric_name"] = task.rubric_name;
  record["tool_names"] = task.tool_names;
  Json opening = Json::array();
  for (const Message& message : task.opening) {
    Json entry = Json::object();
    entry["role"] = RoleName(message.role);
    entry["text"] = message.text;
    opening.push_back(std::move(entry));
  }
  record["opening"] = std::move(opening);
  if (!task.options.empty()) {
    Json options = Json::array();
    for (const ChoiceOption& option : task.options) {
      options.push_back({{"key", option.key},
                         {"text", option.text},
                         {"pole", option.pole ? std::string(1, option.pole) : std::string()}});
    }
    record["options"] = std::move(options);
  }
  if (!task.gold.empty()) record["gold"] = task.gold;
  if (!task.references.empty()) record["references"] = task.references;
  if (!task.drafted_by.empty()) record["drafted_by"] = task.drafted_by;
  if (!task.reviewed_by.empty()) record["reviewed_by"] = task.reviewed_by;
  std::string text = DumpJson(record);
  if (!task.facts.empty()) {
    text.pop_back();  // facts are JSON already
    text += ",\"facts\":" + task.facts + "}";
  }
  return text;
}

}  // namespace axiometer
