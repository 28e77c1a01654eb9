#include <unistd.h>

#include <set>

#include "harness/cli/output_file.h"
#include "harness/cli/verbs.h"
#include "reports/comparison_document.h"
#include "reports/data.h"
#include "reports/run_front.h"
#include "reports/run_series.h"

namespace axiometer {

Result<int> RunCompare(const CompareOptions& options) {
  Result<std::string> format = FormatOf(options.format, options.output, options.json);
  if (!format) return std::move(format).error();
  if (options.runs.size() < 2) {
    return UsageError("compare", "one run has nothing to be compared with", "name two or more; `axiometer runs` lists them");
  }
  if (options.margin && *options.margin <= 0) {
    return UsageError("--margin", "nothing is equivalent within 0", "name the difference of means that does not matter");
  }
  Result<std::unique_ptr<StoreReader>> store = StoreReader::Open(options.db, kReportCacheKib);
  if (!store) return std::move(store).error();
  Result<ReportData> data = LoadReport(**store, options.runs);
  if (!data) return std::move(data).error();
  std::set<std::string> ids;
  for (const RunData& run : data->runs) {
    if (!ids.insert(run.summary.run.id).second) {
      return UsageError("compare", "run " + run.summary.run.id + " is named twice");
    }
  }
  StoreReader& reader = **store;
  const Result<Comparability> found = Compared(
      data->runs, options.judge, [&reader](const TaskFacts& task) { return reader.TaskRecordJson(task.digest, task.id); });
  if (!found) return found.error();
  const Result<void> allowed = Refusal(data->runs, *found, options.allow_differences);
  if (!allowed) return allowed.error();
  ComparisonOptions comparing;
  comparing.margin = options.margin;
  comparing.false_discovery = options.false_discovery;
  comparing.budget.most = options.fail_on_error;
  const Comparison comparison = Compare(data->runs, *found, comparing);
  Document document = BuildComparison(data->runs, *found, comparison, comparing);
  SeriesOptions along;
  along.margin = options.margin;
  along.behind = kLastOfAllRuns;
  AddSeries(data->runs, *found, along, document);
  if (options.front) {
    const Result<RunFront> front = FrontOfRuns(data->runs, *found, *options.front);
    if (!front) return front.error();
    AddFront(data->runs, *front, kLastOfAllRuns, document);
  }
  if (*format == "html") {
    ListLinkedSamples(*data, document);
    const Result<void> filled = FillPage(reader, document);
    if (!filled) return filled.error();
  }
  const Result<void> drawn = WriteFiguresTo(options.figures, document);
  if (!drawn) return drawn.error();
  const Result<void> written =
      WriteOutput(options.output, Rendered(document, *format, options.output.empty() && isatty(1)));
  if (!written) return written.error();
  return 0;
}

}  // namespace axiometer
