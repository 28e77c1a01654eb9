#include "tasks/suite.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr char kNameCharacters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr char kStemCharacters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
constexpr size_t kMaxPromptBytes = 1u << 20;
constexpr size_t kMaxFileBytes = 16u << 20;  // of what a digest is taken
const std::string kSuiteKeys[] = {"name",    "title",   "description", "version", "value_system",
                                  "environment", "licence", "authors",     "citation"};

class Suite : public TaskSource {
 public:
  Suite(std::string name, std::vector<std::shared_ptr<const Task>> tasks)
      : name_(std::move(name)), tasks_(std::move(tasks)) {
    for (const auto& task : tasks_) refs_.push_back(TaskRef{task->id, task->digest});
  }
  const std::string& suite() const override { return name_; }
  const std::string& protocol() const override { return protocol_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override { return tasks_.at(index); }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  const std::string name_;
  const std::string protocol_ = "axiometer";
  const std::vector<std::shared_ptr<const Task>> tasks_;
  std::vector<TaskRef> refs_;
  const std::vector<std::string> notes_;
};

// The stems of the task files. A file that looks like one but would be passed over is an error.
Result<std::vector<std::string>> TaskFiles(const std::string& directory, bool may_be_empty) {
  std::vector<std::string> stems;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const fs::path& path = entry.path();
    if (path.filename().string().front() == '.') continue;
    if (path.extension() == ".yml") {
      return BadInput(ForTerminal(path.string()), "task files end in .yaml", "rename it");
    }
    if (path.extension() != ".yaml" || path.filename() == "suite.yaml") continue;
    const std::string stem = path.stem().string();
    if (stem.find_first_not_of(kStemCharacters) != std::string::npos) {
      return BadInput(ForTerminal(path.string()),
                      "the name of a task file may hold letters, digits, \"-\", \"_\" and \".\" only", "rename it");
    }
    stems.push_back(stem);
  }
  if (error) return BadInput(ForTerminal(directory), "cannot be listed: " + error.message());
  if (stems.empty() && !may_be_empty) return BadInput(ForTerminal(directory), "the suite has no task file", "add NAME.yaml beside suite.yaml");
  std::sort(stems.begin(), stems.end());
  return stems;
}

struct Opened {
  SuiteInfo info;
  TaskFileContext context;
};

// Environments are looked up once each, not once a task.
EnvironmentLookup Remembering(EnvironmentLookup lookup) {
  auto found = std::make_shared<std::map<std::string, EnvironmentFacts>>();
  return [found, lookup](const std::string& name, const std::string& directory) -> Result<EnvironmentFacts> {
    if (const auto known = found->find(name); known != found->end()) return known->second;
    Result<EnvironmentFacts> facts = lookup(name, directory);
    if (facts) found->emplace(name, *facts);
    return facts;
  };
}

Result<Opened> OpenContext(const std::string& directory, const SuiteContext& context) {
  Result<SuiteInfo> info = ReadSuiteInfo(directory);
  if (!info) return info.error();
  Result<TaskFileContext> inherited = TaskFileContextOf(*info, context);
  if (!inherited) return inherited.error();
  Opened opened;
  opened.info = std::move(*info);
  opened.context = std::move(*inherited);
  return opened;
}

std::string PathOf(const SuiteInfo& info, const std::string& stem) {
  return info.directory + "/" + stem + ".yaml";
}

// Which task files are read.
Result<std::vector<std::string>> WantedFiles(const SuiteInfo& info, const std::string& stem) {
  if (stem.empty()) return info.files;
  if (std::find(info.files.begin(), info.files.end(), stem) != info.files.end()) return std::vector<std::string>{stem};
  std::vector<std::string> ids;
  for (const std::string& file : info.files) ids.push_back(info.name + "/" + file);
  const std::string id = info.name + "/" + stem;
  return UsageError("", "unknown task " + Quoted(id), DidYouMean(id, ids));
}

}  // namespace

Result<SuiteInfo> ReadSuiteInfo(const std::string& directory, bool may_be_empty) {
  const Result<YamlView> view = YamlView::Load(directory + "/suite.yaml");
  if (!view) return view.error();
  YamlFields fields(*view, kSuiteKeys);
  SuiteInfo info;
  info.directory = directory;
  info.name = fields.NeedText("name");
  info.title = fields.NeedText("title");
  info.description = TrimPython(fields.NeedText("description"));
  info.version = fields.NeedText("version");
  info.value_system = fields.TextOr("value_system", "");
  info.environment = fields.TextOr("environment", "");
  info.licence = fields.TextOr("licence", "");
  info.authors = fields.TextsOr("authors");
  info.citation = fields.TextOr("citation", "");
  if (fields.error()) return *fields.error();
  if (info.name.find_first_not_of(kNameCharacters) != std::string::npos) {
    return fields.Find("name")->Unexpected("lower-case letters, digits and \"-\"");
  }
  Result<std::vector<std::string>> files = TaskFiles(directory, may_be_empty);
  if (!files) return files.error();
  info.files = std::move(*files);
  return info;
}

Result<std::vector<SuiteInfo>> ListSuites(const std::string& data_dir) {
  std::vector<std::string> directories;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(data_dir + "/tasks/suites", error)) {
    if (fs::exists(entry.path() / "suite.yaml")) directories.push_back(entry.path().string());
  }
  std::sort(directories.begin(), directories.end());
  std::vector<SuiteInfo> suites;
  for (const std::string& directory : directories) {
    Result<SuiteInfo> info = ReadSuiteInfo(directory);
    if (!info) return info.error();
    suites.push_back(std::move(*info));
  }
  return suites;
}

Result<std::string> FindSuite(const std::string& name_or_path, const std::string& data_dir) {
  std::error_code ignored;
  const bool is_path = name_or_path.find('/') != std::string::npos;
  if (!is_path) {
    const fs::path built_in = fs::path(data_dir) / "tasks" / "suites" / name_or_path;
    if (!name_or_path.empty() && fs::exists(built_in / "suite.yaml", ignored)) return built_in.string();
  }
  if (fs::exists(fs::path(name_or_path) / "suite.yaml", ignored)) {
    std::string directory = name_or_path;
    while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
    return directory;
  }
  if (fs::is_directory(name_or_path, ignored)) {
    return UsageError(ForTerminal(name_or_path), "the folder has no suite.yaml",
                      "name the folder of a suite, or a built-in suite");
  }
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(data_dir + "/tasks/suites", ignored)) {
    if (fs::exists(entry.path() / "suite.yaml", ignored)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return UsageError("", "unknown suite " + Quoted(name_or_path),
                    DidYouMean(name_or_path, names, "built in: " + all + "; or the path of a folder with a suite.yaml"));
}

Result<std::unique_ptr<TaskSource>> OpenSuite(const std::string& directory, const SuiteContext& context) {
  Result<Opened> opened = OpenContext(directory, context);
  if (!opened) return opened.error();
  const Result<std::vector<std::string>> files = WantedFiles(opened->info, context.stem);
  if (!files) return files.error();
  std::vector<std::shared_ptr<const Task>> tasks;
  for (const std::string& stem : *files) {
    Result<std::vector<Task>> read = ReadTaskFile(PathOf(opened->info, stem), opened->context);
    if (!read) return read.error();
    if (!tasks.empty() && !context.any_kinds && tasks.front()->kind != read->front().kind) {
      return UsageError(ForTerminal(directory),
                        "its tasks are of different kinds: " + files->front() + ".yaml is of kind " + TaskKindName(tasks.front()->kind) +
                            ", " + stem + ".yaml of kind " + TaskKindName(read->front().kind),
                        "put all in a form that each of them has, with -T form=choice or -T form=survey, or keep each kind in a suite of its own");
    }
    for (Task& task : *read) tasks.push_back(std::make_shared<const Task>(std::move(task)));
  }
  return std::unique_ptr<TaskSource>(std::make_unique<Suite>(opened->info.name, std::move(tasks)));
}

Result<TaskFileContext> TaskFileContextOf(const SuiteInfo& info, const SuiteContext& context) {
  const std::string prompt_path = context.data_dir + "/tasks/prompts/agent_system.txt";
  const Result<std::string> prompt = ReadFile(prompt_path, kMaxPromptBytes);
  if (!prompt) return prompt.error();
  TaskFileContext inherited;
  inherited.suite = info.name;
  inherited.suite_directory = info.directory;
  inherited.value_system = info.value_system;
  inherited.environment = info.environment;
  inherited.value_system_folders = {info.directory + "/value_systems",
                                    context.data_dir + "/tasks/value_systems"};
  inherited.lookup = Remembering(context.environment);
  inherited.system_prompt = TrimPython(*prompt);
  inherited.form = context.form;
  inherited.variants = context.variants;
  Result<FormTemplates> templates = ReadFormTemplates(context.data_dir);
  if (!templates) return templates.error();
  inherited.templates = std::move(*templates);
  return inherited;
}

Result<SuiteDocuments> ReadSuiteDocuments(const std::string& directory, const SuiteContext& context) {
  Result<Opened> opened = OpenContext(directory, context);
  if (!opened) return opened.error();
  SuiteDocuments documents;
  for (const std::string& stem : opened->info.files) {
    Result<TaskDocument> read = ReadTaskDocument(PathOf(opened->info, stem), opened->context);
    if (read) {
      documents.tasks.push_back(std::move(*read));
    } else {
      documents.problems.push_back(read.error());
    }
  }
  documents.info = std::move(opened->info);
  return documents;
}

Result<std::string> SuiteContentDigest(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  const auto add = [&](const std::string& folder, const std::vector<std::string>& endings) {
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(directory) / folder, error)) {
      const std::string name = entry.path().filename().string();
      const bool wanted = std::any_of(endings.begin(), endings.end(), [&](const std::string& ending) {
        return entry.path().extension() == ending;
      });
      if (name.front() != '.' && wanted && entry.is_regular_file()) {
        names.push_back(folder.empty() ? name : folder + "/" + name);
      }
    }
  };
  add("", {".yaml"});
  if (error) return BadInput(ForTerminal(directory), "cannot be listed: " + error.message());
  add("value_systems", {".yaml"});
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(directory) / "environments", error)) {
    if (entry.is_directory()) add("environments/" + entry.path().filename().string(), {".yaml", ".py"});
  }
  std::sort(names.begin(), names.end());
  Sha256Stream digest;
  for (const std::string& name : names) {
    const Result<std::string> text = ReadFile(directory + "/" + name, kMaxFileBytes);
    if (!text) return text.error();
    digest.Update(name + " " + Sha256(*text) + "\n");
  }
  return digest.Hex();
}

std::vector<Error> SuiteProblems(const std::string& directory, const SuiteContext& context) {
  Result<Opened> opened = OpenContext(directory, context);
  if (!opened) return {opened.error()};
  std::vector<Error> problems;
  for (const std::string& stem : opened->info.files) {
    const Result<std::vector<Task>> read =
        ReadTaskFile(PathOf(opened->info, stem), opened->context);
    if (!read) problems.push_back(read.error());
  }
  return problems;
}

}  // namespace axiometer
