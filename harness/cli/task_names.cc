#include "harness/cli/task_names.h"

#include <filesystem>
#include <optional>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/cli/subject.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

// The form in "suite/form/stem/variant"; nullopt: the name is no such id.
std::optional<std::string> FormInId(const std::string& name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const bool is_id =
      parts.size() == 4 && !parts[0].empty() && parts[0].front() != '.' &&
      (parts[1] == TaskFormName(TaskForm::kChoice) || parts[1] == TaskFormName(TaskForm::kSurvey));
  return is_id ? std::optional(parts[1]) : std::nullopt;
}

bool IsSuiteFolder(const std::string& name) {
  return access((name + "/suite.yaml").c_str(), F_OK) == 0;
}

// FOLDER/STEM or FOLDER/STEM.yaml of a file that is there; nullopt: no such.
Result<std::optional<TaskName>> TaskInFolder(const std::string& name) {
  fs::path path = name;
  if (path.extension() != ".yaml") path += ".yaml";
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  std::error_code ignored;
  if (path.filename() == "suite.yaml" || !fs::is_regular_file(path, ignored) ||
      !IsSuiteFolder(folder)) {
    return std::optional<TaskName>();
  }
  const Result<SuiteInfo> info = ReadSuiteInfo(folder);
  if (!info) return info.error();
  TaskName task;
  task.suite = folder;
  task.id = info->name + "/" + path.stem().string();
  return std::optional(task);
}

}  // namespace

Result<TaskName> ReadTaskName(const std::string& name) {
  TaskName whole;
  whole.suite = name;
  if (IsSuiteFolder(name)) return whole;
  Result<std::optional<TaskName>> in_folder = TaskInFolder(name);
  if (!in_folder) return in_folder.error();
  if (*in_folder) return std::move(**in_folder);
  const size_t slash = name.find('/');
  const bool splits =
      slash != std::string::npos && slash > 0 && slash + 1 < name.size() && name.front() != '.';
  if (!splits) return whole;
  TaskName task;
  task.suite = name.substr(0, slash);
  task.id = name;
  const bool one_slash = name.find('/', slash + 1) == std::string::npos;
  return one_slash || FindBenchmark(task.suite) != nullptr || FormInId(name) ? task : whole;
}

std::string StemOf(const TaskName& name) {
  if (name.id.empty() || FindBenchmark(name.suite) != nullptr) return "";
  const size_t slash = name.id.find('/');
  const std::string rest = name.id.substr(slash + 1);
  if (!FormInId(name.id)) return rest;
  const size_t form = rest.find('/') + 1;
  return rest.substr(form, rest.find('/', form) - form);
}

Result<OpenedSuite> OpenNamedSuite(const TaskName& name, const TaskOptions& options) {
  SuiteRequest request;
  request.name = name.suite;
  request.data = options.data;
  request.python = options.python;
  request.sandbox = options.sandbox;
  Result<std::map<std::string, std::string>> arguments =
      ParseArguments(options.task_arguments, "-T");
  if (!arguments) return std::move(arguments).error();
  request.arguments = std::move(*arguments);
  request.stem = StemOf(name);
  request.any_kinds = true;
  // An id says which form and variant it is of.
  if (const auto form = FormInId(name.id); form && request.arguments.empty()) {
    request.arguments = {{"form", *form}, {"wordings", "all"}};
    if (*form == TaskFormName(TaskForm::kChoice)) request.arguments["labels"] = "both";
  }
  return OpenSuiteByName(request);
}

Result<std::vector<std::shared_ptr<const Task>>> TasksNamed(const TaskSource& tasks,
                                                            const std::string& id) {
  const size_t slash = id.find('/');
  const std::string stem = slash == std::string::npos ? id : id.substr(slash + 1);
  std::vector<std::shared_ptr<const Task>> found;
  std::vector<std::string> ids;
  for (size_t i = 0; i < tasks.refs().size(); ++i) {
    const std::string& known = tasks.refs()[i].id;
    ids.push_back(known);
    if (known != id && tasks.protocol() != "axiometer") continue;
    Result<std::shared_ptr<const Task>> task = tasks.Load(i);
    if (!task) return std::move(task).error();
    const auto dilemma = (*task)->tags.find(kDilemmaTag);
    const bool of_dilemma = dilemma != (*task)->tags.end() && dilemma->second == stem;
    if (known == id || of_dilemma) found.push_back(std::move(*task));
  }
  if (!found.empty()) return found;
  return UsageError("", "unknown task " + Quoted(id), DidYouMean(id, ids));
}

}  // namespace axiometer
