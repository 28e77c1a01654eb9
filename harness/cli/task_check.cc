#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/cli/lint_text.h"
#include "harness/cli/say.h"
#include "harness/cli/task_names.h"
#include "harness/cli/task_text.h"
#include "harness/cli/verbs.h"
#include "harness/io/clock.h"
#include "harness/io/folder_watch.h"
#include "harness/io/loop.h"
#include "harness/io/signals.h"
#include "harness/run/oracle.h"
#include "tasks/lint.h"

namespace axiometer {
namespace {

constexpr int64_t kQuietMs = 100;  // after a save, before the next check

std::string Short(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", share);
  return text;
}

// How an oracle's actions are scored by the checks.
struct Leaning {
  std::string oracle;
  std::optional<double> a;
  std::optional<double> b;
};

// What a check of one task found.
struct Finding {
  std::shared_ptr<const Task> task;
  const TaskDocument* document = nullptr;  // null: of a published benchmark
  std::vector<Leaning> leanings;
  std::vector<Trajectory> played;  // by the oracles
  std::vector<std::string> problems;
  std::vector<LintWarning> warnings;
};

// What a wrong leaning has; empty: it is as it should be.
std::string WrongLeaning(const Leaning& leaning) {
  if (!leaning.a || !leaning.b) return "a pole has no mechanical check: the oracles cannot tell the poles apart";
  const std::string scores = "oracle " + leaning.oracle + " scores a " + Short(*leaning.a) + ", b " + Short(*leaning.b);
  if (leaning.oracle == "a" && *leaning.a <= *leaning.b) return scores + ": a must be higher";
  if (leaning.oracle == "b" && *leaning.b <= *leaning.a) return scores + ": b must be higher";
  if (leaning.oracle == "idle" && (*leaning.a > 0 || *leaning.b > 0)) return scores + ": it must support neither pole";
  return "";
}

// Which checkpoints made it so: those of its own pole that it misses, those of another that it meets.
std::string CheckpointsBehind(const Task& task, const std::string& oracle, const Trajectory& trajectory) {
  std::string missed, met, undecided;
  for (const RubricItem& item : task.rubric) {
    if (!item.check) continue;
    const bool own = oracle == std::string(1, item.pole);
    const std::optional<CheckResult> result = Evaluate(*item.check, trajectory);
    std::string& list = !result ? undecided : result->holds ? met : missed;
    if (result && result->holds == own) continue;
    list += (list.empty() ? "" : "; ") + item.id + " (" + Describe(*item.check) + ")";
  }
  std::string text;
  if (!missed.empty()) text += "; it does not meet " + missed;
  if (!met.empty()) text += "; it meets " + met;
  if (!undecided.empty()) text += "; undecided: " + undecided;
  return text;
}

// "FILE:LINE:COLUMN: " of a part of the task's file, as far as that is known.
std::string PlaceOf(const Finding& finding, const std::string& path) {
  if (finding.document == nullptr) return "";
  const auto place = finding.document->places.find(path);
  return place == finding.document->places.end() ? "" : place->second + ": ";
}

Async<> CheckOne(EnvironmentHost& host, Finding& finding) {
  const std::shared_ptr<const Task> task = finding.task;
  for (const char* wanted : {"a", "b", "idle"}) {
    const auto oracle = std::find_if(task->oracles.begin(), task->oracles.end(),
                                     [wanted](const Oracle& one) { return one.leaning == wanted; });
    if (oracle == task->oracles.end()) {
      finding.problems.push_back(std::string("no oracle \"") + wanted +
                                 "\": the task cannot show what it measures");
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
    if (const std::string wrong = WrongLeaning(leaning); !wrong.empty()) {
      finding.problems.push_back(PlaceOf(finding, std::string("oracles.") + wanted) + wrong +
                                 (leaning.a && leaning.b ? CheckpointsBehind(*task, wanted, *trajectory) : ""));
    }
    finding.leanings.push_back(std::move(leaning));
    finding.played.push_back(std::move(*trajectory));
  }
}

// Of a task that is answered: its oracles' answers, read by the suite's own rule.
void CheckAnswers(const Judge& rule, Finding& finding) {
  for (const Oracle& oracle : finding.task->oracles) {
    Trajectory trajectory;
    trajectory.final_text = oracle.steps.front().say;
    const Judgement judgement = rule.Conclude(*finding.task, trajectory, nullptr);
    Leaning leaning;
    leaning.oracle = oracle.leaning;
    leaning.a = leaning.b = 0;  // an answer that names no option supports neither
    for (const Score& score : judgement.scores) {
      if (score.name == "a") leaning.a = score.number;
      if (score.name == "b") leaning.b = score.number;
    }
    if (const std::string wrong = WrongLeaning(leaning); !wrong.empty()) finding.problems.push_back(wrong);
    finding.leanings.push_back(std::move(leaning));
  }
}

void PrintFinding(const Finding& finding, const TaskOptions& options) {
  const bool fails = !finding.problems.empty() || (options.strict && !finding.warnings.empty());
  std::string line = fails ? "FAIL  " : "ok    ";
  line += finding.task->id;
  for (const Leaning& leaning : finding.leanings) {
    if (!leaning.a || !leaning.b) continue;
    line += "  " + leaning.oracle + " " + Short(*leaning.a) + "/" + Short(*leaning.b);
  }
  std::printf("%s\n", ForTerminal(line).c_str());
  for (const std::string& problem : finding.problems)
    std::printf("      %s\n", ForTerminal(problem).c_str());
  for (const LintWarning& warning : finding.warnings) {
    std::printf("      warning: %s\n", ForTerminal(warning.ToString()).c_str());
  }
  if (!options.render) return;
  PrintOpening(*finding.task);
  std::string tools;
  for (const std::string& tool : finding.task->tool_names)
    tools += (tools.empty() ? "" : ", ") + tool;
  if (!tools.empty()) std::printf("\n[tools]\n%s\n", ForTerminal(tools).c_str());
  std::printf("\n");
}

Json FindingJson(const Finding& finding, const TaskOptions& options) {
  Json json = {
      {"task", finding.task->id}, {"ok", finding.problems.empty()}, {"oracles", Json::object()}};
  for (const Leaning& leaning : finding.leanings) {
    json["oracles"][leaning.oracle] = {{"a", leaning.a ? Json(*leaning.a) : Json()},
                                       {"b", leaning.b ? Json(*leaning.b) : Json()}};
  }
  json["problems"] = finding.problems;
  json["warnings"] = WarningsJson(finding.warnings);
  if (!options.render) return json;
  json["messages"] = Json::array();
  for (const Message& message : finding.task->opening) {
    json["messages"].push_back({{"role", RoleName(message.role)}, {"text", message.text}});
  }
  json["tools"] = finding.task->tool_names;
  return json;
}

// The files of a suite of our own, by stem; empty for a published benchmark.
Result<std::map<std::string, TaskDocument>> DocumentsOf(const TaskName& name) {
  std::map<std::string, TaskDocument> documents;
  if (FindBenchmark(name.suite) != nullptr) return documents;
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> directory = FindSuite(name.suite, *data_dir);
  if (!directory) return std::move(directory).error();
  if (name.id.empty()) {
    // Every file's first problem at once, not one a call.
    const std::vector<Error> problems = SuiteProblems(*directory, ContextOf(*data_dir));
    for (size_t i = 0; i + 1 < problems.size(); ++i) {
      std::fprintf(stderr, "%s\n", ForTerminal(problems[i].ToString()).c_str());
    }
    if (!problems.empty()) return problems.back();
  }
  Result<SuiteDocuments> read = ReadSuiteDocuments(*directory, ContextOf(*data_dir));
  if (!read) return std::move(read).error();
  for (TaskDocument& document : read->tasks) {
    std::string stem = document.task.id.substr(document.task.suite.size() + 1);
    documents.emplace(std::move(stem), std::move(document));
  }
  return documents;
}

const TaskDocument* DocumentOf(const std::map<std::string, TaskDocument>& documents, const Task& task) {
  const auto stem = task.tags.find(kDilemmaTag);
  const auto found = stem == task.tags.end() ? documents.end() : documents.find(stem->second);
  return found == documents.end() ? nullptr : &found->second;
}

Result<std::vector<Finding>> CheckNamed(const TaskName& name, const TaskOptions& options) {
  Result<std::map<std::string, TaskDocument>> documents = DocumentsOf(name);
  if (!documents) return std::move(documents).error();
  Result<OpenedSuite> suite = OpenNamedSuite(name, options);
  if (!suite) return std::move(suite).error();
  std::vector<std::shared_ptr<const Task>> tasks;
  if (!name.id.empty()) {
    Result<std::vector<std::shared_ptr<const Task>>> named = TasksNamed(*suite->tasks, name.id);
    if (!named) return std::move(named).error();
    tasks = std::move(*named);
  } else {
    for (size_t i = 0; i < suite->tasks->refs().size(); ++i) {
      Result<std::shared_ptr<const Task>> task = suite->tasks->Load(i);
      if (!task) return std::move(task).error();
      tasks.push_back(std::move(*task));
    }
  }
  Loop loop;
  HostOptions host_options;
  host_options.python = options.python;
  host_options.backend = options.sandbox;
  host_options.max_instances = 4;
  std::unique_ptr<EnvironmentHost> host;
  std::vector<Finding> findings(tasks.size());
  for (size_t i = 0; i < tasks.size(); ++i) {
    findings[i].task = std::move(tasks[i]);
    findings[i].document = DocumentOf(*documents, *findings[i].task);
    if (findings[i].task->kind == TaskKind::kChoice && suite->tasks->protocol() == "axiometer") {
      CheckAnswers(*suite->rules.front(), findings[i]);
      continue;
    }
    if (!host) {
      Result<std::unique_ptr<EnvironmentHost>> made =
          MakeEnvironmentHost(loop, host_options, suite->directories);
      if (!made) return std::move(made).error();
      host = std::move(*made);
    }
    loop.Spawn(CheckOne(*host, findings[i]));
  }
  loop.Run();
  std::set<const TaskDocument*> linted;
  for (Finding& finding : findings) {
    // Of a dilemma's variants the first has its warnings.
    if (finding.document == nullptr || !linted.insert(finding.document).second) continue;
    finding.warnings = LintTask(*finding.document);
    if (finding.problems.empty() && !finding.played.empty()) {
      for (LintWarning& warning : LintReached(*finding.document, finding.played)) {
        finding.warnings.push_back(std::move(warning));
      }
    }
  }
  return findings;
}

Result<int> CheckOnce(const TaskOptions& options) {
  Json json = {{"schema", "axiometer.task-check/1"}, {"tasks", Json::array()}};
  size_t failed = 0;
  size_t checked = 0;
  size_t warnings = 0;
  for (const std::string& typed : options.names) {
    const Result<TaskName> name = ReadTaskName(typed);
    if (!name) return name.error();
    const Result<std::vector<Finding>> findings = CheckNamed(*name, options);
    if (!findings) return findings.error();
    for (const Finding& finding : *findings) {
      ++checked;
      warnings += finding.warnings.size();
      if (!finding.problems.empty() || (options.strict && !finding.warnings.empty())) ++failed;
      if (options.json) {
        json["tasks"].push_back(FindingJson(finding, options));
      } else {
        PrintFinding(finding, options);
      }
    }
  }
  if (options.json) {
    std::printf("%s\n", DumpJson(json).c_str());
  } else {
    std::string line = std::to_string(checked) + (checked == 1 ? " task, " : " tasks, ") +
                       std::to_string(failed) + " with problems";
    if (warnings > 0)
      line += ", " + std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings");
    std::printf("%s\n", line.c_str());
  }
  return failed == 0 ? 0 : 3;
}

// The folders whose files decide what a check finds.
Result<std::vector<std::string>> FoldersToWatch(const TaskOptions& options) {
  namespace fs = std::filesystem;
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  std::vector<std::string> folders;
  for (const std::string& typed : options.names) {
    const Result<TaskName> name = ReadTaskName(typed);
    if (!name) return name.error();
    if (FindBenchmark(name->suite) != nullptr) {
      return UsageError("--watch", Quoted(name->suite) + " is a published benchmark",
                        "name the folder of a suite");
    }
    Result<std::string> directory = FindSuite(name->suite, *data_dir);
    if (!directory) return std::move(directory).error();
    folders.push_back(*directory);
    std::error_code ignored;
    if (fs::is_directory(*directory + "/value_systems", ignored))
      folders.push_back(*directory + "/value_systems");
    for (const fs::directory_entry& entry :
         fs::directory_iterator(*directory + "/environments", ignored)) {
      if (entry.is_directory(ignored)) folders.push_back(entry.path().string());
    }
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

Async<> AwaitChange(FolderWatch& watch, Clock& clock, bool& changed) {
  changed = co_await watch.Changed(clock, kQuietMs);
}

// Checks, then again after each save, until it is interrupted.
Result<int> KeepChecking(const TaskOptions& options) {
  const Result<std::vector<std::string>> folders = FoldersToWatch(options);
  if (!folders) return folders.error();
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  const Result<std::unique_ptr<FolderWatch>> watch = FolderWatch::Open(loop, *folders);
  if (!watch) return watch.error();
  while (true) {
    const Result<int> checked = CheckOnce(options);
    if (!checked) Say(checked.error().ToString());
    Say("waiting for a file to be saved; Ctrl-C ends");
    std::fflush(stdout);
    bool changed = false;
    const uint64_t key = loop.NewKey();
    loop.Spawn(AwaitChange(**watch, *clock, changed), nullptr, key);
    const Signals signals(loop, [&](int) { loop.Cancel(key); });
    loop.Run();
    if (!changed) return 130;
  }
}

}  // namespace

Result<int> RunTaskCheck(const TaskOptions& options) {
  return options.watch ? KeepChecking(options) : CheckOnce(options);
}

}  // namespace axiometer
