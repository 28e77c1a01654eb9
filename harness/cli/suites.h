#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "environments/host.h"
#include "harness/base/result.h"
#include "judges/judge.h"
#include "tasks/suite.h"
#include "tasks/task.h"

namespace axiometer {

// What a suite's name on the command line stands for.
struct SuiteRequest {
  std::string name;          // built-in suite, benchmark, or folder
  std::string data;          // --data
  std::map<std::string, std::string> arguments;  // -T
  std::string model;         // the subject's model name: decides a schema family
  bool allow_modified = false;
  std::string judge_prompt;  // file; empty: ours
  std::string python;
  std::string sandbox;
  std::string skill;  // name of the skill that the subject gets; empty: none
  // Of our own suites: the only task file that is read (empty: all); whether files may be of different kinds.
  std::string stem;
  bool any_kinds = false;
};

// A suite ready to be run: its tasks and its judge's protocol.
struct OpenedSuite {
  std::unique_ptr<TaskSource> tasks;
  std::unique_ptr<Judge> judge;  // that the user's --judge models play; null: the suite needs none
  // Judges that never ask a model, each seated under the name of its protocol.
  std::vector<std::unique_ptr<Judge>> rules;
  std::vector<std::string> directories;  // that its environments need; empty: no task has one
  std::string data;                      // folder of a published benchmark, absolute; empty: none
  // Whether what the tasks at these places need is installed; an error says what is not. May be empty.
  std::function<Result<void>(const std::vector<size_t>& indexes)> check_needs;
  std::vector<std::string> differences;  // of the data from what was published
  // -T in full, defaults filled in: part of the run's identity.
  std::map<std::string, std::string> arguments;
  // The protocol's own settings of the subject; what the user says is laid over them, but for
  // parallel_tool_calls, which goes before the user's.
  Generation generation;
  // Members of its requests beyond those, as with -M; for endpoints alone.
  std::map<std::string, std::string> model_arguments;
  // How the protocol announces the request's skill to the subject; empty: it does not, and the skill goes to
  // the end of the system message.
  std::string skill_block;
  std::string scaffold = "react_tools";
  std::vector<std::string> personas;  // of scripted/NAME, besides a, b, idle and random: "gold", an answer's key
  // Whether the settings above are those of a published evaluation, from which a run can depart.
  bool has_published_settings = true;
  int max_steps = 30;
  int epochs = 1;
};

// In what a run of a published benchmark differs from its protocol: data, settings, subject.
std::vector<std::string> Departures(const OpenedSuite& suite, const RunSpec& spec);

// A built-in suite, a benchmark (harness/cli/benchmarks.h) or a folder with a suite.yaml.
Result<OpenedSuite> OpenSuiteByName(const SuiteRequest& request);

// Environment lookup for suites of our own: the suite's folder `environments/`, then the catalog. What
// only its code knows of an environment is asked for in a sandbox of `options`.
SuiteContext ContextOf(const std::string& data_dir, const HostOptions& options = {});

// A view of some tasks of a source, which it owns.
std::unique_ptr<TaskSource> SelectFrom(std::unique_ptr<TaskSource> source, const std::vector<size_t>& indexes);

}  // namespace axiometer
