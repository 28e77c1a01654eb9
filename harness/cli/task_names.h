#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/cli/options.h"
#include "harness/cli/suites.h"

namespace axiometer {

// What a word on the command line names: a suite, or a task of one.
struct TaskName {
  std::string suite;  // its name, a benchmark's, or a folder
  std::string id;  // "suite/stem", of a benchmark or a form with more parts; empty: the whole suite
};

// SUITE, FOLDER, SUITE/STEM, FOLDER/STEM or FOLDER/STEM.yaml; an id of a benchmark's task or of a
// dilemma's variant. FOLDER is taken for one if it has a suite.yaml. Error: that file cannot be
// read.
Result<TaskName> ReadTaskName(const std::string& name);

// Of the file of a task of our own suites: "stem" of "suite/stem" and "suite/form/stem/variant"; empty: of another's,
// or of a whole suite.
std::string StemOf(const TaskName& name);

// The suite of `name`, or of a task's name its file alone, in the form and with the variants that its id tells.
Result<OpenedSuite> OpenNamedSuite(const TaskName& name, const TaskOptions& options);

// The task of this id, or all variants of the dilemma that it names; an error that offers the
// nearest id.
Result<std::vector<std::shared_ptr<const Task>>> TasksNamed(const TaskSource& tasks,
                                                            const std::string& id);

}  // namespace axiometer
