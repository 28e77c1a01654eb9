#include <algorithm>
#include <filesystem>

#include "harness/base/utf8.h"
#include "tasks/valueprism.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kValueprismPublished =
    "the data set is published as allenai/ValuePrism at huggingface.co, behind its licence terms";
constexpr const char* kSplits[] = {"train", "val", "test"};
constexpr ValuePrismTask kTasks[] = {ValuePrismTask::kRelevance, ValuePrismTask::kValence,
                                     ValuePrismTask::kExplanation, ValuePrismTask::kGeneration};

// Those that are asked for, or may be found.
std::vector<ValuePrismTask> TasksOf(const ValuePrismWanted& wanted) {
  if (!wanted.tasks.empty()) return wanted.tasks;
  std::vector<ValuePrismTask> tasks(std::begin(kTasks), std::end(kTasks));
  if (wanted.labels_only) tasks = {ValuePrismTask::kRelevance, ValuePrismTask::kValence};
  return tasks;
}

// The layouts that a task can be read from, the best first.
std::vector<ValuePrismLayout> LayoutsOf(ValuePrismTask task) {
  switch (task) {
    case ValuePrismTask::kRelevance:
      return {ValuePrismLayout::kRelevance, ValuePrismLayout::kMixture};
    case ValuePrismTask::kValence:
      return {ValuePrismLayout::kValence, ValuePrismLayout::kFull, ValuePrismLayout::kMixture};
    case ValuePrismTask::kExplanation:
      return {ValuePrismLayout::kExplanation, ValuePrismLayout::kFull, ValuePrismLayout::kMixture};
    case ValuePrismTask::kGeneration:
      return {ValuePrismLayout::kGenerative, ValuePrismLayout::kFull, ValuePrismLayout::kMixture,
              ValuePrismLayout::kVital};
  }
  return {};
}

bool Holds(ValuePrismLayout layout, ValuePrismTask task) {
  const std::vector<ValuePrismLayout> layouts = LayoutsOf(task);
  return std::find(layouts.begin(), layouts.end(), layout) != layouts.end();
}

// Whether the tables of this layout come in three splits.
bool IsSplit(ValuePrismLayout layout) {
  return layout != ValuePrismLayout::kFull && layout != ValuePrismLayout::kVital;
}

bool IsJson(const fs::path& path) {
  return path.extension() == ".json" || path.extension() == ".jsonl";
}

// Files of a folder, by name.
std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    if (fs::is_regular_file(entry.path(), ignored)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string IdSplit(ValuePrismLayout layout, const std::string& split) {
  switch (layout) {
    case ValuePrismLayout::kFull:
      return "full";
    case ValuePrismLayout::kVital:
      return "vital";
    case ValuePrismLayout::kMixture:
      return "mixture-" + split;
    default:
      return split;
  }
}

// The one table of a layout in `folder`, with its other splits. Empty `file`: there is none.
Result<ValuePrismFile> TableIn(const fs::path& folder, ValuePrismLayout layout,
                               const std::string& split) {
  ValuePrismFile found;
  found.layout = layout;
  found.split = IdSplit(layout, split);
  for (const fs::path& path : FilesIn(folder)) {
    const std::string name = path.filename().string();
    if (layout == ValuePrismLayout::kVital ? !IsJson(path) : path.extension() != ".csv") continue;
    std::string of;
    for (const char* known : kSplits) {
      if (name.ends_with(std::string(known) + ".csv")) of = known;
    }
    const bool is_wanted = !IsSplit(layout) || of == split;
    if (!is_wanted) {
      if (!of.empty()) found.others.emplace_back(of, path.string());
      continue;
    }
    if (!found.file.empty()) {
      return BadInput(
          ForTerminal(folder.string()),
          "two files for one table: " + fs::path(found.file).filename().string() + " and " + name,
          "name one of them with --data");
    }
    found.file = path.string();
  }
  return found;
}

// Where the folder of a layout lies.
fs::path FolderOf(const fs::path& root, ValuePrismLayout layout) {
  const fs::path named = root.filename().empty() ? root.parent_path() : root;
  if (named.filename() == ValuePrismLayoutName(layout)) return named;
  std::error_code ignored;
  if (const fs::path inside = root / "data" / ValuePrismLayoutName(layout);
      fs::is_directory(inside, ignored)) {
    return inside;
  }
  return root / ValuePrismLayoutName(layout);
}

std::string WhatIsMissing(const fs::path& root, ValuePrismTask task,
                          const ValuePrismWanted& wanted) {
  const ValuePrismLayout layout = wanted.layout.value_or(LayoutsOf(task).front());
  const std::string name = ValuePrismLayoutName(layout);
  const std::string file = layout == ValuePrismLayout::kVital ? "*.json"
                           : IsSplit(layout)                  ? "*" + wanted.split + ".csv"
                                                              : "*.csv";
  std::error_code ignored;
  const bool there = fs::is_directory(FolderOf(root, layout), ignored);
  return std::string("nothing to read ") + ValuePrismTaskName(task) + " from: " +
         (there ? "the folder " + name + " holds no file " + file
                : "no folder " + name + " with a file " + file);
}

Result<std::vector<ValuePrismFile>> OneFile(const fs::path& path, const ValuePrismWanted& wanted) {
  ValuePrismFile file;
  file.file = path.string();
  std::optional<ValuePrismLayout> layout = wanted.layout;
  if (!layout && IsJson(path)) layout = ValuePrismLayout::kVital;
  if (!layout) layout = ValuePrismLayoutFromName(path.parent_path().filename().string());
  if (!layout) {
    return UsageError(
        "-T layout",
        "which table " + path.filename().string() + " is cannot be seen from where it lies",
        "name it: relevance, valence, explanation, generative, full, mixture or vital");
  }
  file.layout = *layout;
  std::string split = wanted.split;
  for (const char* known : kSplits) {
    if (path.filename().string().ends_with(std::string(known) + ".csv")) split = known;
  }
  if (IsSplit(*layout) && split != wanted.split && !wanted.split.empty() &&
      wanted.split != "test") {
    return UsageError("-T split", "--data names the split " + split + ", not " + wanted.split);
  }
  file.split = IdSplit(*layout, split);
  for (const ValuePrismTask task : TasksOf(wanted)) {
    if (Holds(*layout, task)) {
      file.tasks.push_back(task);
    } else if (!wanted.tasks.empty()) {
      return UsageError("-T task", std::string("a table of the layout ") +
                                       ValuePrismLayoutName(*layout) + " holds no " +
                                       ValuePrismTaskName(task));
    }
  }
  if (file.tasks.empty()) {
    return UsageError("-T task", std::string("a table of the layout ") +
                                     ValuePrismLayoutName(*layout) +
                                     " holds neither relevance nor valence");
  }
  return std::vector<ValuePrismFile>{std::move(file)};
}

}  // namespace

Result<std::vector<ValuePrismFile>> FindValuePrism(const std::string& path,
                                                   const ValuePrismWanted& wanted) {
  const fs::path root = fs::absolute(path).lexically_normal();
  std::error_code error;
  if (fs::is_regular_file(root, error)) return OneFile(root, wanted);
  if (!fs::is_directory(root, error))
    return UsageError(ForTerminal(path), "no such file or folder", kValueprismPublished);
  const bool all = wanted.tasks.empty();
  std::vector<ValuePrismFile> files;
  for (const ValuePrismTask task : TasksOf(wanted)) {
    std::vector<ValuePrismLayout> layouts = LayoutsOf(task);
    if (wanted.layout) {
      const bool holds = Holds(*wanted.layout, task);
      if (!holds && !all) {
        return UsageError("-T task", std::string("a table of the layout ") +
                                         ValuePrismLayoutName(*wanted.layout) + " holds no " +
                                         ValuePrismTaskName(task));
      }
      layouts = holds ? std::vector{*wanted.layout} : std::vector<ValuePrismLayout>();
    }
    bool found = false;
    for (const ValuePrismLayout layout : layouts) {
      Result<ValuePrismFile> table = TableIn(FolderOf(root, layout), layout, wanted.split);
      if (!table) return std::move(table).error();
      if (table->file.empty()) continue;
      const auto known = std::find_if(files.begin(), files.end(), [&](const ValuePrismFile& file) {
        return file.file == table->file;
      });
      ValuePrismFile& file = known == files.end() ? files.emplace_back(std::move(*table)) : *known;
      file.tasks.push_back(task);
      found = true;
      break;
    }
    if (!found && !all)
      return BadInput(ForTerminal(root.string()), WhatIsMissing(root, task, wanted), kValueprismPublished);
  }
  if (files.empty()) {
    return BadInput(ForTerminal(root.string()),
                    "no table of ValuePrism: no folder relevance, valence, explanation, generative "
                    "or mixture with a file *" +
                        wanted.split + ".csv, and no folder full",
                    kValueprismPublished);
  }
  return files;
}

}  // namespace axiometer
