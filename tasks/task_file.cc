#include "tasks/task_file.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/digest.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"
#include "tasks/deep_merge.h"
#include "tasks/value_system.h"

namespace axiometer {
namespace {

const std::string kTaskKeys[] = {"kind",   "title",  "value_system", "poles",       "environment",
                                 "prompt", "state",  "tools",        "checkpoints", "oracles",
                                 "tags",   "choice", "survey",       "drafted_by",  "reviewed_by"};
const std::string kAgentKeys[] = {"environment", "prompt",      "state",
                                  "tools",       "checkpoints", "oracles"};
const std::string kKinds[] = {"agent", "choice", "survey"};
const std::string kOwnTags[] = {kFormTag,  kDilemmaTag, kOrderTag,
                                kLabelTag, kWordingTag, kDraftTag};
const std::string kPoleKeys[] = {"a", "b"};
const std::string kCheckpointKeys[] = {"id", "pole", "weight", "question", "anchors", "check"};
const std::string kAnchorKeys[] = {"2", "1", "0"};
const std::string kOracleKeys[] = {"a", "b", "idle"};
const std::string kStepKeys[] = {"call", "with", "say"};
constexpr int kMaxCheckpoints = 100;

std::string Joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

bool Holds(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Adds the places of what stands at and below `view`; `path` is its own.
void AddPlaces(const YamlView& view, const std::string& path, TaskPlaces& places) {
  const YamlNode& node = view.node();
  if (!path.empty()) {
    places[path] = view.file() + ":" + std::to_string(node.line) + ":" + std::to_string(node.column);
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  if (const auto members = view.Members()) {
    for (const auto& [key, value] : *members) AddPlaces(value, prefix + key, places);
  } else if (const auto items = view.Items()) {
    for (size_t i = 0; i < items->size(); ++i) {
      std::string name = std::to_string(i);
      if (path == "checkpoints") {
        for (const auto& [key, value] : (*items)[i].node().members) {
          if (key == "id") name = value.text;
        }
      }
      AddPlaces((*items)[i], prefix + name, places);
    }
  }
}

// Reads one file, part by part; each part fails with the first thing that is wrong in it.
class TaskReader {
 public:
  TaskReader(const YamlView& view, const TaskFileContext& context, std::string stem)
      : context_(context), fields_(view, kTaskKeys), view_(view) {
    task_.id = context.suite + "/" + stem;
    task_.suite = context.suite;
  }

  Result<TaskDocument> Read() {
    using Part = Result<void> (TaskReader::*)();
    for (const Part part : {&TaskReader::Head, &TaskReader::Poles, &TaskReader::AgentParts,
                            &TaskReader::Forms, &TaskReader::Tags, &TaskReader::Review}) {
      Result<void> read = (this->*part)();
      if (read && fields_.error()) return *fields_.error();
      if (!read) return read.error();
    }
    if (kind_ == TaskForm::kAgent) Finish();
    TaskDocument document;
    document.task = std::move(task_);
    document.kind = kind_;
    document.forms = std::move(forms_);
    document.system = std::move(system_);
    AddPlaces(view_, "", document.places);
    return document;
  }

 private:
  Result<void> Head() {
    const std::string kind = fields_.NeedText("kind");
    task_.title = fields_.NeedText("title");
    fields_.Need("poles");
    if (fields_.error()) return {};
    const auto known = std::find(std::begin(kKinds), std::end(kKinds), kind);
    if (known == std::end(kKinds))
      return fields_.Find("kind")->Unexpected("agent, choice or survey");
    kind_ = static_cast<TaskForm>(known - std::begin(kKinds));
    if (kind_ == TaskForm::kAgent) {
      prompt_ = TrimPython(fields_.NeedText("prompt"));
      fields_.Need("checkpoints");
      return {};
    }
    fields_.Need(kind);
    for (const std::string& key : kAgentKeys) {
      if (const auto written = fields_.Find(key))
        return written->Wrong(Quoted(key) + " belongs to tasks of kind agent");
    }
    return {};
  }

  Result<void> AgentParts() {
    if (kind_ != TaskForm::kAgent) return {};
    using Part = Result<void> (TaskReader::*)();
    for (const Part part : {&TaskReader::Environment, &TaskReader::State, &TaskReader::Tools,
                            &TaskReader::Checkpoints, &TaskReader::Oracles}) {
      Result<void> read = (this->*part)();
      if (!read || fields_.error()) return read;
    }
    return {};
  }

  Result<void> Forms() {
    for (const TaskForm form : {TaskForm::kChoice, TaskForm::kSurvey}) {
      const auto written = fields_.Find(TaskFormName(form));
      if (!written) continue;
      Result<DilemmaForm> content = ReadDilemmaForm(*written);
      if (!content) return content.error();
      forms_.emplace(form, std::move(*content));
    }
    return {};
  }

  Result<void> Poles() {
    task_.value_system = fields_.TextOr("value_system", context_.value_system);
    if (fields_.error()) return {};
    if (task_.value_system.empty()) return view_.Wrong("\"value_system\" is missing, here and in suite.yaml");
    Result<ValueSystem> system = FindValueSystem(task_.value_system, context_.value_system_folders);
    if (!system) {
      const auto written = fields_.Find("value_system");
      if (!system.error().where.empty() || !written) return system.error();
      return written->Wrong(system.error().what, system.error().hint);
    }
    YamlFields poles(*fields_.Find("poles"), kPoleKeys);
    task_.pole_a = poles.NeedText("a");
    task_.pole_b = poles.NeedText("b");
    if (poles.error()) return *poles.error();
    system_ = *system;
    for (const char* pole : {"a", "b"}) {
      const std::string& dimension = pole[0] == 'a' ? task_.pole_a : task_.pole_b;
      if (system->Find(dimension) != nullptr) continue;
      return poles.Find(pole)->Wrong(Quoted(dimension) + " is no dimension of " + Quoted(system->key),
                                     DidYouMean(dimension, system->keys(), "known: " + Joined(system->keys())));
    }
    if (task_.pole_a == task_.pole_b) {
      return poles.Find("b")->Wrong("both poles are " + Quoted(task_.pole_a), "name two different dimensions");
    }
    return {};
  }

  Result<void> Environment() {
    task_.environment = fields_.TextOr("environment", context_.environment);
    if (fields_.error()) return {};
    if (task_.environment.empty()) return view_.Wrong("\"environment\" is missing, here and in suite.yaml");
    Result<EnvironmentFacts> facts = context_.lookup(task_.environment, context_.suite_directory);
    if (!facts) {
      const auto written = fields_.Find("environment");
      if (!facts.error().where.empty() || !written) return facts.error();
      return written->Wrong(facts.error().what, facts.error().hint);
    }
    facts_ = std::move(*facts);
    task_.environment_digest = facts_.digest;
    task_.environment_flavour = facts_.flavour;
    task_.environment_directory = facts_.directory;
    for (const auto& [name, tool] : facts_.tools) {
      task_.known_tools.push_back(name);
      const Result<Json> json = ParseJson(tool, name);
      const Json* function = json ? FindMember(*json, "function") : nullptr;
      const Json* parameters = function == nullptr ? nullptr : FindMember(*function, "parameters");
      tools_.push_back({name, parameters == nullptr ? Json() : *parameters});
    }
    return {};
  }

  Result<void> State() {
    Result<Json> state = ParseJson(facts_.default_state, task_.environment);
    if (!state) return state.error();
    for (const auto& [key, value] : state->items()) state_keys_.push_back(key);
    if (const auto written = fields_.Find("state")) {
      const auto members = written->Members();
      if (!members) return members.error();
      for (const auto& [key, value] : *members) {
        if (!Holds(state_keys_, key)) {
          return value.Wrong("the environment's state has no " + Quoted(key),
                             DidYouMean(key, state_keys_, "it has: " + Joined(state_keys_)));
        }
      }
      const Result<Json> own = written->ToJson();
      if (!own) return own.error();
      DeepMerge(*state, *own);
    }
    task_.state = DumpJsonAsPython(*state);
    return {};
  }

  Result<void> Tools() {
    task_.tool_names = task_.known_tools;
    if (const auto written = fields_.Find("tools")) {
      const auto items = written->Items();
      if (!items) return items.error();
      if (items->empty()) return written->Wrong("expected at least one tool");
      task_.tool_names.clear();
      for (const YamlView& item : *items) {
        const Result<std::string> name = item.Text();
        if (!name) return name.error();
        if (!Holds(task_.known_tools, *name)) {
          return item.Wrong("environment " + Quoted(task_.environment) + " has no tool " + Quoted(*name),
                            DidYouMean(*name, task_.known_tools, "it has: " + Joined(task_.known_tools)));
        }
        if (Holds(task_.tool_names, *name)) return item.Wrong("tool " + Quoted(*name) + " is there twice");
        task_.tool_names.push_back(*name);
      }
    }
    task_.tools = "[";
    for (const std::string& name : task_.tool_names) {
      for (const auto& [known, tool] : facts_.tools) {
        if (known != name) continue;
        if (task_.tools.size() > 1) task_.tools += ", ";
        task_.tools += tool;
      }
    }
    task_.tools += "]";
    return {};
  }

  // A path that begins with a key that the state never has could match nothing.
  Result<void> CheckStatePaths(const Check& check, const YamlView& at) {
    if (check.kind == Check::Kind::kState) {
      const bool known = std::any_of(state_keys_.begin(), state_keys_.end(), [&](const std::string& key) {
        return check.path == key || check.path.substr(0, key.size() + 1) == key + ".";
      });
      const std::string first = check.path.substr(0, check.path.find('.'));
      if (!known) {
        return at.Wrong("the environment's state has no " + Quoted(first),
                        DidYouMean(first, state_keys_, "it has: " + Joined(state_keys_)));
      }
    }
    for (const Check& part : check.parts) {
      Result<void> checked = CheckStatePaths(part, at);
      if (!checked) return checked;
    }
    return {};
  }

  Result<void> Checkpoints() {
    const YamlView list = *fields_.Find("checkpoints");
    const auto items = list.Items();
    if (!items) return items.error();
    if (items->size() > kMaxCheckpoints) return list.Wrong("more than " + std::to_string(kMaxCheckpoints) + " checkpoints");
    std::set<std::string> ids;
    std::vector<RubricItem> of_b;
    for (const YamlView& item : *items) {
      Result<RubricItem> checkpoint = Checkpoint(item, ids);
      if (!checkpoint) return checkpoint.error();
      (checkpoint->pole == 'a' ? task_.rubric : of_b).push_back(std::move(*checkpoint));
    }
    if (task_.rubric.empty()) return list.Wrong("no checkpoint for pole a");
    if (of_b.empty()) return list.Wrong("no checkpoint for pole b");
    std::move(of_b.begin(), of_b.end(), std::back_inserter(task_.rubric));
    Result<Json> source = list.ToJson();
    if (!source) return source.error();
    checkpoints_ = DumpJson(*source);
    return {};
  }

  Result<RubricItem> Checkpoint(const YamlView& view, std::set<std::string>& ids) {
    YamlFields fields(view, kCheckpointKeys);
    RubricItem item;
    item.id = fields.NeedText("id");
    const std::string pole = fields.NeedText("pole");
    item.weight = fields.NumberOr("weight", 1, 5, 1);
    item.question = TrimPython(fields.NeedText("question"));
    if (fields.error()) return *fields.error();
    if (!ids.insert(item.id).second) return fields.Find("id")->Wrong("checkpoint " + Quoted(item.id) + " is there twice");
    if (pole != "a" && pole != "b") return fields.Find("pole")->Unexpected("a or b");
    item.pole = pole[0];
    if (const auto anchors = fields.Find("anchors")) {
      YamlFields texts(*anchors, kAnchorKeys);
      item.anchors[2] = TrimPython(texts.NeedText("2"));
      item.anchors[1] = TrimPython(texts.NeedText("1"));
      item.anchors[0] = TrimPython(texts.NeedText("0"));
      if (texts.error()) return *texts.error();
    }
    const auto check = fields.Find("check");
    if (!check) {
      if (!fields.Has("anchors")) return view.Wrong("needs \"check\" or \"anchors\"");
      return item;
    }
    Result<Check> read = ReadCheck(*check, tools_);
    if (!read) return read.error();
    Result<void> paths = CheckStatePaths(*read, *check);
    if (!paths) return paths.error();
    item.check = std::move(*read);
    return item;
  }

  Result<void> Oracles() {
    const auto written = fields_.Find("oracles");
    if (!written) return {};
    YamlFields oracles(*written, kOracleKeys);
    if (oracles.error()) return *oracles.error();
    for (const std::string& leaning : kOracleKeys) {
      const auto list = oracles.Find(leaning);
      if (!list) continue;
      const auto items = list->Items();
      if (!items) return items.error();
      if (items->empty()) return list->Wrong("expected at least one step");
      Oracle oracle;
      oracle.leaning = leaning;
      for (const YamlView& item : *items) {
        Result<OracleStep> step = Step(item, &item == &items->back());
        if (!step) return step.error();
        oracle.steps.push_back(std::move(*step));
      }
      task_.oracles.push_back(std::move(oracle));
    }
    return {};
  }

  Result<OracleStep> Step(const YamlView& view, bool last) {
    YamlFields fields(view, kStepKeys);
    OracleStep step;
    step.tool = fields.TextOr("call", "");
    step.say = TrimPython(fields.TextOr("say", ""));
    if (fields.error()) return *fields.error();
    if (last && !step.tool.empty()) return view.Wrong("the last step must not call a tool", "end with {say: TEXT}");
    if (!last && step.tool.empty()) return view.Wrong("only the last step may come without \"call\"");
    if (last && step.say.empty()) return view.Wrong("the last step needs \"say\"");
    const auto arguments = fields.Find("with");
    if (step.tool.empty()) {
      if (arguments) return arguments->Wrong("\"with\" belongs to \"call\"");
      return step;
    }
    if (!Holds(task_.tool_names, step.tool)) {
      return fields.Find("call")->Wrong("the task offers no tool " + Quoted(step.tool),
                                        DidYouMean(step.tool, task_.tool_names, "it offers: " + Joined(task_.tool_names)));
    }
    step.arguments = "{}";
    if (arguments) {
      if (!arguments->is_mapping()) return arguments->Unexpected("a mapping");
      const Result<Json> json = arguments->ToJson();
      if (!json) return json.error();
      step.arguments = DumpJsonAsPython(*json);
    }
    return step;
  }

  Result<void> Tags() {
    if (!task_.environment.empty()) task_.tags["environment"] = task_.environment;
    task_.tags["value_system"] = task_.value_system;
    const auto written = fields_.Find("tags");
    if (!written) return {};
    const auto members = written->Members();
    if (!members) return members.error();
    for (const auto& [key, value] : *members) {
      const Result<std::string> text = value.Text();
      if (!text) return text.error();
      const bool own =
          std::find(std::begin(kOwnTags), std::end(kOwnTags), key) != std::end(kOwnTags);
      if (own || !task_.tags.emplace(key, *text).second)
        return value.Wrong("tag " + Quoted(key) + " is given by the task itself");
    }
    return {};
  }

  Result<void> Review() {
    task_.drafted_by = fields_.TextOr("drafted_by", "");
    task_.reviewed_by = fields_.TextOr("reviewed_by", "");
    if (!task_.drafted_by.empty())
      task_.tags[kDraftTag] = task_.reviewed_by.empty() ? kUnreviewed : kReviewed;
    return {};
  }

  void Finish() {
    Message system;
    system.role = Role::kSystem;
    system.text = context_.system_prompt;
    Message user;
    user.role = Role::kUser;
    user.text = prompt_;
    const Json seen = Json::array({context_.system_prompt, prompt_, task_.tools, task_.state, checkpoints_,
                                   task_.value_system, task_.pole_a, task_.pole_b, task_.environment,
                                   task_.environment_digest});
    task_.digest = Sha256(DumpJson(seen));
    task_.tags[kFormTag] = TaskFormName(TaskForm::kAgent);
    task_.tags[kDilemmaTag] = task_.id.substr(task_.suite.size() + 1);
    task_.opening = {std::move(system), std::move(user)};
  }

  const TaskFileContext& context_;
  YamlFields fields_;
  YamlView view_;
  Task task_;
  TaskForm kind_ = TaskForm::kAgent;
  std::map<TaskForm, DilemmaForm> forms_;
  ValueSystem system_;
  EnvironmentFacts facts_;
  std::string prompt_;
  std::string checkpoints_;  // as JSON, for the digest
  std::vector<std::string> state_keys_;
  std::vector<KnownTool> tools_;  // of the environment
};

std::string StemOf(const std::string& path) { return std::filesystem::path(path).stem().string(); }

}  // namespace

Result<TaskDocument> ReadTaskText(std::string_view text, const std::string& path, const TaskFileContext& context) {
  const Result<YamlView> view = YamlView::Parse(text, path);
  if (!view) return view.error();
  return TaskReader(*view, context, StemOf(path)).Read();
}

Result<TaskDocument> ReadTaskDocument(const std::string& path, const TaskFileContext& context) {
  const Result<YamlView> view = YamlView::Load(path);
  if (!view) return view.error();
  return TaskReader(*view, context, StemOf(path)).Read();
}

Result<std::vector<Task>> ReadTaskFile(const std::string& path, const TaskFileContext& context) {
  const Result<YamlView> view = YamlView::Load(path);
  if (!view) return view.error();
  Result<TaskDocument> document = TaskReader(*view, context, StemOf(path)).Read();
  if (!document) return document.error();
  const TaskForm form = context.form.value_or(document->kind);
  if (form == TaskForm::kAgent && document->kind == TaskForm::kAgent) {
    std::vector<Task> tasks;
    tasks.push_back(std::move(document->task));
    return tasks;
  }
  const auto content = document->forms.find(form);
  if (content == document->forms.end()) {
    const std::string name = TaskFormName(form);
    return view->Wrong("the task has no form " + Quoted(name),
                       form == TaskForm::kAgent
                           ? "choose a form that all tasks have: -T form=" + std::string(TaskFormName(document->kind))
                           : "add a section \"" + name + "\", or choose another form with -T form=");
  }
  return TasksOfForm(document->task, form, content->second, context.templates, context.variants);
}

}  // namespace axiometer
