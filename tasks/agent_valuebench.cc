#include "tasks/agent_valuebench.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json_reader.h"
#include "harness/base/utf8.h"
#include "tasks/deep_merge.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxFileBytes = 16u << 20;
// All 394 of the release, about 10 MB as text: cases take them in no order.
constexpr size_t kParsedEnvironments = 400;
constexpr char kPublished[] = "expected a checkout of https://github.com/ValueByte-AI/Agent-ValueBench";

// The value of a top-level string field that comes early in a file, without parsing the rest.
class FieldFinder : public nlohmann::json_sax<Json> {
 public:
  explicit FieldFinder(std::string wanted) : wanted_(std::move(wanted)) {}
  std::string found;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t& value) override {
    if (depth_ != 1 || key_ != wanted_) return true;
    found = value;
    return false;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    ++depth_;
    return true;
  }
  bool key(string_t& value) override {
    if (depth_ == 1) key_ = value;
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  const std::string wanted_;
  int depth_ = 0;
  std::string key_;
};

// A name that came out of a file and becomes part of a path.
bool IsPlainName(const std::string& name) {
  return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

// The part after the last "/", in lower case.
std::string NameInItsFamily(std::string_view model_id) {
  std::string name(TrimPython(model_id));
  if (const size_t slash = name.rfind('/'); slash != std::string::npos) name.erase(0, slash + 1);
  return LowerAscii(name);
}

bool ImportsDateutil(const std::string& python) {
  return python.find("from dateutil") != std::string::npos || python.find("import dateutil") != std::string::npos;
}

Result<std::vector<std::string>> CaseStems(const std::string& directory) {
  std::vector<std::string> stems;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory + "/case", error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("case_", 0) == 0 && entry.path().extension() == ".json") stems.push_back(entry.path().stem().string());
  }
  if (error) return BadInput(ForTerminal(directory), "folder \"case\" cannot be listed: " + error.message());
  if (stems.empty()) return BadInput(ForTerminal(directory), "folder \"case\" holds no case_*.json", kPublished);
  std::sort(stems.begin(), stems.end());
  return stems;
}

// What the harnesses' quick check needs of a case; neither agent nor judge is shown it.
Json CheckpointFacts(const Json& case_json) {
  Json checkpoints = Json::object();
  for (const auto& [side, key] : {std::pair("a", "value_a_checkpoint_list"), {"b", "value_b_checkpoint_list"}}) {
    checkpoints[side] = Json::array();
    const auto list = case_json.find(key);
    if (list == case_json.end() || !list->is_array()) continue;
    for (const Json& given : *list) {
      Json kept = Json::object();
      for (const char* member : {"checkpoint_id", "related_functions", "expected_actions"}) {
        if (given.is_object() && given.contains(member)) kept[member] = given[member];
      }
      checkpoints[side].push_back(std::move(kept));
    }
  }
  return {{"checkpoints", std::move(checkpoints)}};
}

// One side of a rubric.
void AppendItems(JsonFields& rubric, const char* key, char pole, std::vector<RubricItem>& items) {
  for (JsonFields& fields : rubric.NeedObjects(key)) {
    RubricItem item;
    item.pole = pole;
    item.id = fields.NeedText("ITEM_ID");
    item.source = fields.NeedText("SOURCE_CHECKPOINT");
    item.weight = static_cast<double>(fields.NeedInteger("WEIGHT", 1, 5));
    item.question = fields.NeedText("QUESTION");
    item.anchors[0] = fields.NeedText("SCORE_0");
    item.anchors[1] = fields.NeedText("SCORE_1");
    item.anchors[2] = fields.NeedText("SCORE_2");
    item.look_for = fields.TextOr("LOOK_FOR", "");
    if (fields.error()) rubric.Fail(*fields.error());
    items.push_back(std::move(item));
  }
}

}  // namespace

struct AgentValueBench::Case {
  std::string stem;
  std::string environment;
};

struct AgentValueBench::EnvironmentFiles {
  std::string digest;  // of the pair and the machinery
  bool needs_dateutil = false;
};

struct AgentValueBench::ParsedEnvironment {
  std::vector<std::string> names;            // in the file's order
  std::map<std::string, std::string> tools;  // name to function tool, as the runner dumps it
  Json defaults = Json::object();
};

AgentValueBench::AgentValueBench(std::string directory, ToolSchemaFamily family, AgentValueBenchTexts texts)
    : directory_(std::move(directory)), family_(family), texts_(std::move(texts)) {}
AgentValueBench::~AgentValueBench() = default;

Result<void> CheckAgentValueBenchLayout(const std::string& directory) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) return UsageError(ForTerminal(directory), "no such folder", kPublished);
  if (!fs::is_directory(directory, ignored)) return UsageError(ForTerminal(directory), "not a folder", kPublished);
  for (const char* folder : {"case", "rubric", "environment", "configs", "TrajGen", "ValueEval", "core"}) {
    if (!fs::is_directory(fs::path(directory) / folder, ignored)) {
      return BadInput(ForTerminal(directory), "no folder " + Quoted(folder), kPublished);
    }
  }
  for (const char* file : {"environment/BaseEnv.py", "environment/EnvManager.py", "environment/__init__.py",
                           "configs/value_systems.json", "TrajGen/tir_agent_eval_openai.py", "ValueEval/prompts.py", "ValueEval/rubric_trajectory_judge.py"}) {
    if (!fs::is_regular_file(fs::path(directory) / file, ignored)) {
      return BadInput(ForTerminal(directory), "no file " + Quoted(file), kPublished);
    }
  }
  return {};
}

ToolSchemaFamily ToolSchemaFamilyOf(std::string_view model_id) {
  const std::string name = NameInItsFamily(model_id);
  for (const char* family : {"gpt", "claude", "kimi"}) {
    if (name.rfind(family, 0) == 0) return ToolSchemaFamily::kWithoutRootCombinators;
  }
  return ToolSchemaFamily::kAsReleased;
}

std::optional<bool> ForcedParallelToolCalls(std::string_view model_id) {
  if (NameInItsFamily(model_id) == "qwen3-30b-a3b") return false;
  return std::nullopt;
}

Result<std::unique_ptr<AgentValueBench>> AgentValueBench::Open(const std::string& directory, ToolSchemaFamily family,
                                                               AgentValueBenchTexts texts) {
  if (Result<void> layout = CheckAgentValueBenchLayout(directory); !layout) return layout.error();
  std::error_code error;
  const fs::path absolute = fs::canonical(directory, error);
  if (error) return BadInput(ForTerminal(directory), "cannot be opened: " + error.message());
  std::unique_ptr<AgentValueBench> source(new AgentValueBench(absolute.string(), family, std::move(texts)));
  if (Result<void> indexed = source->Index(); !indexed) return indexed.error();
  return source;
}

Result<void> AgentValueBench::Index() {
  Sha256Stream machinery;
  for (const char* file : {"BaseEnv.py", "EnvManager.py", "__init__.py"}) {
    Result<std::string> text = ReadFile(directory_ + "/environment/" + file, kMaxFileBytes);
    if (!text) return text.error();
    machinery.Update(*text);
  }
  machinery_digest_ = machinery.Hex();

  const Result<std::vector<std::string>> stems = CaseStems(directory_);
  if (!stems) return stems.error();
  if (texts_.cases != *stems || texts_.system.size() != stems->size() || texts_.user.size() != stems->size()) {
    return BadInput(ForTerminal(directory_), "its runner rendered " + std::to_string(texts_.cases.size()) +
                                                 " cases, the folder \"case\" holds " + std::to_string(stems->size()));
  }
  Sha256Stream cases;
  Sha256Stream rubrics;
  for (size_t i = 0; i < stems->size(); ++i) {
    const std::string& stem = (*stems)[i];
    const std::string case_path = directory_ + "/case/" + stem + ".json";
    Result<std::string> case_text = ReadFile(case_path, kMaxFileBytes);
    if (!case_text) return case_text.error();
    Result<std::string> rubric_text = ReadFile(directory_ + "/rubric/" + stem + "_rubric.json", kMaxFileBytes);
    if (!rubric_text) return rubric_text.error();
    cases.Update(*case_text);
    rubrics.Update(*rubric_text);
    FieldFinder finder("environment");
    Json::sax_parse(*case_text, &finder);
    if (finder.found.empty()) return BadInput(ForTerminal(case_path), "\"environment\" is missing or not text");
    const Result<const EnvironmentFiles*> files = FilesOf(finder.found, case_path);
    if (!files) return files.error();
    Sha256Stream digest;
    for (const std::string* part : {&*case_text, &*rubric_text, &texts_.system[i], &texts_.user[i]}) {
      // Lengths keep the parts apart.
      digest.Update(std::to_string(part->size()) + ":");
      digest.Update(*part);
    }
    digest.Update((*files)->digest);
    cases_.push_back(Case{stem, finder.found});
    refs_.push_back(TaskRef{suite_ + "/" + stem, digest.Hex()});
  }
  cases_digest_ = cases.Hex();
  rubrics_digest_ = rubrics.Hex();
  notes_.push_back(
      "Agent-ValueBench has no licence file: its tasks are read from your copy and are not passed on");
  if (!is_whole()) notes_.push_back(std::to_string(cases_.size()) + " cases are there, not the released 4,335");
  return {};
}

Result<const AgentValueBench::EnvironmentFiles*> AgentValueBench::FilesOf(const std::string& environment,
                                                                          const std::string& named_by) {
  if (const auto known = environments_.find(environment); known != environments_.end()) return &known->second;
  const std::string stem = directory_ + "/environment/" + environment;
  std::error_code ignored;
  if (!IsPlainName(environment) || !fs::is_regular_file(stem + ".json", ignored) ||
      !fs::is_regular_file(stem + ".py", ignored)) {
    return BadInput(ForTerminal(named_by), "environment: no pair " + Quoted(environment + ".json") + " and " +
                                               Quoted(environment + ".py") + " in the folder \"environment\"");
  }
  const Result<std::string> json = ReadFile(stem + ".json", kMaxFileBytes);
  if (!json) return json.error();
  const Result<std::string> python = ReadFile(stem + ".py", kMaxFileBytes);
  if (!python) return python.error();
  EnvironmentFiles files;
  files.digest = Sha256(machinery_digest_ + Sha256(*json) + Sha256(*python));
  files.needs_dateutil = ImportsDateutil(*python);
  return &environments_.emplace(environment, std::move(files)).first->second;
}

// Of the files of every environment that a case names, in name order.
std::string AgentValueBench::EnvironmentsDigest() const {
  Sha256Stream all;
  for (const auto& [name, files] : environments_) all.Update(name + files.digest);
  return all.Hex();
}

Result<std::shared_ptr<const AgentValueBench::ParsedEnvironment>> AgentValueBench::Parsed(
    const std::string& environment) const {
  for (auto& [name, parsed] : parsed_) {
    if (name == environment) return parsed;
  }
  const std::string path = directory_ + "/environment/" + environment + ".json";
  const Result<std::string> text = ReadFile(path, kMaxFileBytes);
  if (!text) return text.error();
  const Result<Json> json = ParseJson(*text, ForTerminal(path));
  if (!json) return json.error();
  JsonFields fields(*json, ForTerminal(path));
  auto parsed = std::make_shared<ParsedEnvironment>();
  for (JsonFields& tool : fields.NeedObjects("tools")) {
    const std::string name = tool.NeedText("name");
    const Json* parameters = tool.NeedObject("parameters");
    if (tool.error()) return *tool.error();
    Json function = Json::object();
    function["name"] = name;
    function["description"] = tool.TextOr("description", "");
    function["parameters"] = *parameters;
    if (tool.error()) return *tool.error();
    if (family_ == ToolSchemaFamily::kWithoutRootCombinators) {
      for (const char* key : {"anyOf", "oneOf", "allOf"}) function["parameters"].erase(key);
    }
    Json outer = Json::object();
    outer["type"] = "function";
    outer["function"] = std::move(function);
    parsed->names.push_back(name);
    parsed->tools[name] = DumpJsonAsPython(outer);
  }
  // The released environments have neither; the loader would take the first that is not empty.
  for (const char* key : {"initial_parameters", "default_initial_parameters"}) {
    const Json* defaults = fields.Find(key);
    if (defaults != nullptr && defaults->is_object() && parsed->defaults.empty()) parsed->defaults = *defaults;
  }
  if (fields.error()) return *fields.error();
  if (parsed_.size() >= kParsedEnvironments) parsed_.erase(parsed_.begin());
  parsed_.emplace_back(environment, parsed);
  return std::shared_ptr<const ParsedEnvironment>(std::move(parsed));
}

Result<std::shared_ptr<const Task>> AgentValueBench::Load(size_t index) const {
  const Case& entry = cases_.at(index);
  const std::string case_path = directory_ + "/case/" + entry.stem + ".json";
  const std::string rubric_path = directory_ + "/rubric/" + entry.stem + "_rubric.json";
  const Result<std::string> case_text = ReadFile(case_path, kMaxFileBytes);
  if (!case_text) return case_text.error();
  const Result<std::string> rubric_text = ReadFile(rubric_path, kMaxFileBytes);
  if (!rubric_text) return rubric_text.error();
  const Result<Json> case_json = ParseJson(*case_text, ForTerminal(case_path));
  if (!case_json) return case_json.error();
  const Result<Json> rubric_json = ParseJson(*rubric_text, ForTerminal(rubric_path));
  if (!rubric_json) return rubric_json.error();
  const Result<std::shared_ptr<const ParsedEnvironment>> environment = Parsed(entry.environment);
  if (!environment) return environment.error();

  auto task = std::make_shared<Task>();
  task->id = refs_[index].id;
  task->digest = refs_[index].digest;
  task->suite = suite_;
  task->kind = TaskKind::kAgent;

  JsonFields fields(*case_json, ForTerminal(case_path));
  task->title = fields.NeedText("case_name");
  task->value_system = fields.NeedText("value_system");
  task->tool_names = fields.NeedTexts("function_list");
  const std::vector<std::string> values = fields.NeedTexts("value_items");
  const Json* state = fields.NeedObject("env_initial_parameters");
  if (fields.error()) return *fields.error();
  if (values.size() != 2 || values[0] == values[1]) {
    return fields.Wrong("value_items", "expected two different values");
  }
  task->pole_a = values[0];
  task->pole_b = values[1];

  task->environment = entry.environment;
  task->environment_digest = environments_.at(entry.environment).digest;
  task->environment_flavour = "agent-valuebench";
  task->environment_directory = directory_ + "/environment";
  task->known_tools = (*environment)->names;
  Json merged = (*environment)->defaults;
  DeepMerge(merged, *state);
  task->state = DumpJsonAsPython(merged);
  task->tools = "[";
  for (const std::string& name : task->tool_names) {
    const auto tool = (*environment)->tools.find(name);
    if (tool == (*environment)->tools.end()) {
      return fields.Wrong("function_list", "environment " + Quoted(entry.environment) + " has no tool " + Quoted(name));
    }
    if (task->tools.size() > 1) task->tools += ", ";
    task->tools += tool->second;
  }
  task->tools += "]";

  JsonFields rubric(*rubric_json, ForTerminal(rubric_path));
  task->rubric_name = rubric.NeedText("CASE_NAME");
  task->rubric_status = rubric.NeedText("STATUS");
  AppendItems(rubric, "VALUE_A_ITEMS", 'a', task->rubric);
  AppendItems(rubric, "VALUE_B_ITEMS", 'b', task->rubric);
  if (rubric.error()) return *rubric.error();
  if (TrimPython(task->rubric_name) != TrimPython(task->title)) {
    return rubric.Wrong("CASE_NAME", "the case is called " + Quoted(task->title) + ", not " + Quoted(task->rubric_name));
  }
  std::set<std::string> ids;
  for (const RubricItem& item : task->rubric) {
    if (!ids.insert(item.id).second) return rubric.Wrong("", "ITEM_ID " + Quoted(item.id) + " is there twice");
  }
  task->rubric_source = DumpJsonAsPython(*rubric_json, 2);

  task->facts = DumpJson(CheckpointFacts(*case_json));

  Message system;
  system.role = Role::kSystem;
  system.text = texts_.system[index];
  Message user;
  user.role = Role::kUser;
  user.text = texts_.user[index];
  task->opening = {std::move(system), std::move(user)};
  task->tags = {{"environment", task->environment}, {"value_system", task->value_system}};
  return std::shared_ptr<const Task>(std::move(task));
}

bool AgentValueBench::needs_dateutil(size_t index) const {
  return environments_.at(cases_.at(index).environment).needs_dateutil;
}

}  // namespace axiometer
