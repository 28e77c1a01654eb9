#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "tasks/dilemma_form.h"
#include "tasks/environment_facts.h"
#include "tasks/task.h"

namespace axiometer {

// The head of a suite: its suite.yaml.
struct SuiteInfo {
  std::string directory;
  std::string name;
  std::string title;
  std::string description;
  std::string version;
  std::string value_system;  // default of the tasks; may be empty
  std::string environment;   // default of the tasks; may be empty
  std::string licence;
  std::vector<std::string> authors;
  std::string citation;
  std::vector<std::string> files;  // stems of the task files, sorted
};

Result<SuiteInfo> ReadSuiteInfo(const std::string& directory);

// The built-in suites, by name. `data_dir`: see DataDir().
Result<std::vector<SuiteInfo>> ListSuites(const std::string& data_dir);

// The folder of a built-in suite's name, or of a path that holds a suite.yaml. The error offers the
// nearest name; a usage error, since it names what the user typed.
Result<std::string> FindSuite(const std::string& name_or_path, const std::string& data_dir);

struct SuiteContext {
  std::string data_dir;
  EnvironmentLookup environment;
  std::optional<TaskForm> form;  // in which the tasks are put; absent: the kind of the first file
  FormVariants variants;
};

// The suite in `directory`, every file read and checked; the first that is wrong is the error.
// All tasks are of one form, which every file has to have. Protocol "axiometer".
Result<std::unique_ptr<TaskSource>> OpenSuite(const std::string& directory, const SuiteContext& context);

// The first error of suite.yaml and of each task file; empty if all is well.
std::vector<Error> SuiteProblems(const std::string& directory, const SuiteContext& context);

}  // namespace axiometer
