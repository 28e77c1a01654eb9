#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "reports/export.h"

namespace axiometer {
namespace {

Json ScoreJson(const Score& score) {
  if (score.number) return *score.number;
  if (score.text) return *score.text;
  return nullptr;
}

Json LineOf(const SampleRow& sample) {
  Json scores = Json::object();
  for (const SampleRow::Judged& judged : sample.judgements) {
    std::string suffix;
    if (sample.judgements.size() > 1) suffix.append("@").append(judged.judge);
    for (const Score& score : judged.judgement.scores)
      scores[score.name + suffix] = ScoreJson(score);
  }
  Json usage = {{"input_tokens", sample.usage.input_tokens},
                {"cached_tokens", sample.usage.cached_tokens},
                {"output_tokens", sample.usage.output_tokens},
                {"reasoning_tokens", sample.usage.reasoning_tokens},
                {"cost_usd", nullptr}};
  if (sample.usage.cost_usd) usage["cost_usd"] = *sample.usage.cost_usd;
  return {{"task", sample.task},
          {"epoch", sample.epoch},
          {"outcome", OutcomeName(sample.outcome)},
          {"completion", sample.final_text.empty() ? Json() : Json(sample.final_text)},
          {"scores", std::move(scores)},
          {"usage", std::move(usage)},
          {"attempts", sample.attempts}};
}

}  // namespace

Result<void> ExportJsonl(StoreReader& store, const std::string& run, const Sink& sink) {
  const Result<RunSummary> summary = store.FindRun(run);
  if (!summary) return summary.error();
  Result<void> written;
  const Result<void> read = store.ForEachSample(summary->run.id, [&](const SampleRow& sample) {
    written = sink(DumpJson(LineOf(sample)) + "\n");
    return written.has_value();
  });
  return written ? read : written;
}

}  // namespace axiometer
