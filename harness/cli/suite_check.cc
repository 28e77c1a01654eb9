#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"
#include "harness/cli/authoring.h"
#include "harness/cli/lint_text.h"
#include "harness/cli/suites.h"
#include "harness/cli/verbs.h"
#include "reports/plain_text.h"
#include "reports/stats/paired_games.h"
#include "tasks/lint.h"

namespace axiometer {
namespace {

// How the values of one system meet in a suite.
struct SystemMeetings {
  std::vector<std::string> dimensions;  // of the system, in its order
  std::map<std::pair<std::string, std::string>, int>
      pairs;  // tasks; the dimension that comes first in the system first
  std::map<std::string, std::pair<int, int>>
      positions;    // tasks in which a dimension is pole a, pole b
  GameGraph graph;  // values by their place in `dimensions`
};

struct SuiteFinding {
  SuiteInfo info;
  std::string digest;
  size_t tasks = 0;
  std::map<std::string, size_t> forms;  // tasks that have it
  size_t unreviewed = 0;
  std::map<std::string, SystemMeetings> systems;
  std::vector<LintWarning> warnings;
};

void Meet(const TaskDocument& document, SystemMeetings& meetings) {
  const Task& task = document.task;
  if (meetings.dimensions.empty()) meetings.dimensions = document.system.keys();
  const auto place = [&](const std::string& key) {
    return std::find(meetings.dimensions.begin(), meetings.dimensions.end(), key) -
           meetings.dimensions.begin();
  };
  std::pair<std::string, std::string> pair(task.pole_a, task.pole_b);
  if (place(pair.first) > place(pair.second)) std::swap(pair.first, pair.second);
  ++meetings.pairs[pair];
  ++meetings.positions[task.pole_a].first;
  ++meetings.positions[task.pole_b].second;
}

void Connect(SystemMeetings& meetings) {
  std::vector<PairedGame> games;
  for (const auto& [pair, count] : meetings.pairs) {
    PairedGame game;
    const auto place = [&](const std::string& key) {
      return static_cast<int>(
          std::find(meetings.dimensions.begin(), meetings.dimensions.end(), key) -
          meetings.dimensions.begin());
    };
    game.a = place(pair.first);
    game.b = place(pair.second);
    games.push_back(game);
  }
  meetings.graph = PlannedGraph(games, static_cast<int>(meetings.dimensions.size()));
}

void WarnOf(SuiteFinding& finding, const char* lint, std::string what, std::string hint) {
  LintWarning warning;
  warning.lint = lint;
  warning.where = finding.info.directory + "/suite.yaml";
  warning.what = std::move(what);
  warning.hint = std::move(hint);
  finding.warnings.push_back(std::move(warning));
}

std::vector<std::string> Names(const SystemMeetings& meetings, const std::vector<int>& places) {
  std::vector<std::string> names;
  for (const int place : places) names.push_back(meetings.dimensions[static_cast<size_t>(place)]);
  return names;
}

void LintSuite(SuiteFinding& finding) {
  const auto missing = [&](const char* key, bool is_missing) {
    if (is_missing)
      WarnOf(finding, "head", std::string("no \"") + key + "\"",
             "whoever uses the suite has to know it");
  };
  if (finding.info.licence.empty()) {
    WarnOf(finding, "head", "no \"licence\"",
           "without one others may not change it or pass it on: name the terms, or who decides on "
           "them");
  }
  missing("authors", finding.info.authors.empty());
  missing("citation", finding.info.citation.empty());
  for (const auto& [key, meetings] : finding.systems) {
    if (meetings.graph.components.size() > 1) {
      std::vector<std::string> groups;
      for (const std::vector<int>& component : meetings.graph.components) {
        groups.push_back("{" + Listed(Names(meetings, component)) + "}");
      }
      WarnOf(finding, "unconnected",
             key + ": the pairs form " + std::to_string(groups.size()) + " groups, " +
                 Listed(groups) + ", whose values are never compared",
             "add a task with a value of either");
    }
  }
  for (const auto& [form, count] : finding.forms) {
    if (count == finding.tasks) continue;
    WarnOf(finding, "forms",
           std::to_string(count) + " of " + std::to_string(finding.tasks) +
               " tasks have the form " + form,
           "give it to all: -T form=" + form + " asks for it of every task");
  }
}

Result<SuiteFinding> Examine(const std::string& name) {
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  Result<std::string> directory = FindSuite(name, *data_dir);
  if (!directory) return std::move(directory).error();
  Result<SuiteDocuments> read = ReadSuiteDocuments(*directory, ContextOf(*data_dir));
  if (!read) return std::move(read).error();
  for (size_t i = 0; i + 1 < read->problems.size(); ++i) {
    std::fprintf(stderr, "%s\n", ForTerminal(read->problems[i].ToString()).c_str());
  }
  if (!read->problems.empty()) return read->problems.back();
  Result<std::string> digest = SuiteContentDigest(*directory);
  if (!digest) return std::move(digest).error();
  SuiteFinding finding;
  finding.info = std::move(read->info);
  finding.digest = std::move(*digest);
  finding.tasks = read->tasks.size();
  for (const TaskDocument& document : read->tasks) {
    if (document.kind == TaskForm::kAgent) ++finding.forms[TaskFormName(TaskForm::kAgent)];
    for (const auto& [form, content] : document.forms) ++finding.forms[TaskFormName(form)];
    if (!document.task.drafted_by.empty() && document.task.reviewed_by.empty())
      ++finding.unreviewed;
    Meet(document, finding.systems[document.task.value_system]);
  }
  for (auto& [key, meetings] : finding.systems) Connect(meetings);
  LintSuite(finding);
  for (const TaskDocument& document : read->tasks) {
    for (LintWarning& warning : LintTask(document)) finding.warnings.push_back(std::move(warning));
  }
  return finding;
}

void PrintSystem(const std::string& key, const SystemMeetings& meetings) {
  std::printf("\n%s: %zu of %zu values, %s\n", ForTerminal(key).c_str(),
              meetings.positions.size(), meetings.dimensions.size(),
              Counted(static_cast<long long>(meetings.pairs.size()), "pair").c_str());
  for (const auto& [pair, count] : meetings.pairs) {
    std::printf("  %3d  %s / %s\n", count, ForTerminal(pair.first).c_str(),
                ForTerminal(pair.second).c_str());
  }
  std::printf("  as pole a, pole b:\n");
  for (const std::string& dimension : meetings.dimensions) {
    const auto counts = meetings.positions.find(dimension);
    if (counts == meetings.positions.end()) continue;
    std::printf("  %3d %3d  %s\n", counts->second.first, counts->second.second,
                ForTerminal(dimension).c_str());
  }
  const bool connected = meetings.graph.components.size() == 1;
  std::printf("  %s",
              connected ? "connected: one scale for all values that meet\n" : "not connected:\n");
  if (!connected) {
    for (const std::vector<int>& component : meetings.graph.components) {
      std::printf("       {%s}\n", ForTerminal(Listed(Names(meetings, component))).c_str());
    }
  }
  if (!meetings.graph.alone.empty()) {
    std::printf("  in no task: %s\n",
                ForTerminal(Listed(Names(meetings, meetings.graph.alone))).c_str());
  }
}

void PrintSuite(const SuiteFinding& finding) {
  const SuiteInfo& info = finding.info;
  const auto line = [](const char* name, const std::string& text) {
    std::printf("%-10s %s\n", name, text.empty() ? "–" : ForTerminal(text).c_str());
  };
  line("suite", info.name + " " + info.version + ": " + info.title);
  line("licence", info.licence);
  line("authors", Listed(info.authors));
  line("citation", info.citation);
  line("content", "sha256:" + finding.digest);
  std::vector<std::string> forms;
  for (const auto& [form, count] : finding.forms)
    forms.push_back(std::to_string(count) + " " + form);
  line("tasks", std::to_string(finding.tasks) + " (" + Listed(forms) + ")");
  if (finding.unreviewed > 0) line("unreviewed", std::to_string(finding.unreviewed) + " drafts");
  for (const auto& [key, meetings] : finding.systems) PrintSystem(key, meetings);
  std::printf("\n");
  for (const LintWarning& warning : finding.warnings) {
    std::printf("warning: %s\n", ForTerminal(warning.ToString()).c_str());
  }
  std::printf("%zu %s\n", finding.warnings.size(),
              finding.warnings.size() == 1 ? "warning" : "warnings");
}

Json SystemJson(const SystemMeetings& meetings) {
  Json json = {{"pairs", Json::array()},
               {"positions", Json::object()},
               {"components", Json::array()},
               {"alone", Names(meetings, meetings.graph.alone)}};
  for (const auto& [pair, count] : meetings.pairs) {
    json["pairs"].push_back({{"values", {pair.first, pair.second}}, {"tasks", count}});
  }
  for (const auto& [dimension, counts] : meetings.positions) {
    json["positions"][dimension] = {{"a", counts.first}, {"b", counts.second}};
  }
  for (const std::vector<int>& component : meetings.graph.components) {
    json["components"].push_back(Names(meetings, component));
  }
  return json;
}

Json SuiteJson(const SuiteFinding& finding) {
  const SuiteInfo& info = finding.info;
  Json json = {
      {"suite", info.name},       {"version", info.version}, {"title", info.title},
      {"licence", info.licence},  {"authors", info.authors}, {"citation", info.citation},
      {"digest", finding.digest}, {"tasks", finding.tasks},  {"unreviewed", finding.unreviewed}};
  json["forms"] = Json::object();
  for (const auto& [form, count] : finding.forms) json["forms"][form] = count;
  json["value_systems"] = Json::object();
  for (const auto& [key, meetings] : finding.systems)
    json["value_systems"][key] = SystemJson(meetings);
  json["warnings"] = WarningsJson(finding.warnings);
  return json;
}

}  // namespace

Result<int> RunSuiteCheck(const SuiteCheckOptions& options) {
  Json json = {{"schema", "axiometer.suite-check/1"}, {"suites", Json::array()}};
  bool warned = false;
  for (size_t i = 0; i < options.suites.size(); ++i) {
    const Result<SuiteFinding> finding = Examine(options.suites[i]);
    if (!finding) return finding.error();
    warned = warned || !finding->warnings.empty();
    if (options.json) {
      json["suites"].push_back(SuiteJson(*finding));
      continue;
    }
    if (i > 0) std::printf("\n");
    PrintSuite(*finding);
  }
  if (options.json) std::printf("%s\n", DumpJson(json).c_str());
  return options.strict && warned ? 3 : 0;
}

}  // namespace axiometer
