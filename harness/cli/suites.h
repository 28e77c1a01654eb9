#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "environments/host.h"
#include "harness/base/result.h"
#include "judges/judge.h"
#include "tasks/agent_valuebench.h"
#include "tasks/suite.h"
#include "tasks/task.h"

namespace axiometer {

// What a suite's name on the command line stands for.
struct SuiteRequest {
  std::string name;          // built-in suite, benchmark, or folder
  std::string data;          // --data
  std::string model;         // the subject's model name: decides a schema family
  bool allow_modified = false;
  std::string judge_prompt;  // file; empty: ours
  std::string python;
  std::string sandbox;
};

// A suite ready to be run: its tasks and its judge's protocol.
struct OpenedSuite {
  std::unique_ptr<TaskSource> tasks;
  std::unique_ptr<Judge> judge;
  std::vector<std::string> directories;  // that its environments need; empty: no task has one
  std::string data;                      // folder of a published benchmark, absolute; empty: none
  // Whether what the tasks at these places need is installed; an error says what is not. May be empty.
  std::function<Result<void>(const std::vector<size_t>& indexes)> check_needs;
  std::vector<std::string> differences;  // of the data from what was published
  // The protocol's own settings of the subject; parallel_tool_calls goes before the user's.
  Generation generation;
  int max_steps = 30;
};

// In what a run of a published benchmark differs from its protocol: data, settings, subject.
std::vector<std::string> Departures(const OpenedSuite& suite, const RunSpec& spec);

// Names of published benchmarks that `data` opens.
bool IsBenchmark(const std::string& name);

Result<OpenedSuite> OpenSuiteByName(const SuiteRequest& request);

// Environment lookup for suites of our own: the suite's folder `environments/`, then the catalog.
SuiteContext ContextOf(const std::string& data_dir);

// The checkout at `directory`, its texts rendered by its own code, confined.
Result<std::unique_ptr<AgentValueBench>> OpenAgentValueBench(const std::string& directory,
                                                             const std::string& model,
                                                             const HostOptions& host);

// A view of some tasks of a source, which it owns.
std::unique_ptr<TaskSource> SelectFrom(std::unique_ptr<TaskSource> source, const std::vector<size_t>& indexes);

}  // namespace axiometer
