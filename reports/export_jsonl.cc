#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/json.h"
#include "harness/record/people.h"
#include "harness/record/probe.h"
#include "reports/benchmarks.h"
#include "reports/export.h"
#include "reports/task_record.h"

namespace axiometer {
namespace {

Json ScoreJson(const Score& score) {
  if (score.number) return *score.number;
  if (score.text) return *score.text;
  return nullptr;
}

using ScoresOfTasks = std::map<std::string, std::vector<Score>>;

// Of every task, what a sample of it has that no judge saw; empty unless its protocol says so.
Result<ScoresOfTasks> UnjudgedScores(StoreReader& store, const RunRow& run) {
  ScoresOfTasks out;
  const BenchmarkReport* benchmark = FindBenchmarkReport(run.protocol);
  if (benchmark == nullptr || benchmark->unjudged == nullptr) return out;
  const Result<std::vector<TaskRow>> tasks = store.Tasks(run.id);
  if (!tasks) return tasks.error();
  for (const TaskRow& task : *tasks) {
    const Result<TaskRecordFacts> record = ReadTaskRecord(task);
    if (!record) return record.error();
    out[task.id] = benchmark->unjudged(record->facts);
  }
  return out;
}

Json LineOf(const SampleRow& sample, const ScoresOfTasks& unjudged) {
  Json scores = Json::object();
  if (const auto own = unjudged.find(sample.task); own != unjudged.end() && !IsJudged(sample.outcome)) {
    for (const Score& score : own->second) scores[score.name] = ScoreJson(score);
  }
  std::map<std::string_view, int> judges_with;
  for (const SampleRow::Judged& judged : sample.judgements) {
    if (IsByPeople(judged.protocol) || ProbeOfProtocol(judged.protocol)) continue;
    for (const Score& score : judged.judgement.scores) ++judges_with[score.name];
  }
  for (const SampleRow::Judged& judged : sample.judgements) {
    if (ProbeOfProtocol(judged.protocol)) continue;
    for (const Score& score : judged.judgement.scores) {
      const bool alone = judges_with[score.name] == 1 && !IsByPeople(judged.protocol);
      scores[alone ? score.name : score.name + "@" + judged.judge] = ScoreJson(score);
    }
  }
  Json usage = {{"input_tokens", sample.usage.input_tokens},
                {"cached_tokens", sample.usage.cached_tokens},
                {"output_tokens", sample.usage.output_tokens},
                {"reasoning_tokens", sample.usage.reasoning_tokens},
                {"cost_usd", nullptr}};
  if (sample.usage.cost_usd) usage["cost_usd"] = *sample.usage.cost_usd;
  // A finished sample without text gave a blank answer.
  const bool said_nothing = sample.final_text.empty() && sample.outcome != Outcome::kFinished;
  return {{"task", sample.task},
          {"epoch", sample.epoch},
          {"outcome", OutcomeName(sample.outcome)},
          {"completion", said_nothing ? Json() : Json(sample.final_text)},
          {"scores", std::move(scores)},
          {"usage", std::move(usage)},
          {"attempts", sample.attempts}};
}

}  // namespace

Result<void> ExportJsonl(StoreReader& store, const std::string& run, const Sink& sink) {
  const Result<RunSummary> summary = store.FindRun(run);
  if (!summary) return summary.error();
  const Result<ScoresOfTasks> unjudged = UnjudgedScores(store, summary->run);
  if (!unjudged) return unjudged.error();
  Result<void> written;
  const Result<void> read = store.ForEachSample(summary->run.id, [&](const SampleRow& sample) {
    written = sink(DumpJson(LineOf(sample, *unjudged)) + "\n");
    return written.has_value();
  });
  return written ? read : written;
}

}  // namespace axiometer
