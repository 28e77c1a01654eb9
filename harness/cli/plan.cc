#include <unistd.h>

#include <algorithm>

#include "harness/cli/output_file.h"
#include "harness/cli/verbs.h"
#include "reports/study_plan.h"

namespace axiometer {

Result<int> RunPlan(const PlanOptions& options) {
  Result<std::string> format = FormatOf(options.format, options.output, options.json);
  if (!format) return std::move(format).error();
  if (options.half_width <= 0) {
    return UsageError("--half-width", "no study makes an interval that narrow", "name a width above 0, such as 0.1");
  }
  Result<std::unique_ptr<StoreReader>> store = StoreReader::Open(options.db);
  if (!store) return std::move(store).error();
  Result<ReportData> data = LoadReport(**store, {options.run});
  if (!data) return std::move(data).error();
  const RunData& run = data->runs.front();
  if (run.judges.empty()) {
    return UsageError("run " + run.summary.run.id, "nobody judged it, so that nothing is known of its scores");
  }
  const auto judge = options.judge.empty() ? run.judges.begin()
                                           : std::find(run.judges.begin(), run.judges.end(), options.judge);
  if (judge == run.judges.end()) {
    return UsageError("--judge", "run " + run.summary.run.id + " has no judgements by \"" + options.judge + "\"",
                      "it was judged by " + run.judges.front());
  }
  const StudyPlan plan = PlanStudy(run, static_cast<int>(judge - run.judges.begin()), options.half_width, options.clusters);
  const Result<void> written = WriteOutput(
      options.output, Rendered(BuildStudyPlan(run, plan), *format, options.output.empty() && isatty(1)));
  if (!written) return written.error();
  return 0;
}

}  // namespace axiometer
