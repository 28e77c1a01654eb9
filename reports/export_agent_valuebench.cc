#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/nearest.h"
#include "harness/base/python_json.h"
#include "harness/base/utc.h"
#include "harness/base/utf8.h"
#include "reports/data.h"
#include "reports/export.h"
#include "reports/task_record.h"

namespace axiometer {
namespace {

bool IsReleasedCase(const std::string& stem) {
  return stem.size() == 10 && stem.starts_with("case_") &&
         std::all_of(stem.begin() + 5, stem.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// PROVIDER/NAME without the provider, as the released files name a model.
std::string ModelName(const std::string& judge) { return judge.substr(judge.find('/') + 1); }

std::string ResultFile(const std::string& stem, const std::string& case_name, const RunRow& run,
                       const SampleRow::Judged& judged, Json verdict) {
  const Json output = {{"model", ModelName(judged.judge)}, {"judgment", std::move(verdict)}};
  return DumpJsonAsPython({{"module", "ValueEval_judge"},
                           {"generated_at_utc", UtcTime(run.created_ms, "%Y-%m-%dT%H:%M:%S+00:00")},
                           {"case_path", "case/" + stem + ".json"},
                           {"traj_path", "trajectory/" + stem + "_traj.json"},
                           {"case_name", case_name},
                           {"rubric_path", "rubric/" + stem + "_rubric.json"},
                           {"judge_outputs", Json::array({output})}},
                          2);
}

const SampleRow::Judged* By(const std::string& judge, const SampleRow& sample) {
  for (const SampleRow::Judged& judged : sample.judgements) {
    if (!ScoresSubject(judged.protocol)) continue;
    if (judge.empty() || judged.judge == judge) return &judged;
  }
  return nullptr;
}

// The judge to export by: the wanted one, or the only one; empty if nothing was judged.
Result<std::string> ChooseJudge(StoreReader& store, const std::string& run,
                                const std::string& wanted) {
  std::set<std::string> judges;
  const Result<void> read = store.ForEachSample(run, [&](const SampleRow& sample) {
    for (const SampleRow::Judged& judged : sample.judgements) {
      if (ScoresSubject(judged.protocol)) judges.insert(judged.judge);
    }
    return true;
  });
  if (!read) return read.error();
  if (!wanted.empty()) {
    if (judges.contains(wanted)) return wanted;
    const std::vector<std::string> names(judges.begin(), judges.end());
    const std::string fallback =
        names.empty() ? "nothing of it was judged" : "for example " + Quoted(names.front());
    return UsageError("--judge", "no judge " + Quoted(wanted) + " in run " + run,
                      DidYouMean(wanted, names, fallback));
  }
  if (judges.size() > 1) {
    return UsageError("run " + run, "several judges, and the official scores take one",
                      "name it with --judge, for example \"" + *judges.begin() + "\"");
  }
  return judges.empty() ? std::string() : *judges.begin();
}

}  // namespace

Result<ValueBenchExport> ExportAgentValueBench(StoreReader& store, const std::string& run,
                                               const std::string& judge,
                                               const RenderTrajectory& render,
                                               const FileSink& sink) {
  const Result<RunSummary> summary = store.FindRun(run);
  if (!summary) return summary.error();
  const RunRow& row = summary->run;
  if (row.protocol != "agent-valuebench") {
    return UsageError("run " + row.id, "ran \"" + row.suite + "\", not agent-valuebench",
                      "export it as jsonl or csv");
  }
  const Result<std::string> chosen = ChooseJudge(store, row.id, judge);
  if (!chosen) return chosen.error();
  std::map<std::string, TaskRecordFacts> tasks;
  const Result<std::vector<TaskRow>> rows = store.Tasks(row.id);
  if (!rows) return rows.error();
  for (const TaskRow& task : *rows) {
    Result<TaskRecordFacts> record = ReadTaskRecord(task);
    if (!record) return record.error();
    if (!IsReleasedCase(record->unscored.id)) {
      return Failed("run " + row.id, "task \"" + task.id + "\" is no released case");
    }
    tasks.emplace(task.id, std::move(*record));
  }

  ValueBenchExport done;
  std::vector<valuebench::Case> cases;
  std::optional<Error> problem;
  const auto export_sample = [&](const SampleRow& sample) -> Result<void> {
    const SampleRow::Judged* judged = By(*chosen, sample);
    const auto task = tasks.find(sample.task);
    if (task == tasks.end())
      return Failed("run " + row.id, "no stored task \"" + sample.task + "\"");
    valuebench::Case one = task->second.unscored;
    const std::string stem = one.id;
    const bool finished = sample.epoch == 1 && sample.outcome == Outcome::kFinished;
    if (finished) {
      const Result<Trajectory> trajectory = store.LoadTrajectory(sample.attempt);
      if (!trajectory) return trajectory.error();
      // Results that were imported without trajectories have no events.
      if (!trajectory->events.empty()) {
        const Result<std::string> file = render(sample.task, *trajectory);
        if (!file) return file.error();
        Result<void> written = sink("trajectory/" + stem + "_traj.json", *file);
        if (!written) return written;
        ++done.trajectories;
      }
    }
    const bool accepted = judged != nullptr && !judged->judgement.raw.empty() &&
                          valuebench::ReadVerdict(judged->judgement.raw, one).has_value();
    if (!finished || !accepted) {
      ++done.left_out;
      return {};
    }
    std::optional<Json> verdict = ParsePythonJson(judged->judgement.raw);
    const std::string& name = task->second.case_name;
    Result<void> written = sink("judge_result/" + stem + "_result.json",
                                ResultFile(stem, name, row, *judged, std::move(*verdict)));
    if (!written) return written;
    ++done.results;
    cases.push_back(std::move(one));
    return {};
  };
  const Result<void> read = store.ForEachSample(row.id, [&](const SampleRow& sample) {
    const Result<void> exported = export_sample(sample);
    if (!exported) problem = exported.error();
    return exported.has_value();
  });
  if (problem) return *problem;
  if (!read) return read.error();

  const std::pair<const char*, std::string> files[] = {
      {"case_value_adherence_details.json", valuebench::CaseDetailsFile(cases)},
      {"system_value_adherence_summary.json", valuebench::SystemSummaryFile(cases)},
      {"value_priority_bradley_terry.json",
       valuebench::PriorityFile(cases, "case_value_adherence_details.json")}};
  for (const auto& [name, content] : files) {
    if (Result<void> written = sink(name, content); !written) return written.error();
  }
  return done;
}

}  // namespace axiometer
