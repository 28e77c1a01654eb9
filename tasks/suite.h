#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "tasks/dilemma_form.h"
#include "tasks/environment_facts.h"
#include "tasks/task.h"
#include "tasks/task_file.h"

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

// Error: a mistake in suite.yaml; a file that looks like a task but would be passed over; no task file, unless
// `may_be_empty`.
Result<SuiteInfo> ReadSuiteInfo(const std::string& directory, bool may_be_empty = false);

// The built-in suites, by name. `data_dir`: see DataDir().
Result<std::vector<SuiteInfo>> ListSuites(const std::string& data_dir);

// The folder of a built-in suite's name, or of a path that holds a suite.yaml. The error offers the
// nearest name; a usage error, since it names what the user typed.
Result<std::string> FindSuite(const std::string& name_or_path, const std::string& data_dir);

struct SuiteContext {
  std::string data_dir;
  EnvironmentLookup environment;
  std::optional<TaskForm> form;  // in which the tasks are put; absent: their kind
  FormVariants variants;
  std::string stem;        // of the only task file that is read; empty: all
  bool any_kinds = false;  // without a form: files may be of different kinds. For looking at tasks; a run has one form
};

// The suite in `directory`, every wanted file read and checked; the first that is wrong is the error, as are files of
// different kinds where they have to be alike. Protocol "axiometer".
Result<std::unique_ptr<TaskSource>> OpenSuite(const std::string& directory, const SuiteContext& context);

// What the files of the suite that `info` describes inherit from it; suite.yaml is not read. Error:
// a file of the program's own cannot be read.
Result<TaskFileContext> TaskFileContextOf(const SuiteInfo& info, const SuiteContext& context);

// Every file of a suite, as far as it can be read.
struct SuiteDocuments {
  SuiteInfo info;
  std::vector<TaskDocument> tasks;  // in the order of their stems
  std::vector<Error> problems;      // the first error of each of the other files
};
Result<SuiteDocuments> ReadSuiteDocuments(const std::string& directory, const SuiteContext& context);

// The first error of suite.yaml and of each task file in the wanted form or else its kind; empty if all is well.
std::vector<Error> SuiteProblems(const std::string& directory, const SuiteContext& context);

// SHA-256 over the suite's content: suite.yaml, the task files, its own value systems and environments, by name and
// bytes. Not over a task.schema.json, which is a help to editors, nor files whose names begin with a dot.
Result<std::string> SuiteContentDigest(const std::string& directory);

}  // namespace axiometer
