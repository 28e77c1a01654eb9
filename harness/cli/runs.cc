#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/base/utc.h"
#include "harness/cli/live_display.h"
#include "harness/cli/verbs.h"
#include "harness/record/run_spec.h"
#include "harness/run/progress.h"
#include "harness/store/store.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

Json UsageJson(const Usage& usage) {
  Json json = {{"input_tokens", usage.input_tokens},
               {"cached_tokens", usage.cached_tokens},
               {"output_tokens", usage.output_tokens},
               {"reasoning_tokens", usage.reasoning_tokens}};
  json["cost_usd"] = usage.cost_usd ? Json(*usage.cost_usd) : Json();
  return json;
}

Json RunJson(const RunSummary& summary) {
  Json json = {{"run", summary.run.id},       {"created_ms", summary.run.created_ms},
               {"suite", summary.run.suite},  {"model", summary.run.model},
               {"scaffold", summary.run.scaffold}, {"tags", summary.run.tags},
               {"state", summary.state},      {"detail", summary.detail},
               {"wanted", summary.run.wanted}, {"done", summary.samples_done},
               {"attempts", summary.attempts}, {"sessions", summary.sessions},
               {"elapsed_ms", summary.elapsed_ms}, {"calls", summary.calls},
               {"cached_calls", summary.cached_calls}};
  if (const std::optional<SeriesPlace> place = SeriesPlaceOf(summary.run.config)) {
    json["series"] = place->name;
    json["position"] = place->position;
  }
  json["outcomes"] = Json::object();
  for (const auto& [name, count] : summary.outcomes) json["outcomes"][name] = count;
  json["subject"] = UsageJson(summary.subject_usage);
  json["judges"] = UsageJson(summary.judge_usage);
  return json;
}

// Wrapped to the screen, everything but the beginning of a run's first line indented.
void PrintLine(const std::string& text, bool first, int width) {
  for (const std::string& line : WrappedLines(Harmless(text), width - 2)) {
    std::printf("%s%s\n", first ? "" : "  ", line.c_str());
    first = false;
  }
}

void Print(const RunSummary& summary, int width) {
  PrintLine(summary.run.id + " · " + UtcTime(summary.run.created_ms, "%Y-%m-%d %H:%M") + " · " + summary.state, true, width);
  std::string subject = summary.run.suite + " · " + summary.run.model;
  if (!summary.run.tags.empty()) subject += " · [" + summary.run.tags + "]";
  PrintLine(subject, false, width);
  if (const std::optional<SeriesPlace> place = SeriesPlaceOf(summary.run.config)) {
    PrintLine("position " + std::to_string(place->position) + " of series " + place->name, false, width);
  }
  std::string outcomes;
  for (const auto& [name, count] : summary.outcomes) {
    outcomes += (outcomes.empty() ? ": " : ", ") + name + " " + Grouped(count);
  }
  PrintLine(Grouped(summary.samples_done) + " of " + Grouped(summary.run.wanted) + " samples" + outcomes, false, width);
  Usage usage = summary.subject_usage;
  usage += summary.judge_usage;
  std::string spent = ShortCount(summary.calls) + " calls, " + ShortCount(usage.input_tokens) + " in + " +
                      ShortCount(usage.output_tokens) + " out tokens";
  if (usage.cost_usd) spent += ", $" + Fixed(*usage.cost_usd, 4);
  PrintLine(spent + ", " + ShortTime(summary.elapsed_ms), false, width);
  PrintLine(summary.detail, false, width);
}

}  // namespace

Result<int> RunRuns(const RunsOptions& options) {
  Result<std::unique_ptr<StoreReader>> store = StoreReader::Open(options.db);
  if (!store) return std::move(store).error();
  Result<std::vector<RunSummary>> runs = (*store)->Runs();
  if (!runs) return std::move(runs).error();
  if (options.json) {
    Json json = {{"schema", "axiometer.runs/1"}, {"runs", Json::array()}};
    for (const RunSummary& summary : *runs) json["runs"].push_back(RunJson(summary));
    std::printf("%s\n", DumpJson(json).c_str());
    return 0;
  }
  const int width = isatty(1) ? TerminalWidth(1) : 80;
  for (const RunSummary& summary : *runs) Print(summary, width);
  if (runs->empty()) std::fprintf(stderr, "no runs yet; `axiometer eval --help` has examples\n");
  return 0;
}

}  // namespace axiometer
