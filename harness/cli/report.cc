#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/base/data_dir.h"
#include "harness/base/file.h"
#include "harness/base/utf8.h"
#include "harness/cli/output_file.h"
#include "harness/cli/say.h"
#include "harness/cli/suites.h"
#include "harness/cli/unchanged_tasks.h"
#include "harness/cli/verbs.h"
#include "judges/agent_valuebench_trajectory.h"
#include "reports/agent_valuebench_folder.h"
#include "reports/agent_valuebench_markdown.h"
#include "reports/data.h"
#include "reports/document.h"
#include "reports/export.h"
#include "reports/junit.h"
#include "reports/run_series.h"
#include "reports/threshold.h"
#include "tasks/agent_valuebench.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr char kNameData[] = "name the data set as it was with --data";
constexpr int kThresholdMissed = 100;           // exit status

// The released trajectory file of a task, with the case's own text.
RenderTrajectory RendererOf(const TaskSource& tasks, const std::string& data, const RunSpec& spec) {
  auto places = std::make_shared<std::map<std::string, size_t>>();
  for (size_t i = 0; i < tasks.refs().size(); ++i) places->emplace(tasks.refs()[i].id, i);
  return [&tasks, places, data, spec](const std::string& id, const Trajectory& trajectory) -> Result<std::string> {
    const auto place = places->find(id);
    if (place == places->end()) return Failed(id, "the data set in " + data + " has no such case");
    Result<std::shared_ptr<const Task>> task = tasks.Load(place->second);
    if (!task) return std::move(task).error();
    const std::string path = data + "/case/" + id.substr(id.rfind('/') + 1) + ".json";
    Result<std::string> text = ReadFile(path, 4u << 20);
    if (!text) return std::move(text).error();
    Result<Json> json = ParseJson(*text, path);
    if (!json) return std::move(json).error();
    AgentValueBenchRun run;
    run.task_description = std::string(TrimPython(json->value("task_description", "")));
    // What the user asked for: the released file is silent on what the runner forces.
    if (!ForcedParallelToolCalls(spec.model.name)) {
      run.parallel_tool_calls = spec.model.generation.parallel_tool_calls;
    }
    return AgentValueBenchTrajectoryJson(**task, trajectory, run);
  };
}

Result<int> ExportChoices(StoreReader& store, const RunSummary& summary, const ExportOptions& options) {
  Result<ValueBenchFolder> folder = ValueBenchFolder::Prepare(options.output);
  if (!folder) return std::move(folder).error();
  const Result<ForcedChoiceExport> exported = ExportForcedChoice(store, summary.run.id, folder->sink());
  if (!exported) return exported.error();
  const Result<void> kept = folder->Keep();
  if (!kept) return kept.error();
  std::fprintf(stderr, "%s: %ld forced choices, %ld with a letter that could be read\n",
               ForTerminal(options.output).c_str(), static_cast<long>(exported->results),
               static_cast<long>(exported->scorable));
  return 0;
}

Result<int> ExportValueBench(StoreReader& store, const RunSummary& summary, const ExportOptions& options) {
  if (summary.run.protocol == "agent-valuebench-choice") {
    if (options.output.empty()) return UsageError("-o", "the folder to write is missing");
    return ExportChoices(store, summary, options);
  }
  if (summary.run.protocol == "axiometer" && summary.run.suite == "agent-valuebench") {
    const std::string what = "run " + summary.run.id + " asked in both orders, for which there is no released form";
    return UsageError("--format", what, "jsonl and csv fit every run");
  }
  if (summary.run.protocol != "agent-valuebench") {
    return UsageError("--format", "run " + summary.run.id + " is of suite \"" + summary.run.suite +
                                      "\", not of agent-valuebench",
                      "jsonl and csv fit every suite");
  }
  if (options.output.empty()) return UsageError("-o", "the folder to write is missing");
  Result<Json> config = ParseJson(summary.run.config, "stored configuration");
  if (!config) return std::move(config).error();
  Result<RunSpec> spec = RunSpecFromJson(*config);
  if (!spec) return std::move(spec).error();
  SuiteRequest request;
  request.name = "agent-valuebench";
  request.data = options.data.empty() ? spec->data_dir : options.data;
  // No model: the released files hold the tools as the data set has them, whatever the model was sent.
  request.allow_modified = true;  // the run's own digests say what it was made from
  Result<OpenedSuite> suite = OpenSuiteByName(request);
  if (!suite) return std::move(suite).error();
  // The trajectory files take text from the data.
  const Result<void> unchanged = CheckUnchanged(store, summary.run.id, *suite->tasks, suite->data, kNameData);
  if (!unchanged) return unchanged.error();
  Result<ValueBenchFolder> folder = ValueBenchFolder::Prepare(options.output);
  if (!folder) return std::move(folder).error();
  Result<ValueBenchExport> exported =
      ExportAgentValueBench(store, summary.run.id, options.judge,
                            RendererOf(*suite->tasks, suite->data, *spec), folder->sink());
  if (!exported) return std::move(exported).error();
  const Result<void> kept = folder->Keep();
  if (!kept) return kept.error();
  std::fprintf(stderr, "%s: %ld trajectories, %ld judge results; %ld samples left out, as the benchmark does\n",
               ForTerminal(options.output).c_str(), static_cast<long>(exported->trajectories),
               static_cast<long>(exported->results), static_cast<long>(exported->left_out));
  return 0;
}

// The file of an Inspect AI log, which is known by the ending of its name: `output`, or in the folder `output` one that
// is named for the run.
Result<std::string> InspectLogPath(const RunRow& run, const std::string& output) {
  if (output.empty()) {
    return UsageError("-o", "the log to write is missing", "name a folder or a file that ends in .eval");
  }
  if (fs::is_directory(output)) return (fs::path(output) / (run.id + ".eval")).string();
  if (fs::path(output).extension() == ".eval") return output;
  return UsageError("-o", "no log is known by the ending of " + Quoted(output),
                    "name a folder that exists or a file that ends in .eval");
}

// The runs that a report is of.
Result<std::vector<std::string>> NamesOf(StoreReader& store, const ReportOptions& options) {
  if (!options.series)
    return options.runs.empty() ? std::vector<std::string>{"latest"} : options.runs;
  const Result<std::vector<RunSummary>> stored = store.Runs();
  if (!stored) return stored.error();
  return RunsOfSeries(*stored, *options.series);
}

// What changes along the series, if the runs are of one. A report of runs that merely happen to be
// says why not.
Result<void> AddSeriesTo(StoreReader& store, const ReportData& data, const ReportOptions& options,
                         Document& document) {
  const Result<std::optional<SeriesOrder>> order = OrderOf(data.runs);
  const bool none = order && !*order;
  if (none && options.margin) {
    return UsageError("--margin", "the runs are no series of two positions or more",
                      "`axiometer compare` takes a margin for other runs");
  }
  if (none) return {};
  const Result<Comparability> found = Compared(
      data.runs, "", [&store](const TaskFacts& task) { return store.TaskRecordJson(task.digest, task.id); });
  if (!found) return found.error();
  const Result<void> allowed = Refusal(data.runs, *found, options.allow_differences);
  if (!allowed && options.series) return allowed;
  SeriesOptions along;
  along.margin = options.margin;
  along.budget = {options.fail_on_error};
  if (!allowed) along.refusal = allowed.error().what;
  AddSeries(data.runs, *found, along, document);
  return {};
}

// The value systems of the program's own that are circles. None without its data, which a report needs for
// nothing else.
std::vector<ValueSystem> Circles() {
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return {};
  return LoadCircles({*data_dir + "/tasks/value_systems"});
}

// The tables of the benchmark's own programs, which are made from the runs and not from a document.
Result<std::string> ValueBenchTables(const ReportData& data, const ReportOptions& options, const std::string& format) {
  if (!options.figures.empty() || !options.fail_below.empty()) {
    return UsageError(options.figures.empty() ? "--fail-below" : "--figures",
                      "the benchmark's own tables have neither figures nor metrics", "give another --format");
  }
  Result<std::vector<valuebench::ResultRow>> rows = valuebench::ResultRows(data);
  if (!rows) return std::move(rows).error();
  if (format == "agent-valuebench-harness-markdown") return valuebench::HarnessResultsMarkdown(*rows);
  return valuebench::ResultsMarkdown(std::move(*rows));
}

Result<std::vector<Threshold>> ThresholdsOf(const ReportOptions& options) {
  std::vector<Threshold> thresholds;
  for (const std::string& text : options.fail_below) {
    Result<Threshold> threshold = ParseThreshold(text);
    if (!threshold) return std::move(threshold).error();
    thresholds.push_back(std::move(*threshold));
  }
  return thresholds;
}

}  // namespace

Result<int> RunReport(const ReportOptions& options) {
  const bool xml = options.format.empty() && fs::path(options.output).extension() == ".xml";
  Result<std::string> format = FormatOf(xml ? "junit" : options.format, options.output, options.json);
  if (!format) return std::move(format).error();
  const Result<std::vector<Threshold>> thresholds = ThresholdsOf(options);
  if (!thresholds) return thresholds.error();
  if (options.series && !options.runs.empty()) {
    return UsageError("--series", "runs are named as well", "name either the series or the runs");
  }
  if (options.margin && *options.margin <= 0) {
    return UsageError("--margin", "nothing is equivalent within 0",
                      "name the difference of means that does not matter");
  }
  Result<std::unique_ptr<StoreReader>> store = StoreReader::Open(options.db, kReportCacheKib);
  if (!store) return std::move(store).error();
  Result<std::vector<std::string>> names = NamesOf(**store, options);
  if (!names) return std::move(names).error();
  Result<ReportData> data = LoadReport(**store, *names);
  if (!data) return std::move(data).error();
  if (format->starts_with("agent-valuebench-")) {
    const Result<std::string> tables = ValueBenchTables(*data, options, *format);
    if (!tables) return tables.error();
    const Result<void> written = WriteOutput(options.output, *tables);
    if (!written) return written.error();
    return 0;
  }
  const FailureBudget budget{options.fail_on_error};
  Document document = BuildReport(*data, budget, Circles());
  const Result<void> added = AddSeriesTo(**store, *data, options, document);
  if (!added) return added.error();
  std::vector<ThresholdResult> held;
  bool missed = false;
  for (const Threshold& threshold : *thresholds) {
    held.push_back(Hold(threshold, data->runs, document.metrics));
    missed = missed || !held.back().missed.empty();
  }
  const Result<void> drawn = WriteFiguresTo(options.figures, document);
  if (!drawn) return drawn.error();
  if (*format == "html") {
    ListSamples(*data, document);
    const Result<void> filled = FillPage(**store, document);
    if (!filled) return filled.error();
  }
  const Result<void> written =
      WriteOutput(options.output, *format == "junit"
                                      ? ToJunit(data->runs, budget, held)
                                      : Rendered(document, *format, options.output.empty() && isatty(1)));
  if (!written) return written.error();
  for (const ThresholdResult& result : held) {
    for (const std::string& sentence : result.missed) Say("below the threshold: " + sentence);
    if (result.missed.empty()) Say("met: " + result.met);
  }
  return missed ? kThresholdMissed : 0;
}

Result<int> RunExport(const ExportOptions& options) {
  Result<std::unique_ptr<StoreReader>> store = StoreReader::Open(options.db);
  if (!store) return std::move(store).error();
  Result<RunSummary> summary = (*store)->FindRun(options.run);
  if (!summary) return std::move(summary).error();
  if (options.format == "agent-valuebench") return ExportValueBench(**store, *summary, options);
  std::string path = options.output;
  if (options.format == "inspect") {
    Result<std::string> log = InspectLogPath(summary->run, path);
    if (!log) return std::move(log).error();
    path = std::move(*log);
  }
  OutputFile file(path);
  const Sink sink = [&file](std::string_view text) { return file.Write(text); };
  Result<void> exported = options.format == "csv"       ? ExportCsv(**store, summary->run.id, sink)
                          : options.format == "inspect" ? ExportInspect(**store, summary->run.id, kFailureBudget, sink)
                                                        : ExportJsonl(**store, summary->run.id, sink);
  if (exported) exported = file.Keep();
  if (!exported) return exported.error();
  if (path != options.output) Say(path);
  return 0;
}

}  // namespace axiometer
