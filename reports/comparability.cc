#include "reports/comparability.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "reports/plain_text.h"

namespace axiometer {
namespace {

constexpr char kNone[] = "none";
constexpr size_t kDigestShown = 12;

std::string Shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return DumpJson(value);
}

std::string ShortDigest(const std::string& digest) {
  return digest.empty() ? kNone : digest.substr(0, kDigestShown);
}

// Collects what differs; equal values are no difference.
class Differences {
 public:
  explicit Differences(std::vector<ConfigurationDifference>& out) : out_(out) {}

  void Add(std::string what, std::vector<std::string> values, bool forbids) {
    if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end()) return;
    for (std::string& value : values) {
      if (value.empty()) value = kNone;
    }
    out_.push_back({std::move(what), std::move(values), forbids});
  }

  // Member by member of one JSON object a run.
  void AddMembers(const std::string& prefix, const std::vector<Json>& objects, bool forbids) {
    std::set<std::string> keys;
    for (const Json& object : objects) {
      for (const auto& [key, value] : object.items()) keys.insert(key);
    }
    for (const std::string& key : keys) {
      std::vector<std::string> values;
      for (const Json& object : objects) values.push_back(object.contains(key) ? Shown(object.at(key)) : "");
      Add(prefix + key, std::move(values), forbids);
    }
  }

 private:
  std::vector<ConfigurationDifference>& out_;
};

template <class Member>
std::vector<std::string> Each(const std::vector<RunSpec>& specs, const Member& member) {
  std::vector<std::string> values;
  for (const RunSpec& spec : specs) values.push_back(member(spec));
  return values;
}

template <class Member>
std::vector<Json> EachJson(const std::vector<RunSpec>& specs, const Member& member) {
  std::vector<Json> values;
  for (const RunSpec& spec : specs) values.push_back(member(spec));
  return values;
}

void AddSubject(const std::vector<RunSpec>& specs, std::vector<ConfigurationDifference>& out) {
  Differences differences(out);
  differences.Add("model", Each(specs, [](const RunSpec& spec) { return spec.model.id(); }), false);
  differences.Add("scaffold", Each(specs, [](const RunSpec& spec) {
                    return spec.scaffold + (spec.scaffold_digest.empty() ? "" : " " + ShortDigest(spec.scaffold_digest));
                  }), false);
  differences.Add("skill", Each(specs, [](const RunSpec& spec) {
                    return spec.skill.empty() ? "" : spec.skill + " " + ShortDigest(spec.skill_digest);
                  }), false);
  differences.Add("system prompt", Each(specs, [](const RunSpec& spec) {
                    return spec.system_prompt_digest.empty() ? "" : ShortDigest(spec.system_prompt_digest);
                  }), false);
  differences.AddMembers("", EachJson(specs, [](const RunSpec& spec) { return ToJson(spec.model.generation); }), false);
  differences.AddMembers("", EachJson(specs, [](const RunSpec& spec) {
                           Json arguments = Json::object();
                           for (const auto& [key, value] : spec.model.arguments) arguments[key] = value;
                           return arguments;
                         }), false);
  differences.Add("endpoint", Each(specs, [](const RunSpec& spec) { return spec.model.base_url; }), false);
  differences.Add(
      kSeriesFactor,
      Each(specs, [](const RunSpec& spec) { return spec.series ? spec.series->name : ""; }), false);
  differences.Add(kPositionFactor,
                  Each(specs,
                       [](const RunSpec& spec) {
                         return spec.series ? std::to_string(spec.series->position) : "";
                       }),
                  false);
}

const ModelSpec* JudgeSpec(const RunSpec& spec, const std::string& name) {
  for (const ModelSpec& judge : spec.judges) {
    if (judge.id() == name) return &judge;
  }
  return nullptr;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The judge whose scores are compared: `wanted`, or the first that all have; else each run's first.
Result<std::vector<int>> JudgesOf(const std::vector<RunData>& runs, const std::string& wanted) {
  const auto place = [](const RunData& run, const std::string& name) {
    const auto found = std::find(run.judges.begin(), run.judges.end(), name);
    return found == run.judges.end() ? -1 : static_cast<int>(found - run.judges.begin());
  };
  const auto everywhere = [&](const std::string& name) {
    std::vector<int> places;
    for (const RunData& run : runs) places.push_back(place(run, name));
    return places;
  };
  if (!wanted.empty()) {
    std::vector<int> places = everywhere(wanted);
    for (size_t i = 0; i < runs.size(); ++i) {
      if (places[i] >= 0) continue;
      return UsageError("--judge", "run " + runs[i].summary.run.id + " has no judgements by \"" + wanted + "\"",
                        runs[i].judges.empty() ? "nobody judged it" : "it was judged by " + Joined(runs[i].judges));
    }
    return places;
  }
  for (const std::string& name : runs.front().judges) {
    std::vector<int> places = everywhere(name);
    if (std::find(places.begin(), places.end(), -1) == places.end()) return places;
  }
  std::vector<int> first;
  for (const RunData& run : runs) first.push_back(run.judges.empty() ? -1 : 0);
  return first;
}

void AddJudge(const std::vector<RunData>& runs, const std::vector<RunSpec>& specs, const std::vector<int>& judges,
              Differences& differences) {
  std::vector<std::string> names;
  std::vector<std::string> prompts;
  std::vector<Json> settings;
  std::vector<std::string> endpoints;
  for (size_t i = 0; i < runs.size(); ++i) {
    const bool judged = judges[i] >= 0;
    const std::string name = judged ? runs[i].judges[static_cast<size_t>(judges[i])] : "";
    names.push_back(name);
    std::vector<std::string> of_run;
    if (judged && static_cast<size_t>(judges[i]) < runs[i].judge_prompts.size()) {
      for (const std::string& digest : runs[i].judge_prompts[static_cast<size_t>(judges[i])]) {
        of_run.push_back(ShortDigest(digest));
      }
    }
    prompts.push_back(Joined(of_run));
    const ModelSpec* spec = JudgeSpec(specs[i], name);
    Json setting = spec == nullptr ? Json::object() : ToJson(spec->generation);
    if (spec != nullptr) {
      for (const auto& [key, value] : spec->arguments) setting[key] = value;
    }
    settings.push_back(std::move(setting));
    endpoints.push_back(spec == nullptr ? "" : spec->base_url);
  }
  differences.Add("judge", names, true);
  differences.Add("judge's prompt", prompts, true);
  differences.AddMembers("judge's ", settings, true);
  differences.Add("judge's endpoint", endpoints, false);
}

void AddSettings(const std::vector<RunData>& runs, const std::vector<RunSpec>& specs, Differences& differences) {
  differences.Add("suite", Each(specs, [](const RunSpec& spec) { return spec.suite; }), true);
  std::vector<std::string> protocols;
  for (const RunData& run : runs) protocols.push_back(run.summary.run.protocol);
  differences.Add("protocol", protocols, true);
  // Of our own suites they choose among tasks that have ids of their own; a benchmark's change what a task is.
  const bool ours = std::ranges::all_of(protocols, [](const std::string& protocol) { return protocol == "axiometer"; });
  differences.AddMembers("-T ", EachJson(specs, [](const RunSpec& spec) {
                           Json arguments = Json::object();
                           for (const auto& [key, value] : spec.task_arguments) arguments[key] = value;
                           return arguments;
                         }), !ours);
  differences.Add("selection", Each(specs, [](const RunSpec& spec) { return spec.selection; }), false);
  differences.Add("epochs", Each(specs, [](const RunSpec& spec) { return std::to_string(spec.epochs); }), false);
  differences.Add("step limit", Each(specs, [](const RunSpec& spec) { return std::to_string(spec.limits.max_steps); }),
                  false);
  differences.Add("token limit",
                  Each(specs, [](const RunSpec& spec) { return std::to_string(spec.limits.max_tokens); }), false);
  differences.Add("time limit in ms",
                  Each(specs, [](const RunSpec& spec) { return std::to_string(spec.limits.time_ms); }), false);
  differences.Add("results made elsewhere", Each(specs, [](const RunSpec& spec) {
                    return spec.imported_digest.empty() ? std::string("no") : "yes";
                  }), false);
  differences.Add("departures from the protocol",
                  Each(specs, [](const RunSpec& spec) { return Joined(spec.departures); }), false);
  differences.Add("version", Each(specs, [](const RunSpec& spec) { return spec.version; }), false);
}

// Which part of two records of one task differs, as people call it.
std::string PartThatDiffers(const Json& one, const Json& other) {
  const auto differs = [&](const char* key) {
    return one.value(key, Json()) != other.value(key, Json());
  };
  if (differs("rubric") || differs("rubric_status")) return "rubric";
  if (differs("value_system") || differs("pole_a") || differs("pole_b")) return "values at stake";
  if (differs("gold") || differs("options") || differs("references")) return "answers";
  if (differs("tool_names")) return "tools";
  const auto asked = [](const Json& record) {
    Json messages = Json::array();
    for (const Json& message : record.value("opening", Json::array())) {
      if (message.value("role", "") != "system") messages.push_back(message);
    }
    return messages;
  };
  if (asked(one) != asked(other)) return "text of the task";
  return "environment, its state or other content";
}

// Common tasks whose content differs, by part.
Result<void> AddTasks(const std::vector<RunData>& runs, const std::vector<CommonTask>& tasks, const RecordOf& record,
                      Differences& differences) {
  struct Part {
    size_t tasks = 0;
    std::string example;
  };
  std::map<std::string, Part> parts;
  for (const CommonTask& task : tasks) {
    const auto facts = [&](size_t run) -> const TaskFacts& {
      return runs[run].tasks[static_cast<size_t>(task.indexes[run])];
    };
    for (size_t run = 1; run < runs.size(); ++run) {
      if (facts(run).source_digest == facts(0).source_digest || facts(run).id != facts(0).id) continue;
      std::vector<Json> records;
      for (const size_t one : {size_t{0}, run}) {
        const Result<std::string> text = record(facts(one));
        if (!text) return text.error();
        Result<Json> json = ParseJson(*text, "stored task \"" + task.key + "\"");
        if (!json) return std::move(json).error();
        records.push_back(std::move(*json));
      }
      Part& part = parts[PartThatDiffers(records[0], records[1])];
      if (part.tasks++ == 0) part.example = task.key;
      break;
    }
  }
  for (const auto& [name, part] : parts) {
    std::vector<std::string> values(runs.size(), "differs");
    values.front() = Grouped(static_cast<long long>(part.tasks)) + (part.tasks == 1 ? " task" : " tasks") + ", such as " +
                     part.example;
    differences.Add(name, std::move(values), true);
  }
  return {};
}

// By id; where the runs share none, by the item that a benchmark's tasks name.
std::vector<CommonTask> CommonTasks(const std::vector<RunData>& runs) {
  const auto by = [&](const auto& key_of) {
    std::vector<std::map<std::string, int>> places(runs.size());
    for (size_t run = 0; run < runs.size(); ++run) {
      for (size_t i = 0; i < runs[run].tasks.size(); ++i) {
        const std::string& key = key_of(runs[run].tasks[i]);
        if (!key.empty()) places[run].emplace(key, static_cast<int>(i));
      }
    }
    std::vector<CommonTask> common;
    for (const TaskFacts& facts : runs.front().tasks) {
      CommonTask task;
      task.key = key_of(facts);
      for (const auto& of_run : places) {
        const auto found = of_run.find(task.key);
        if (found != of_run.end()) task.indexes.push_back(found->second);
      }
      if (task.indexes.size() == runs.size()) common.push_back(std::move(task));
    }
    return common;
  };
  std::vector<CommonTask> common = by([](const TaskFacts& facts) -> const std::string& { return facts.id; });
  if (common.empty()) common = by([](const TaskFacts& facts) -> const std::string& { return facts.tag("item"); });
  return common;
}

}  // namespace

bool Comparability::refused() const {
  return std::any_of(instrument.begin(), instrument.end(),
                     [](const ConfigurationDifference& difference) { return difference.forbids; });
}

Result<Comparability> Compared(const std::vector<RunData>& runs, const std::string& judge, const RecordOf& record) {
  std::vector<RunSpec> specs;
  for (const RunData& run : runs) {
    const Result<Json> config = ParseJson(run.summary.run.config, "stored configuration of run " + run.summary.run.id);
    if (!config) return config.error();
    Result<RunSpec> spec = RunSpecFromJson(*config);
    if (!spec) return std::move(spec).error();
    specs.push_back(std::move(*spec));
  }
  Comparability out;
  Result<std::vector<int>> judges = JudgesOf(runs, judge);
  if (!judges) return std::move(judges).error();
  out.judges = std::move(*judges);
  for (size_t run = 0; run < runs.size(); ++run) out.standings.push_back(StandingOf(runs[run], out.judges[run]));
  out.tasks = CommonTasks(runs);
  for (const RunData& run : runs) out.unmatched.push_back(run.tasks.size() - out.tasks.size());
  AddSubject(specs, out.subject);
  Differences instrument(out.instrument);
  AddSettings(runs, specs, instrument);
  AddJudge(runs, specs, out.judges, instrument);
  const Result<void> added = AddTasks(runs, out.tasks, record, instrument);
  if (!added) return added.error();
  return out;
}

Result<void> Refusal(const std::vector<RunData>& runs, const Comparability& found, bool allow_differences) {
  std::string names;
  for (const RunData& run : runs) names += (names.empty() ? "" : ", ") + run.summary.run.id;
  const std::string where = "runs " + names;
  if (found.tasks.empty()) {
    std::string suites;
    for (const RunData& run : runs) {
      suites += (suites.empty() ? "" : " and ") + std::string("\"") + run.summary.run.suite + "\"";
    }
    return UsageError(where, "have no task in common (suites " + suites + ")",
                      "name runs of the same tasks; `axiometer runs` lists them");
  }
  if (allow_differences || !found.refused()) return {};
  std::string what;
  for (const ConfigurationDifference& difference : found.instrument) {
    if (!difference.forbids) continue;
    what += what.empty() ? "" : "; ";
    what += difference.what + " (";
    for (size_t i = 0; i < difference.values.size(); ++i) {
      what += (i == 0 ? "" : " / ") + Excerpt(difference.values[i], 80);
    }
    what += ")";
  }
  return UsageError(where, "scores do not mean the same, because these differ: " + what,
                    "compare them all the same with --allow-differences, which the report will say");
}

}  // namespace axiometer
