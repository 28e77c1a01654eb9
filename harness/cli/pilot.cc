#include "harness/cli/pilot.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "harness/cli/passing_folder.h"
#include "harness/cli/session.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

// Of a limit that has been read without complaint: N or A-B.
int64_t FirstRank(const std::string& limit) {
  return limit.find('-') == std::string::npos ? 1 : std::strtoll(limit.c_str(), nullptr, 10);
}

void Count(const SampleRow& sample, PilotResult& result) {
  ++result.samples;
  if (IsError(sample.outcome)) {
    ++result.failed;
    result.failure = sample.detail;
  }
  Usage usage = sample.usage;
  for (const auto& judged : sample.judgements) usage += judged.judgement.usage;
  result.tokens.push_back(static_cast<double>(usage.tokens()));
  if (usage.cost_usd) result.dollars.push_back(*usage.cost_usd);
}

}  // namespace

Forecast ForecastTotal(const std::vector<double>& used, int64_t population) {
  Forecast forecast;
  if (used.empty()) return forecast;
  const auto n = static_cast<double>(used.size());
  const auto all = static_cast<double>(population);
  const double sum = std::accumulate(used.begin(), used.end(), 0.0);
  const double mean = sum / n;
  forecast.total = all * mean;
  if (used.size() < 2) return forecast;
  double squares = 0;
  for (const double one : used) squares += (one - mean) * (one - mean);
  const double error = all * std::sqrt(squares / (n - 1) / n * std::max(0.0, 1 - n / all));
  const std::optional<double> t = UpperTQuantile(0.025, n - 1);
  if (!t) return forecast;
  forecast.low = std::max(sum, forecast.total - *t * error);
  forecast.high = forecast.total + *t * error;
  return forecast;
}

Result<PilotResult> RunPilot(const EvalOptions& options, int samples, const Machinery& machinery) {
  const Result<std::unique_ptr<PassingFolder>> folder = PassingFolder::Make();
  if (!folder) return folder.error();
  EvalOptions pilot = options;
  Result<std::vector<Experiment>> whole = PrepareAll(pilot, machinery);
  if (!whole) return std::move(whole).error();
  PilotResult result;
  const auto tasks = static_cast<int64_t>(whole->front().suite.tasks->refs().size());
  result.population = tasks * whole->front().spec.epochs;
  whole->clear();
  // A user's own selection is looked at from its beginning; otherwise any task may come.
  if (pilot.limit.empty() && !pilot.shuffle_seed) pilot.shuffle_seed = "pilot";
  const int64_t first = FirstRank(pilot.limit);
  pilot.limit =
      std::to_string(first) + "-" + std::to_string(first + std::min<int64_t>(samples, tasks) - 1);
  if (pilot.epochs) pilot.epochs = 1;
  if (isatty(2) == 0) pilot.display = Display::kNone;
  pilot.db = (*folder)->path() + "/pilot.db";
  Result<std::vector<Experiment>> experiments = PrepareAll(pilot, machinery);
  if (!experiments) return std::move(experiments).error();
  Result<OpenedStore> store = OpenStore(machinery.loop, pilot.db);
  if (!store) return std::move(store).error();
  Result<std::pair<std::string, SessionResult>> worked =
      WorkThrough(pilot, experiments->front(), machinery, *store);
  if (!worked) return std::move(worked).error();
  if (worked->second.end == SessionEnd::kInterrupted) return Failed("pilot", "interrupted");
  const Result<void> read =
      store->reader->ForEachSample(worked->first, [&result](const SampleRow& sample) {
        Count(sample, result);
        return true;
      });
  if (!read) return read.error();
  if (result.dollars.size() != result.tokens.size()) result.dollars.clear();
  return result;
}

}  // namespace axiometer
