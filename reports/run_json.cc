#include "reports/run_json.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/record/run_spec.h"

namespace axiometer {
namespace {

Json UsageJson(const Usage& usage) {
  Json json = {{"input_tokens", usage.input_tokens},
               {"cached_tokens", usage.cached_tokens},
               {"output_tokens", usage.output_tokens},
               {"reasoning_tokens", usage.reasoning_tokens},
               {"cost_usd", nullptr}};
  if (usage.cost_usd) json["cost_usd"] = *usage.cost_usd;
  return json;
}

}  // namespace

Json RunJson(const RunData& data) {
  const RunSummary& summary = data.summary;
  const auto samples = static_cast<int64_t>(data.samples.size());
  std::map<std::string, int64_t> outcomes;
  for (const SampleFacts& sample : data.samples) ++outcomes[OutcomeName(sample.outcome)];
  const Result<Json> config = ParseJson(summary.run.config, "configuration");
  Json json = {{"id", summary.run.id},
               {"suite", summary.run.suite},
               {"protocol", summary.run.protocol},
               {"model", summary.run.model},
               {"scaffold", summary.run.scaffold},
               {"judges", data.judges},
               {"created_ms", summary.run.created_ms},
               {"state", summary.state},
               {"identity", summary.run.identity},
               {"tags", summary.run.tags},
               {"wanted", std::max(summary.run.wanted, samples)},
               {"samples", samples},
               {"epochs", data.epochs},
               {"outcomes", outcomes},
               {"elapsed_ms", summary.elapsed_ms},
               {"calls", summary.calls},
               {"cached_calls", summary.cached_calls},
               {"subject_usage", UsageJson(summary.subject_usage)},
               {"judge_usage", UsageJson(summary.judge_usage)},
               {"config", config ? *config : Json()}};
  if (const std::optional<SeriesPlace> place = SeriesPlaceOf(summary.run.config)) {
    json["series"] = place->name;
    json["position"] = place->position;
  }
  return json;
}

}  // namespace axiometer
