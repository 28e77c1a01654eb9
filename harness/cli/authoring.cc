#include "harness/cli/authoring.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "environments/catalog.h"
#include "harness/base/data_dir.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_writer.h"
#include "harness/cli/output_file.h"
#include "harness/cli/suites.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr char kStemLetters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
constexpr int kMostTasks = 100'000;

// The folder's name as a suite may be called.
std::string SuiteNameOf(const std::string& directory) {
  std::error_code ignored;
  fs::path path = fs::absolute(directory, ignored).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::string name;
  for (const char c : LowerAscii(path.filename().string())) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (good) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "suite" : name;
}

std::vector<std::string> ValueSystemFolders(const SuiteTarget& target) {
  return {target.info.directory + "/value_systems", target.data_dir + "/tasks/value_systems"};
}

Result<void> WriteWhole(const std::string& path, const std::string& text) {
  OutputFile file(path);
  const Result<void> written = file.Write(text);
  return written ? file.Keep() : written;
}

}  // namespace

SuiteInfo NewSuiteInfo(const std::string& directory) {
  SuiteInfo info;
  info.directory = directory;
  info.name = info.title = SuiteNameOf(directory);
  info.description = "What these tasks have in common, and for whom they are.";
  info.version = "0.1";
  return info;
}

Result<SuiteTarget> FindSuiteTarget(const std::string& directory) {
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  SuiteTarget target;
  target.data_dir = std::move(*data_dir);
  std::string folder = directory;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    return UsageError("--suite", Quoted(folder) + " is no folder");
  }
  target.is_new = !fs::exists(folder + "/suite.yaml", ignored);
  if (!target.is_new) {
    Result<SuiteInfo> info = ReadSuiteInfo(folder, true);
    if (!info) return std::move(info).error();
    target.info = std::move(*info);
    return target;
  }
  target.info = NewSuiteInfo(folder);
  return target;
}

std::vector<std::string> ValueSystemsFor(const SuiteTarget& target) {
  std::vector<std::string> names;
  for (const std::string& folder : ValueSystemFolders(target)) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> EnvironmentsFor(const SuiteTarget& target) {
  std::vector<std::string> names = ListCatalog(target.data_dir + "/environments/catalog");
  for (const std::string& name : ListCatalog(target.info.directory + "/environments"))
    names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string Listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Result<ValueSystem> ValueSystemOption(const std::string& typed, SuiteTarget& target) {
  const std::vector<std::string> known = ValueSystemsFor(target);
  const std::string key = typed.empty() ? target.info.value_system : typed;
  if (key.empty())
    return UsageError("--value-system", "which one is missing", "there are " + Listed(known));
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    return UsageError("--value-system", "unknown value system " + Quoted(key),
                      DidYouMean(key, known, "there are " + Listed(known)));
  }
  Result<ValueSystem> system = FindValueSystem(key, ValueSystemFolders(target));
  if (system && target.is_new) target.info.value_system = key;
  return system;
}

Result<EnvironmentFacts> EnvironmentOption(const std::string& typed, SuiteTarget& target,
                                           std::string& name) {
  const std::vector<std::string> known = EnvironmentsFor(target);
  name = typed.empty() ? target.info.environment : typed;
  if (name.empty())
    return UsageError("--environment", "which one is missing", "there are " + Listed(known));
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    return UsageError("--environment", "unknown environment " + Quoted(name),
                      DidYouMean(name, known, "there are " + Listed(known)));
  }
  Result<EnvironmentFacts> facts =
      ContextOf(target.data_dir).environment(name, target.info.directory);
  if (facts && target.is_new) target.info.environment = name;
  return facts;
}

Result<std::pair<std::string, std::string>> PolesOption(const std::string& typed,
                                                        const ValueSystem& system) {
  const std::string there_are = "the dimensions of " + system.key + " are " + Listed(system.keys());
  if (typed.empty())
    return UsageError("--poles", "the two poles are missing", "name A,B; " + there_are);
  const size_t comma = typed.find(',');
  if (comma == std::string::npos || typed.find(',', comma + 1) != std::string::npos) {
    return UsageError("--poles", "expected two dimensions such as A,B, got " + Quoted(typed),
                      there_are);
  }
  std::pair<std::string, std::string> poles{TrimPython(std::string_view(typed).substr(0, comma)),
                                            TrimPython(std::string_view(typed).substr(comma + 1))};
  for (const std::string& pole : {poles.first, poles.second}) {
    if (system.Find(pole) != nullptr) continue;
    return UsageError("--poles", Quoted(pole) + " is no dimension of " + Quoted(system.key),
                      DidYouMean(pole, system.keys(), there_are));
  }
  if (poles.first == poles.second)
    return UsageError("--poles", "both poles are " + Quoted(poles.first), there_are);
  return poles;
}

Result<std::string> StemOption(const std::string& typed, const SuiteTarget& target) {
  const auto is_taken = [&](const std::string& stem) {
    std::error_code ignored;
    return fs::exists(target.info.directory + "/" + stem + ".yaml", ignored);
  };
  if (typed.empty()) {
    for (int i = 1; i < kMostTasks; ++i) {
      const std::string stem = "task-" + std::to_string(i);
      if (!is_taken(stem)) return stem;
    }
    return UsageError("--id", "which one is missing", "name it");
  }
  if (typed.find_first_not_of(kStemLetters) != std::string::npos || typed.front() == '.' ||
      typed == "suite") {
    return UsageError("--id", Quoted(typed) + " is no name for a task",
                      "use letters, digits, \"-\", \"_\" and \".\", and not suite");
  }
  if (is_taken(typed)) {
    return UsageError("--id", "the suite has a task " + Quoted(typed) + " already",
                      "choose another name, or edit it");
  }
  return typed;
}

std::string SuiteYaml(const SuiteInfo& info) {
  Json json = {{"name", info.name},
               {"title", info.title},
               {"description", info.description + "\n"},
               {"version", info.version}};
  if (!info.value_system.empty()) json["value_system"] = info.value_system;
  if (!info.environment.empty()) json["environment"] = info.environment;
  return WriteYaml(json) +
         "# What whoever uses the suite has to know; `axiometer suite check` says what is "
         "missing:\n"
         "# licence: CC-BY-4.0\n"
         "# authors: [Your Name]\n"
         "# citation: How papers should cite the suite.\n";
}

Result<std::string> WriteTask(const SuiteTarget& target, const std::string& stem,
                              const std::string& text) {
  const std::string& directory = target.info.directory;
  std::string path = directory + "/" + stem + ".yaml";
  Result<TaskFileContext> context = TaskFileContextOf(target.info, ContextOf(target.data_dir));
  if (!context) return std::move(context).error();
  const Result<TaskDocument> read = ReadTaskText(text, path, *context);
  if (!read) return read.error();
  const Result<std::string> schema =
      ReadFile(target.data_dir + "/tasks/task.schema.json", 1u << 20);
  if (!schema) return schema.error();
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return Failed(ForTerminal(directory), "cannot be made: " + error.message());
  if (target.is_new) {
    const Result<void> head = WriteWhole(directory + "/suite.yaml", SuiteYaml(target.info));
    if (!head) return head.error();
  }
  const Result<void> help = WriteWhole(directory + "/task.schema.json", *schema);
  if (!help) return help.error();
  const Result<void> task = WriteWhole(path, text);
  if (!task) return task.error();
  return path;
}

}  // namespace axiometer
