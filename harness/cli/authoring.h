#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "tasks/environment_facts.h"
#include "tasks/suite.h"
#include "tasks/value_system.h"

// What the verbs share that write task files: the suite's folder, and options that name things by
// their keys.
namespace axiometer {

// A suite to write into.
struct SuiteTarget {
  std::string data_dir;
  bool is_new = true;  // there is no suite.yaml yet
  SuiteInfo info;      // of the file, or as it will be written
};

// A suite that is still to be written, named for its folder.
SuiteInfo NewSuiteInfo(const std::string& directory);

// The suite in `directory`, which need not exist. Error: a suite.yaml that cannot be read.
Result<SuiteTarget> FindSuiteTarget(const std::string& directory);

// The systems that a suite's tasks may name; its own folder and the program's.
std::vector<std::string> ValueSystemsFor(const SuiteTarget& target);
// Likewise environments.
std::vector<std::string> EnvironmentsFor(const SuiteTarget& target);

// As typed, else the suite's own; sets the target's default where the suite is new. Usage errors
// list what there is.
Result<ValueSystem> ValueSystemOption(const std::string& typed, SuiteTarget& target);
Result<EnvironmentFacts> EnvironmentOption(const std::string& typed, SuiteTarget& target,
                                           std::string& name);
// "a,b", two different dimensions of the system.
Result<std::pair<std::string, std::string>> PolesOption(const std::string& typed,
                                                        const ValueSystem& system);
// The stem of a new task's file: as typed, else task-1, task-2, …, the first that is free.
Result<std::string> StemOption(const std::string& typed, const SuiteTarget& target);

// "word, word, word".
std::string Listed(const std::vector<std::string>& words);

// A suite.yaml for `info` that says what is still missing.
std::string SuiteYaml(const SuiteInfo& info);

// Writes `text` as STEM.yaml into the suite; makes the folder and suite.yaml where they are new,
// and puts task.schema.json beside them for editors. The text is read first: an error leaves
// nothing behind.
Result<std::string> WriteTask(const SuiteTarget& target, const std::string& stem,
                              const std::string& text);

// The line by which an editor finds the schema, with its line feed.
inline constexpr char kSchemaLine[] = "# yaml-language-server: $schema=./task.schema.json\n";

}  // namespace axiometer
