#include <map>

#include "reports/csv_text.h"
#include "reports/export.h"
#include "reports/task_record.h"

namespace axiometer {
namespace {

const Score* Named(const Judgement& judgement, const char* name) {
  for (const Score& score : judgement.scores) {
    if (score.name == name) return &score;
  }
  return nullptr;
}

std::string LineOf(const std::string& run, const TaskFacts& task, const SampleRow& sample,
                   const SampleRow::Judged* judged) {
  std::string judge;
  std::string status;
  std::string choice;
  std::optional<double> a;
  std::optional<double> b;
  if (judged != nullptr) {
    judge = judged->judge;
    status = JudgementStatusName(judged->judgement.status);
    if (const Score* score = Named(judged->judgement, "a")) a = score->number;
    if (const Score* score = Named(judged->judgement, "b")) b = score->number;
    if (const Score* score = Named(judged->judgement, "choice")) choice = score->text.value_or("");
  }
  return CsvLine({CsvText(run), CsvText(sample.task), std::to_string(sample.epoch),
               OutcomeName(sample.outcome), CsvText(task.value_system), CsvText(task.pole_a),
               CsvText(task.pole_b), CsvText(task.environment), CsvText(judge), status, CsvNumber(a), CsvNumber(b),
               CsvText(choice), std::to_string(sample.steps), std::to_string(sample.attempts),
               std::to_string(sample.usage.input_tokens),
               std::to_string(sample.usage.output_tokens), CsvNumber(sample.usage.cost_usd),
               CsvText(sample.final_text)});
}

}  // namespace

Result<void> ExportCsv(StoreReader& store, const std::string& run, const Sink& sink) {
  const Result<RunSummary> summary = store.FindRun(run);
  if (!summary) return summary.error();
  const Result<std::vector<TaskRow>> rows = store.Tasks(summary->run.id);
  if (!rows) return rows.error();
  std::map<std::string, TaskFacts> tasks;
  for (const TaskRow& row : *rows) {
    Result<TaskRecordFacts> record = ReadTaskRecord(row);
    if (!record) return record.error();
    tasks.emplace(row.id, std::move(record->facts));
  }
  Result<void> written = sink(
      "run,task,epoch,outcome,value_system,pole_a,pole_b,environment,judge,judgement,a,b,choice,"
      "steps,attempts,"
      "input_tokens,output_tokens,cost_usd,final_text\r\n");
  if (!written) return written;
  const Result<void> read = store.ForEachSample(summary->run.id, [&](const SampleRow& sample) {
    const TaskFacts& task = tasks[sample.task];
    std::string lines;
    for (const SampleRow::Judged& judged : sample.judgements) {
      if (judged.protocol == kHealthProtocol) continue;
      lines += LineOf(summary->run.id, task, sample, &judged);
    }
    if (lines.empty()) lines = LineOf(summary->run.id, task, sample, nullptr);
    written = sink(lines);
    return written.has_value();
  });
  return written ? read : written;
}

}  // namespace axiometer
