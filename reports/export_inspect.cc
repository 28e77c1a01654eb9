#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/benchmarks.h"
#include "reports/export.h"
#include "reports/failure_budget.h"
#include "reports/inspect_header.h"
#include "reports/inspect_sample.h"
#include "reports/zip_stream.h"

namespace axiometer {
namespace {

// The samples of a run on their way into the archive.
class SampleWriter {
 public:
  SampleWriter(StoreReader& store, const RunRow& run, const RunSpec& spec, ZipStream& archive)
      : store_(store), run_(run), spec_(spec), archive_(archive), benchmark_(FindBenchmarkReport(run.protocol)) {}

  Result<void> Write(const SampleRow& row) {
    if (row.task != task_id_) {
      Result<void> read = ReadTask(row);
      if (!read) return read;
    }
    const Result<Trajectory> trajectory = store_.LoadTrajectory(row.attempt);
    if (!trajectory) return trajectory.error();
    const inspect::LoggedSample entry = inspect::EntryOf(run_, spec_, task_, row, *trajectory, unjudged_);
    summaries_ += (summaries_.empty() ? "[" : ",\n") + DumpJson(entry.summary);
    for (const auto& [judge, usage] : entry.judges) judges_[judge] += usage;
    ended_ms_ = std::max(ended_ms_, row.ended_ms);
    const std::string name = "samples/" + row.task + "_epoch_" + std::to_string(row.epoch) + ".json";
    return archive_.Add(name, DumpJson(entry.sample));
  }

  std::string Summaries() const { return summaries_.empty() ? "[]" : summaries_ + "]"; }
  const inspect::UsageByModel& judges() const { return judges_; }
  int64_t ended_ms() const { return ended_ms_; }

 private:
  Result<void> ReadTask(const SampleRow& row) {
    Result<std::string> record = store_.TaskRecordJson(row.task_digest, row.task);
    if (!record) return std::move(record).error();
    Result<inspect::TaskTexts> task = inspect::ReadTaskTexts({row.task_digest, row.task, std::move(*record)});
    if (!task) return std::move(task).error();
    task_ = std::move(*task);
    task_id_ = row.task;
    unjudged_.clear();
    if (benchmark_ != nullptr && benchmark_->unjudged != nullptr) unjudged_ = benchmark_->unjudged(task_.facts);
    return {};
  }

  StoreReader& store_;
  const RunRow& run_;
  const RunSpec& spec_;
  ZipStream& archive_;
  const BenchmarkReport* benchmark_;
  std::string task_id_;  // of `task_`, which the samples of all its epochs share
  inspect::TaskTexts task_;
  std::vector<Score> unjudged_;
  std::string summaries_;
  inspect::UsageByModel judges_;
  int64_t ended_ms_ = 0;
};

}  // namespace

Result<void> ExportInspect(StoreReader& store, const std::string& run, double failure_budget, const Sink& sink) {
  Result<ReportData> report = LoadReport(store, {run});
  if (!report) return std::move(report).error();
  const RunData& data = report->runs.front();
  const RunRow& row = data.summary.run;
  const Result<Json> config = ParseJson(row.config, "configuration of run " + row.id);
  if (!config) return config.error();
  const Result<RunSpec> spec = RunSpecFromJson(*config);
  if (!spec) return spec.error();

  ZipStream archive(sink, row.created_ms);
  Json start = inspect::Start(data, *spec);
  Result<void> written = archive.Add("_journal/start.json", DumpJson(start));
  if (!written) return written;
  SampleWriter samples(store, row, *spec, archive);
  const Result<void> read = store.ForEachSample(row.id, [&](const SampleRow& sample) {
    written = samples.Write(sample);
    return written.has_value();
  });
  if (!written) return written;
  if (!read) return read;
  RunResult result = Analyse(data);
  Withhold(data, {failure_budget}, result);
  written = archive.Add("summaries.json", samples.Summaries());
  if (!written) return written;
  const Json header = inspect::Header(std::move(start), data, result, samples.judges(), samples.ended_ms());
  written = archive.Add("header.json", DumpJson(header));
  return written ? archive.Finish() : written;
}

}  // namespace axiometer
