#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/cli/task_names.h"
#include "harness/cli/task_text.h"
#include "harness/cli/verbs.h"

namespace axiometer {

Result<int> RunTaskList(const TaskOptions& options) {
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Json json = Json::array();
  if (options.names.empty()) {
    Result<std::vector<SuiteInfo>> suites = ListSuites(*data_dir);
    if (!suites) return std::move(suites).error();
    for (const SuiteInfo& suite : *suites) {
      json.push_back({{"suite", suite.name}, {"title", suite.title}, {"version", suite.version},
                      {"tasks", suite.files.size()}});
      if (!options.json) {
        std::printf("%-20s %3zu tasks  %s\n", suite.name.c_str(), suite.files.size(), ForTerminal(suite.title).c_str());
      }
    }
    for (const Benchmark& benchmark : Benchmarks()) {
      if (!options.json) std::printf("%-20s            --data: %s\n", benchmark.name, benchmark.data);
    }
  }
  for (const std::string& name : options.names) {
    TaskName whole;
    whole.suite = name;
    Result<OpenedSuite> suite = OpenNamedSuite(whole, options);
    if (!suite) return std::move(suite).error();
    for (size_t i = 0; i < suite->tasks->refs().size(); ++i) {
      Result<std::shared_ptr<const Task>> task = suite->tasks->Load(i);
      if (!task) return std::move(task).error();
      json.push_back({{"task", (*task)->id}, {"title", (*task)->title}, {"value_system", (*task)->value_system},
                      {"pole_a", (*task)->pole_a}, {"pole_b", (*task)->pole_b},
                      {"environment", (*task)->environment}});
      if (!options.json) {
        std::printf("%s  %s: %s / %s  (%s)\n", ForTerminal((*task)->id).c_str(),
                    ForTerminal((*task)->value_system).c_str(), ForTerminal((*task)->pole_a).c_str(),
                    ForTerminal((*task)->pole_b).c_str(), ForTerminal((*task)->environment).c_str());
      }
    }
  }
  if (options.json) std::printf("%s\n", DumpJson(json).c_str());
  return 0;
}

Result<int> RunTaskShow(const TaskOptions& options) {
  std::string records;
  for (const std::string& name : options.names) {
    const Result<TaskName> named = ReadTaskName(name);
    if (!named) return named.error();
    if (named->id.empty()) {
      return UsageError("", Quoted(name) + " is no task",
                        "name one as SUITE/TASK; `axiometer task list SUITE` has them");
    }
    Result<OpenedSuite> suite = OpenNamedSuite(*named, options);
    if (!suite) return std::move(suite).error();
    Result<std::vector<std::shared_ptr<const Task>>> found = TasksNamed(*suite->tasks, named->id);
    if (!found) return std::move(found).error();
    for (const std::shared_ptr<const Task>& task : *found) {
      if (options.json) {
        records += (records.empty() ? "" : ",") + TaskRecord(*task);
      } else {
        PrintTask(*task);
      }
    }
  }
  if (options.json) std::printf("[%s]\n", records.c_str());
  return 0;
}

}  // namespace axiometer
