#include "reports/task_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

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

// One pass over a record that leaves out the opening messages and the rubric's anchors: most of its text, none of which
// a report needs, and parsing it was a third of the time that a report of 4,335 cases took.
class Skimmer {
 public:
  explicit Skimmer(std::string_view text) : text_(text) {}

  // What is left is JSON if the record is; otherwise the parser finds what is wrong with the record itself.
  std::optional<std::string> Skim() {
    std::string out;
    std::string_view top;  // the member of the record that is being read
    size_t kept = 0;       // all before is in `out`, or left out
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '{' || c == '[') ++depth_;
      if (c == '}' || c == ']') --depth_;
      if (c != '"') continue;
      const size_t begin = at_;
      if (!PassString()) return std::nullopt;
      const std::string_view name = text_.substr(begin + 1, at_ - begin - 1);
      size_t colon = at_ + 1;
      while (colon < text_.size() && IsSpace(text_[colon])) ++colon;
      if (colon >= text_.size() || text_[colon] != ':') continue;  // a value
      if (depth_ == 1) top = name;
      const bool needless = depth_ == 1 ? name == "opening" : depth_ == 3 && top == "rubric" && name == "anchors";
      if (!needless) continue;
      out += text_.substr(kept, colon + 1 - kept);
      out += "null";
      at_ = colon + 1;
      if (!PassValue()) return std::nullopt;
      kept = at_ + 1;
    }
    return out + std::string(text_.substr(kept));
  }

 private:
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  // From its opening quote to its closing one.
  bool PassString() {
    while (true) {
      at_ = text_.find_first_of("\"\\", at_ + 1);
      if (at_ == std::string_view::npos) return false;
      if (text_[at_] == '"') return true;
      ++at_;
    }
  }

  // To the last character of an array or object; anything else is not left out.
  bool PassValue() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    if (at_ >= text_.size() || (text_[at_] != '[' && text_[at_] != '{')) return false;
    int inside = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' && !PassString()) return false;
      if (c == '[' || c == '{') ++inside;
      if ((c == ']' || c == '}') && --inside == 0) return true;
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

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
  const std::optional<std::string> skimmed = Skimmer(task.record).Skim();
  Result<Json> record = ParseJson(skimmed ? *skimmed : task.record, where);
  // The place of what is wrong is that in the record.
  if (!record && skimmed) record = ParseJson(task.record, where);
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
