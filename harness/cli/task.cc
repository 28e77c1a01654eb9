#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/cli/subject.h"
#include "harness/cli/verbs.h"
#include "harness/io/loop.h"
#include "harness/run/oracle.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

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
  const bool is_id = parts.size() == 4 && !parts[0].empty() && parts[0].front() != '.' &&
                     (parts[1] == TaskFormName(TaskForm::kChoice) || parts[1] == TaskFormName(TaskForm::kSurvey));
  return is_id ? std::optional(parts[1]) : std::nullopt;
}

// "suite/task" or "suite"; a path is a suite. The ids of published benchmarks have more parts.
std::pair<std::string, std::string> SplitName(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash != std::string::npos && slash + 1 < name.size() && FindBenchmark(name.substr(0, slash)) != nullptr) {
    return {name.substr(0, slash), name};
  }
  if (FormInId(name)) return {name.substr(0, slash), name};
  if (slash == std::string::npos || slash == 0 || name.front() == '.' || name.find('/', slash + 1) != std::string::npos ||
      slash + 1 == name.size()) {
    return {name, ""};
  }
  return {name.substr(0, slash), name};
}

Result<OpenedSuite> Open(const std::string& suite, const TaskOptions& options, const std::string& id = "") {
  SuiteRequest request;
  request.name = suite;
  request.data = options.data;
  request.python = options.python;
  request.sandbox = options.sandbox;
  Result<std::map<std::string, std::string>> arguments = ParseArguments(options.task_arguments, "-T");
  if (!arguments) return std::move(arguments).error();
  request.arguments = std::move(*arguments);
  // An id says which form and variant it is of.
  if (const auto form = FormInId(id); form && request.arguments.empty()) {
    request.arguments = {{"form", *form}, {"wordings", "all"}};
    if (*form == TaskFormName(TaskForm::kChoice)) request.arguments["labels"] = "both";
  }
  return OpenSuiteByName(request);
}

Result<std::shared_ptr<const Task>> FindTask(const TaskSource& tasks, const std::string& id) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < tasks.refs().size(); ++i) {
    if (tasks.refs()[i].id == id) return tasks.Load(i);
    ids.push_back(tasks.refs()[i].id);
  }
  return UsageError("", "unknown task " + Quoted(id), DidYouMean(id, ids));
}

std::string Short(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", share);
  return text;
}

// A folder that exists is a suite; otherwise "suite/task" may be meant.
bool IsFolder(const std::string& name) { return access((name + "/suite.yaml").c_str(), F_OK) == 0; }

struct Leaning {
  std::string oracle;
  std::optional<double> a;
  std::optional<double> b;
};

// What a check of one task found.
struct Finding {
  std::string task;
  std::vector<Leaning> leanings;
  std::vector<std::string> problems;
};

void CompareWith(const Leaning& leaning, std::vector<std::string>& problems) {
  if (!leaning.a || !leaning.b) {
    problems.push_back("a pole has no mechanical check: the oracles cannot tell the poles apart");
    return;
  }
  const std::string scores = "scores a " + Short(*leaning.a) + ", b " + Short(*leaning.b);
  if (leaning.oracle == "a" && *leaning.a <= *leaning.b) problems.push_back("oracle a " + scores + ": a must be higher");
  if (leaning.oracle == "b" && *leaning.b <= *leaning.a) problems.push_back("oracle b " + scores + ": b must be higher");
  if (leaning.oracle == "idle" && (*leaning.a > 0 || *leaning.b > 0)) {
    problems.push_back("oracle idle " + scores + ": it must support neither pole");
  }
}

Async<> CheckOne(EnvironmentHost& host, std::shared_ptr<const Task> task, Finding& finding) {
  for (const char* wanted : {"a", "b", "idle"}) {
    const auto oracle = std::find_if(task->oracles.begin(), task->oracles.end(),
                                     [wanted](const Oracle& one) { return one.leaning == wanted; });
    if (oracle == task->oracles.end()) {
      finding.problems.push_back(std::string("no oracle \"") + wanted + "\": the task cannot show what it measures");
      continue;
    }
    Result<Trajectory> trajectory = co_await ReplayOracle(host, task, *oracle);
    if (!trajectory) {
      finding.problems.push_back(trajectory.error().ToString());
      continue;
    }
    Leaning leaning;
    leaning.oracle = wanted;
    leaning.a = MechanicalShare(*task, *trajectory, 'a');
    leaning.b = MechanicalShare(*task, *trajectory, 'b');
    CompareWith(leaning, finding.problems);
    finding.leanings.push_back(std::move(leaning));
  }
}

// Of a task that is answered: its oracles' answers, read by the suite's own rule.
void CheckAnswers(const Judge& rule, const Task& task, Finding& finding) {
  for (const Oracle& oracle : task.oracles) {
    Trajectory trajectory;
    trajectory.final_text = oracle.steps.front().say;
    const Judgement judgement = rule.Conclude(task, trajectory, nullptr);
    Leaning leaning;
    leaning.oracle = oracle.leaning;
    leaning.a = leaning.b = 0;  // an answer that names no option supports neither
    for (const Score& score : judgement.scores) {
      if (score.name == "a") leaning.a = score.number;
      if (score.name == "b") leaning.b = score.number;
    }
    CompareWith(leaning, finding.problems);
    finding.leanings.push_back(std::move(leaning));
  }
}

void PrintFinding(const Finding& finding) {
  std::string line = finding.problems.empty() ? "ok    " : "FAIL  ";
  line += finding.task;
  for (const Leaning& leaning : finding.leanings) {
    if (!leaning.a || !leaning.b) continue;
    line += "  " + leaning.oracle + " " + Short(*leaning.a) + "/" + Short(*leaning.b);
  }
  std::printf("%s\n", ForTerminal(line).c_str());
  for (const std::string& problem : finding.problems) std::printf("      %s\n", ForTerminal(problem).c_str());
}

Json FindingJson(const Finding& finding) {
  Json json = {{"task", finding.task}, {"ok", finding.problems.empty()}, {"oracles", Json::object()}};
  for (const Leaning& leaning : finding.leanings) {
    json["oracles"][leaning.oracle] = {{"a", leaning.a ? Json(*leaning.a) : Json()},
                                       {"b", leaning.b ? Json(*leaning.b) : Json()}};
  }
  json["problems"] = finding.problems;
  return json;
}

}  // namespace

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
    Result<OpenedSuite> suite = Open(name, options);
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

namespace {

void PrintAgentFacts(const Task& task) {
  std::printf("value system  %s\npole a        %s\npole b        %s\nenvironment   %s\n", ForTerminal(task.value_system).c_str(),
              ForTerminal(task.pole_a).c_str(), ForTerminal(task.pole_b).c_str(), ForTerminal(task.environment).c_str());
  std::string tools;
  for (const std::string& tool : task.tool_names) tools += (tools.empty() ? "" : ", ") + tool;
  std::printf("tools         %s\n", ForTerminal(tools).c_str());
}

void PrintAnswerFacts(const Task& task) {
  std::string options;
  for (const ChoiceOption& option : task.options) options += (options.empty() ? "" : ", ") + option.key;
  std::printf("kind             %s\nright answer     %s\noptions          %s\n", TaskKindName(task.kind), ForTerminal(task.gold).c_str(),
              ForTerminal(options).c_str());
  for (const auto& [key, text] : task.tags) std::printf("%-16s %s\n", ForTerminal(key).c_str(), ForTerminal(text).c_str());
}

}  // namespace

Result<int> RunTaskShow(const TaskOptions& options) {
  Json json = Json::array();
  for (const std::string& name : options.names) {
    const auto [suite_name, id] = SplitName(name);
    if (id.empty()) return UsageError("", Quoted(name) + " is no task", "name one as SUITE/TASK; `axiometer task list SUITE` has them");
    Result<OpenedSuite> suite = Open(suite_name, options, id);
    if (!suite) return std::move(suite).error();
    Result<std::shared_ptr<const Task>> found = FindTask(*suite->tasks, id);
    if (!found) return std::move(found).error();
    const Task& task = **found;
    if (options.json) {
      json.push_back(TaskRecord(task));
      continue;
    }
    std::printf("%s\n%s\n\n", ForTerminal(task.id).c_str(), ForTerminal(task.title).c_str());
    if (task.kind == TaskKind::kAgent) {
      PrintAgentFacts(task);
    } else {
      PrintAnswerFacts(task);
    }
    for (const Message& message : task.opening) {
      std::printf("\n[%s]\n%s\n", RoleName(message.role), ForTerminal(message.text, true).c_str());
    }
    if (!task.rubric.empty()) std::printf("\ncheckpoints\n");
    for (const RubricItem& item : task.rubric) {
      std::printf("  %s  pole %c, weight %g%s\n      %s\n", ForTerminal(item.id).c_str(), item.pole, item.weight,
                  item.check ? "" : ", judged", ForTerminal(item.question).c_str());
      if (item.check) std::printf("      check: %s\n", ForTerminal(Describe(*item.check)).c_str());
    }
  }
  if (options.json) std::printf("%s\n", DumpJson(json).c_str());
  return 0;
}

Result<int> RunTaskCheck(const TaskOptions& options) {
  Json json = {{"schema", "axiometer.task-check/1"}, {"tasks", Json::array()}};
  size_t failed = 0;
  size_t checked = 0;
  for (const std::string& name : options.names) {
    auto [suite_name, id] = IsFolder(name) ? std::pair<std::string, std::string>(name, "") : SplitName(name);
    if (id.empty() && FindBenchmark(suite_name) == nullptr) {
      // Every file's first problem at once, not one a call.
      Result<std::string> data_dir = DataDir();
      if (!data_dir) return std::move(data_dir).error();
      Result<std::string> directory = FindSuite(suite_name, *data_dir);
      if (!directory) return std::move(directory).error();
      const std::vector<Error> problems = SuiteProblems(*directory, ContextOf(*data_dir));
      for (size_t i = 0; i + 1 < problems.size(); ++i) {
        std::fprintf(stderr, "%s\n", ForTerminal(problems[i].ToString()).c_str());
      }
      if (!problems.empty()) return problems.back();
    }
    Result<OpenedSuite> suite = Open(suite_name, options, id);
    if (!suite) return std::move(suite).error();
    Loop loop;
    HostOptions host_options;
    host_options.python = options.python;
    host_options.backend = options.sandbox;
    host_options.max_instances = 4;
    Result<std::unique_ptr<EnvironmentHost>> host = MakeEnvironmentHost(loop, host_options, suite->directories);
    if (!host) return std::move(host).error();
    std::vector<std::shared_ptr<const Task>> tasks;
    if (!id.empty()) {
      Result<std::shared_ptr<const Task>> task = FindTask(*suite->tasks, id);
      if (!task) return std::move(task).error();
      tasks.push_back(std::move(*task));
    } else {
      for (size_t i = 0; i < suite->tasks->refs().size(); ++i) {
        Result<std::shared_ptr<const Task>> task = suite->tasks->Load(i);
        if (!task) return std::move(task).error();
        tasks.push_back(std::move(*task));
      }
    }
    std::vector<Finding> findings(tasks.size());
    for (size_t i = 0; i < tasks.size(); ++i) {
      findings[i].task = tasks[i]->id;
      if (tasks[i]->kind == TaskKind::kChoice && suite->tasks->protocol() == "axiometer") {
        CheckAnswers(*suite->rules.front(), *tasks[i], findings[i]);
      } else {
        loop.Spawn(CheckOne(**host, tasks[i], findings[i]));
      }
    }
    loop.Run();
    for (const Finding& finding : findings) {
      ++checked;
      if (!finding.problems.empty()) ++failed;
      if (options.json) {
        json["tasks"].push_back(FindingJson(finding));
      } else {
        PrintFinding(finding);
      }
    }
  }
  if (options.json) {
    std::printf("%s\n", DumpJson(json).c_str());
  } else {
    std::printf("%zu %s, %zu with problems\n", checked, checked == 1 ? "task" : "tasks", failed);
  }
  return failed == 0 ? 0 : 3;
}

}  // namespace axiometer
