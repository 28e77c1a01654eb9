#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "harness/cli/live_display.h"
#include "harness/cli/say.h"
#include "harness/cli/session.h"
#include "harness/cli/verbs.h"
#include "reports/data.h"
#include "reports/document.h"

namespace axiometer {
namespace {

// A run is done when nothing is wanted any more, but not complete while samples have no score because
// something failed that was not measured.
std::optional<Error> MissingScores(const ReportData& data) {
  int64_t samples = 0;
  int64_t failed = 0;
  int64_t unjudged = 0;
  std::string example;
  for (const RunData& run : data.runs) {
    samples += static_cast<int64_t>(run.samples.size());
    for (const SampleFacts& sample : run.samples) {
      if (IsError(sample.outcome)) {
        ++failed;
        if (example.empty()) example = sample.detail;
      }
      const auto lost = std::find_if(sample.judged.begin(), sample.judged.end(), [](const JudgedFacts& judged) {
        return judged.status == JudgementStatus::kModelError;
      });
      if (lost == sample.judged.end()) continue;
      ++unjudged;
      if (example.empty()) example = lost->problem;
    }
  }
  if (failed + unjudged == 0) return std::nullopt;
  const std::string what = failed == 0     ? "could not be judged"
                           : unjudged == 0 ? "ended in an error"
                                           : "ended in an error or could not be judged";
  return Failed("", std::to_string(failed + unjudged) + " of " + std::to_string(samples) + " samples " + what +
                        " and have no score, for example (" + example + ")",
                "mend the cause, then give the same command with --retry-errors");
}

}  // namespace

Result<int> RunEval(const EvalOptions& options) {
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  HttpClient http(loop);
  const Machinery machinery{loop, *clock, http};
  // All configurations first: a mistake in the last one must not cost the work of the first.
  std::vector<Experiment> experiments;
  for (const std::string& suite : options.suites) {
    for (const std::string& model : options.models) {
      Result<Experiment> experiment = Prepare(options, suite, model, machinery);
      if (!experiment) return std::move(experiment).error();
      experiments.push_back(std::move(*experiment));
    }
  }
  Result<OpenedStore> store = OpenStore(loop, options.db);
  if (!store) return std::move(store).error();
  std::vector<std::string> runs;
  SessionResult last;
  for (Experiment& experiment : experiments) {
    Result<std::pair<std::string, SessionResult>> worked = WorkThrough(options, experiment, machinery, *store);
    if (!worked) return std::move(worked).error();
    runs.push_back(worked->first);
    last = std::move(worked->second);
    if (last.end != SessionEnd::kDone) break;
  }
  if (last.end == SessionEnd::kFailed) {
    Say("run " + runs.back() + " is incomplete; what is done is stored");
    return *last.error;
  }
  Result<ReportData> data = LoadReport(*store->reader, runs);
  if (!data) return std::move(data).error();
  const Document document =
      BuildReport(*data, {options.fail_on_error > 0 ? options.fail_on_error : kFailureBudget});
  if (options.display.value_or(Display::kFull) != Display::kNone) {
    std::fputs(ToTerminal(document, TerminalWidth(2), isatty(2) && !getenv("NO_COLOR")).c_str(), stderr);
  }
  if (options.json) std::fputs(ToJson(document).c_str(), stdout);
  if (last.end == SessionEnd::kInterrupted) {
    Say("interrupted: the same command goes on with run " + runs.back());
    return 130;
  }
  std::optional<Error> missing = MissingScores(*data);
  if (missing) return std::move(*missing);
  return 0;
}

}  // namespace axiometer
