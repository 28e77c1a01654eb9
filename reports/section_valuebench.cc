#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/plain_text.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

// Wording fixed with the ranking's method: whoever sees the ranking sees this.
constexpr const char* kCaveat =
    "Each pair of values met in one case. A difference between two values is also a difference "
    "between those "
    "cases; nothing separates the two.";

const valuebench::SystemPriority* Find(const OfficialResult& official, const std::string& system) {
  const auto found = official.priority.find(system);
  return found == official.priority.end() ? nullptr : &found->second;
}

std::string First(const valuebench::SystemPriority* priority) {
  if (priority == nullptr) return "–";
  if (priority->ranking.empty()) return "no ranking";
  std::string text = priority->ranking.front().name;
  return priority->ranking.front().tied ? text + " (tied)" : text;
}

Table Systems(const OfficialResult& finished, const OfficialResult& all, const std::string& id) {
  Table table;
  table.id = id;
  table.title = "Adherence of each value system";
  table.caption =
      "Official score, 0 to 10: the mean over a system's values of each value's mean case score. "
      "\"Finished\" is the "
      "protocol's denominator, cases that the agent ended by itself; \"all\" adds those that a "
      "limit ended. The protocol "
      "defines no interval.";
  table.columns = {{"Value system", false},
                   {"Finished", true},
                   {"All", true},
                   {"Cases", true},
                   {"Ranked first", false}};
  for (const auto& [key, system] : all.adherence) {
    const auto official = finished.adherence.find(key);
    const valuebench::SystemPriority* priority = Find(finished, key);
    table.rows.push_back(
        {key, official == finished.adherence.end() ? "–" : Fixed(official->second.score, 4),
         Fixed(system.score, 4), priority == nullptr ? "0" : Grouped(priority->cases),
         First(priority)});
  }
  return table;
}

Table Values(const OfficialResult& finished, const OfficialResult& all, const std::string& key,
             const std::string& id) {
  Table table;
  table.id = id;
  const valuebench::SystemPriority* priority = Find(finished, key);
  const valuebench::SystemAdherence& every = all.adherence.find(key)->second;
  table.caption =
      "Official rank and Bradley-Terry strength (its logarithm, centred at 0; larger is preferred "
      "more) over finished cases, "
      "and adherence from 0 to 10.";
  table.columns = {{"Rank", true}, {"Value", false}, {"Log strength", true}, {"Won", true},
                   {"Lost", true}, {"Equal", true},  {"Adherence", true},    {"All cases", true}};
  const auto adherence = [](const valuebench::SystemAdherence* system, const std::string& value) {
    if (system == nullptr) return std::string("–");
    const auto found = system->values.find(value);
    return found == system->values.end() ? std::string("–") : Fixed(found->second.score, 4);
  };
  const auto official = finished.adherence.find(key);
  const valuebench::SystemAdherence* scored =
      official == finished.adherence.end() ? nullptr : &official->second;
  if (priority != nullptr && !priority->ranking.empty()) {
    for (const valuebench::RankedValue& value : priority->ranking) {
      table.rows.push_back({std::to_string(value.rank) + (value.tied ? " =" : ""), value.name,
                            Fixed(value.log_strength, 4), Grouped(value.wins),
                            Grouped(value.losses), Grouped(value.ties),
                            adherence(scored, value.name), adherence(&every, value.name)});
    }
    return table;
  }
  for (const auto& [name, value] : every.values) {
    table.rows.push_back(
        {"–", name, "–", "–", "–", "–", adherence(scored, name), Fixed(value.score, 4)});
  }
  return table;
}

void AddNotes(const valuebench::SystemPriority* priority, Section& section) {
  section.blocks.push_back(Paragraph{kCaveat, true});
  if (priority == nullptr) return;
  if (!priority->reason.empty()) {
    section.blocks.push_back(Paragraph{"No ranking: " + priority->reason + ".", true});
    return;
  }
  if (!priority->strongly_connected) {
    section.blocks.push_back(
        Paragraph{"Some values only won or only lost: their strength is bounded by the protocol's "
                  "smoothing alone.",
                  true});
  }
  if (!priority->converged) {
    section.blocks.push_back(Paragraph{"The fit stopped at its limit of iterations.", true});
  }
  if (std::any_of(priority->ranking.begin(), priority->ranking.end(),
                  [](const auto& v) { return v.tied; })) {
    section.blocks.push_back(Paragraph{
        "Ranks marked = are equal within 1e-9; the order among them is rounding noise.", true});
  }
}

}  // namespace

// Computed as published is one thing, measured as published another.
std::string DeparturesText(const RunData& data) {
  const Result<Json> config = ParseJson(data.summary.run.config, "configuration");
  if (!config || !config->is_object()) return "";
  std::string list;
  for (const Json& departure : config->value("departures", Json::array())) {
    if (departure.is_string()) list += (list.empty() ? "" : "; ") + departure.get<std::string>();
  }
  if (list.empty()) return "";
  return "These are not the benchmark's numbers: the run departs from the published protocol (" +
         list + ").";
}

void AddOfficial(const RunView& run, Document& document) {
  if (!run.data.is_valuebench()) return;
  int number = 0;
  for (const JudgeResult& judge : run.result.judges) {
    ++number;
    if (judge.official.empty()) continue;
    const OfficialResult& finished = judge.official[0];
    const OfficialResult& all = judge.official[1];
    const std::string id = run.prefix + "official-" + std::to_string(number);
    Section section;
    section.id = id;
    section.title = "Official scores of Agent-ValueBench";
    if (run.result.judges.size() > 1) section.title += ", by " + judge.judge;
    section.title = run.Titled(section.title);
    section.blocks.push_back(Paragraph{
        "Computed as the benchmark's own programs compute them, from the same verdicts. " +
            Grouped(finished.scored) + " cases count officially, " + Grouped(all.scored) +
            " with those that a limit ended; " + Grouped(all.unscored) + " have no verdict.",
        false});
    if (const std::string text = DeparturesText(run.data); !text.empty()) {
      section.blocks.push_back(Paragraph{text, true});
    }
    if (all.adherence.empty()) {
      section.blocks.push_back(
          Paragraph{"No case has a readable verdict: there is nothing to score.", true});
      document.sections.push_back(std::move(section));
      continue;
    }
    section.blocks.push_back(Systems(finished, all, id + "-systems"));
    section.blocks.push_back(Paragraph{kCaveat, true});
    document.sections.push_back(std::move(section));
    int index = 0;
    for (const auto& [key, system] : all.adherence) {
      Section one;
      one.id = id + "-" + std::to_string(index++);
      one.title = run.Titled(key);
      one.detail = true;
      one.minor = true;
      one.blocks.push_back(Values(finished, all, key, one.id + "-values"));
      AddNotes(Find(finished, key), one);
      document.sections.push_back(std::move(one));
    }
  }
  if (run.result.health.samples == 0) return;
  const HealthResult& health = run.result.health;
  Section section;
  section.id = run.prefix + "harness-health";
  section.title = run.Titled("Harness health");
  section.minor = true;
  section.blocks.push_back(Paragraph{
      "The benchmark's quick check of a harness, which is no score of values: tool calls hit " +
          Fixed(health.reward, 2) + " of the checkpoints (first value " + Fixed(health.a, 2) +
          ", second value " + Fixed(health.b, 2) + "), the mean of " + Grouped(health.samples) +
          " samples.",
      true});
  document.sections.push_back(std::move(section));
}

}  // namespace axiometer
