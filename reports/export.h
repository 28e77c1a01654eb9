#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/store/store.h"

namespace axiometer {

// Takes text as it is made; an error ends the export.
using Sink = std::function<Result<void>(std::string_view)>;

// DESIGN section 7: one line of JSON a sample, by task and epoch: task, epoch, outcome, completion
// (final text or null), scores (name to number, text or null), usage, attempts. Where several
// judges give a score of one name, it is followed by "@JUDGE"; a person's always is. Names of an
// official protocol start with "official.".
Result<void> ExportJsonl(StoreReader& store, const std::string& run, const Sink& sink);

// One line a sample after a header, as reports/csv_text.h says: run, task, epoch, outcome,
// value_system, pole_a, pole_b, environment, judge, judgement, a, b, choice, steps, attempts,
// input_tokens, output_tokens, cost_usd, final_text. A sample with several judgements has a line
// for each.
Result<void> ExportCsv(StoreReader& store, const std::string& run, const Sink& sink);

// The run as a log that Inspect AI reads (version 2, `.eval`: a ZIP archive with an entry a sample),
// with messages, tool calls, scores and usage: inspect_sample.h and inspect_header.h say what becomes
// what. `failure_budget`: above it our means are withheld (failure_budget.h). Samples are read and
// written one after another; memory is what a report of the run takes and about 2.5 KB a sample for
// their summaries. Errors: no such run, a configuration that cannot be read, what the sink says.
Result<void> ExportInspect(StoreReader& store, const std::string& run, double failure_budget, const Sink& sink);

// Takes one whole file at a path below the export's folder.
using FileSink = std::function<Result<void>(const std::string& path, std::string_view content)>;

// The file of one trajectory in the released layout, of the task with this id. This part cannot
// make it: it needs the benchmark's own texts.
using RenderTrajectory =
    std::function<Result<std::string>(const std::string& task, const Trajectory&)>;

struct ValueBenchExport {
  int64_t trajectories = 0;
  int64_t results = 0;   // judge_result files
  int64_t left_out = 0;  // samples that do not count officially: not finished, no accepted verdict
};

// The released layout: trajectory/<stem>_traj.json and judge_result/<stem>_result.json of finished
// samples, first epoch, one judge (empty: the only one), and the three metric files; no trajectory
// where results were imported without. The
// benchmark's own programs run on it and give the numbers of the three files. Paths inside the
// files are relative to the data set ("case/…", "rubric/…") and to the export ("trajectory/…").
// Errors: another suite, several judges and none named, a task id that is no released case,
// whatever a callback says.
Result<ValueBenchExport> ExportAgentValueBench(StoreReader& store, const std::string& run,
                                               const std::string& judge,
                                               const RenderTrajectory& render,
                                               const FileSink& sink);

struct ForcedChoiceExport {
  int64_t results = 0;
  int64_t scorable = 0;  // of these, with a letter that could be read
};
// Agent-ValueBench's forced choices in the released form, first epoch:
// choice_llm/<stem>_choice_llm.json, and the two metric files that its conversion and priority
// programs make of them.
Result<ForcedChoiceExport> ExportForcedChoice(StoreReader& store, const std::string& run,
                                              const FileSink& sink);

// A FileSink that writes below `directory`, making folders as needed. Refuses paths that would
// leave it. A file appears complete or not at all.
FileSink WriteBelow(std::string directory);

}  // namespace axiometer
