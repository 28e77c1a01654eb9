#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "harness/base/utf8.h"
#include "harness/cli/verbs.h"
#include "harness/record/run_spec.h"
#include "harness/run/progress.h"
#include "harness/store/store.h"

namespace axiometer {
namespace {

std::string Utc(int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return text;
}

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

void Print(const RunSummary& summary) {
  std::printf("%s  %s  %s\n", summary.run.id.c_str(), Utc(summary.run.created_ms).c_str(), summary.state.c_str());
  std::printf("  %s  %s%s\n", ForTerminal(summary.run.suite).c_str(), ForTerminal(summary.run.model).c_str(),
              summary.run.tags.empty() ? "" : ("  [" + ForTerminal(summary.run.tags) + "]").c_str());
  if (const std::optional<SeriesPlace> place = SeriesPlaceOf(summary.run.config)) {
    std::printf("  position %lld of series %s\n", static_cast<long long>(place->position),
                ForTerminal(place->name).c_str());
  }
  std::string outcomes;
  for (const auto& [name, count] : summary.outcomes) {
    outcomes += (outcomes.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  std::printf("  %ld of %ld samples%s%s\n", static_cast<long>(summary.samples_done),
              static_cast<long>(summary.run.wanted), outcomes.empty() ? "" : ": ", outcomes.c_str());
  Usage usage = summary.subject_usage;
  usage += summary.judge_usage;
  std::printf("  %s calls, %s in + %s out tokens", ShortCount(summary.calls).c_str(),
              ShortCount(usage.input_tokens).c_str(), ShortCount(usage.output_tokens).c_str());
  if (usage.cost_usd) std::printf(", $%.4f", *usage.cost_usd);
  std::printf(", %s\n", ShortTime(summary.elapsed_ms).c_str());
  if (!summary.detail.empty()) std::printf("  %s\n", ForTerminal(summary.detail).c_str());
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
  for (const RunSummary& summary : *runs) Print(summary);
  if (runs->empty()) std::fprintf(stderr, "no runs yet; `axiometer eval --help` has examples\n");
  return 0;
}

}  // namespace axiometer
