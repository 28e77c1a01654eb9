#include "reports/inspect_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/inspect_messages.h"

namespace axiometer::inspect {
namespace {

constexpr int kLogVersion = 2;
constexpr char kEstimator[] =
    "mean_score is the mean share of a pole's points over the tasks in which the dimension is a pole, 0 to 1: a "
    "judge's "
    "repeats, then epochs of a task averaged first; intervals by tasks within environments. Samples without a score "
    "are "
    "in no mean; bounds say where it would lie had they scored the lowest or the highest.";

Json GenerateConfig(const ModelSpec& model) {
  // Another value is refused there; it stands in the metadata's configuration.
  static const std::set<std::string> kEfforts{"none", "minimal", "low", "medium", "high", "xhigh"};
  const Generation& from = model.generation;
  Json config = {{"max_retries", model.max_retries}, {"timeout", model.timeout_ms / 1000}};
  if (model.max_connections > 0) config["max_connections"] = model.max_connections;
  if (from.temperature) config["temperature"] = *from.temperature;
  if (from.top_p) config["top_p"] = *from.top_p;
  if (from.max_tokens) config["max_tokens"] = *from.max_tokens;
  if (from.seed) config["seed"] = *from.seed;
  if (!from.stop.empty()) config["stop_seqs"] = from.stop;
  if (from.reasoning_effort && kEfforts.contains(*from.reasoning_effort))
    config["reasoning_effort"] = *from.reasoning_effort;
  if (from.parallel_tool_calls) config["parallel_tool_calls"] = *from.parallel_tool_calls;
  if (from.n) config["num_choices"] = *from.n;
  if (from.top_logprobs) config["top_logprobs"] = *from.top_logprobs;
  return config;
}

Json TagList(const std::string& tags) {
  Json list = Json::array();
  for (size_t at = 0; at < tags.size();) {
    const size_t comma = std::min(tags.find(',', at), tags.size());
    if (comma > at) list.push_back(tags.substr(at, comma - at));
    at = comma + 1;
  }
  return list;
}

Json Scorers(const RunData& run) {
  Json scorers = Json::array();
  for (size_t i = 0; i < run.judges.size(); ++i) {
    scorers.push_back({{"name", run.judges[i]}, {"metadata", {{"prompt_digests", run.judge_prompts[i]}}}});
  }
  return scorers;
}

Json Config(const RunSpec& spec) {
  Json config = {{"epochs", spec.epochs}, {"fail_on_error", false}};
  if (spec.limits.max_tokens > 0) config["token_limit"] = spec.limits.max_tokens;
  if (spec.limits.time_ms > 0) config["time_limit"] = (spec.limits.time_ms + 999) / 1000;
  return config;
}

Json RunMetadata(const RunData& run) {
  const RunRow& row = run.summary.run;
  const Result<Json> config = ParseJson(row.config, "configuration");
  return {{"axiometer_run", row.id},      {"suite", row.suite},
          {"protocol", row.protocol},     {"identity", row.identity},
          {"command", row.command},       {"state", run.summary.state},
          {"detail", run.summary.detail}, {"configuration", config ? *config : Json()}};
}

Json Eval(const RunData& run, const RunSpec& spec) {
  const RunRow& row = run.summary.run;
  Json ids = Json::array();
  for (const TaskFacts& task : run.tasks) ids.push_back(task.id);
  Json dataset = {{"name", row.suite}};
  if (!spec.data_dir.empty()) dataset["location"] = spec.data_dir;
  dataset["samples"] = run.tasks.size();
  dataset["sample_ids"] = std::move(ids);
  Json solver = Json::object();
  if (!spec.skill.empty()) solver["skill"] = spec.skill;
  Json eval = {{"eval_id", row.id},
               {"run_id", row.id},
               {"created", TimeJson(row.created_ms)},
               {"task", row.suite},
               {"task_id", row.id},
               {"task_version", spec.suite_digest.substr(0, 12)},
               {"task_args", spec.task_arguments},
               {"task_args_passed", spec.task_arguments},
               {"solver", row.scaffold},
               {"solver_args", solver},
               {"tags", TagList(row.tags)},
               {"dataset", std::move(dataset)},
               {"model", row.model},
               {"model_generate_config", GenerateConfig(spec.model)},
               {"model_args", spec.model.arguments},
               {"config", Config(spec)},
               {"packages", {{"axiometer", spec.version}}},
               {"metadata", RunMetadata(run)},
               {"scorers", Scorers(run)}};
  if (!spec.model.base_url.empty()) eval["model_base_url"] = spec.model.base_url;
  return eval;
}

// Numbers that a log of evaluations is read for; counts, ranks and pairs stay in our reports.
bool IsLogged(const Metric& metric) {
  static const std::set<std::string> kOurs{"mean_score", "system_mean_score", "ensemble_mean_score", "accuracy",
                                           "coverage",   "macro_f1",          "mean_reward"};
  return kOurs.contains(metric.metric) || (metric.protocol == "official" && !metric.metric.ends_with("_count"));
}

Json MetricMetadata(const Metric& metric) {
  Json json = {{"protocol", metric.protocol}, {"scored", metric.scored}, {"unscored", metric.unscored}};
  if (metric.interval) {
    json["interval"] = {{"level", metric.interval->level},
                        {"low", metric.interval->low},
                        {"high", metric.interval->high},
                        {"method", metric.method}};
  }
  if (!metric.reason.empty()) json["reason"] = metric.reason;
  if (metric.bounds) json["bounds"] = {{"low", metric.bounds->low}, {"high", metric.bounds->high}};
  return json;
}

// Where a metric goes: "benevolence (schwartz)" of whom, under which name.
struct Place {
  std::string scorer;
  std::string score;
  std::string metric;
  bool is_whole = false;  // of a value system or suite as a whole
};

Place PlaceOf(const Metric& metric, const RunData& run) {
  Place place;
  place.scorer = run.judges.size() == 1 ? run.judges.front() : "all judges";
  place.metric = metric.protocol == "axiometer" ? metric.metric : metric.protocol + "." + metric.metric;
  std::string system;
  std::string rest;
  for (const auto& [key, value] : metric.group) {
    if (key == "judge") {
      place.scorer = value;
    } else if (key == "value_system") {
      system = value;
    } else if (key == "dimension") {
      place.score = value;
    } else if (key == "samples" || key == "reward") {
      place.metric += " (" + value + ")";
    } else {
      rest += (rest.empty() ? "" : ", ") + key + "=" + value;
    }
  }
  place.is_whole = place.score.empty() && rest.empty();
  if (place.score.empty()) {
    place.score = system.empty() ? run.summary.run.suite : system;
  } else if (!system.empty()) {
    place.score += " (" + system + ")";
  }
  if (!rest.empty()) place.score += " " + rest;
  return place;
}

// Those of a whole first: lists of runs show the first alone.
Json Scores(const RunData& run, const RunResult& result) {
  Json wholes = Json::array();
  Json parts = Json::array();
  std::map<std::pair<std::string, std::string>, size_t> places;
  for (const Metric& metric : ToMetrics(run, result)) {
    if (!IsLogged(metric)) continue;
    const Place place = PlaceOf(metric, run);
    Json& scores = place.is_whole ? wholes : parts;
    const auto [found, fresh] = places.try_emplace({place.scorer, place.score}, scores.size());
    if (fresh) {
      scores.push_back({{"name", place.score},
                        {"scorer", place.scorer},
                        {"scored_samples", metric.scored},
                        {"unscored_samples", metric.unscored},
                        {"metrics", Json::object()}});
    }
    Json& score = scores[found->second];
    if (metric.value) {
      score["metrics"][place.metric] = {
          {"name", place.metric}, {"value", *metric.value}, {"metadata", MetricMetadata(metric)}};
    } else {
      score["metadata"][place.metric] = MetricMetadata(metric);
    }
  }
  for (Json& part : parts) wholes.push_back(std::move(part));
  return wholes;
}

const char* StatusOf(const std::string& state) {
  if (state == "done") return "success";
  if (state == "running") return "started";
  return state == "failed" ? "error" : "cancelled";
}

}  // namespace

Json Start(const RunData& run, const RunSpec& spec) {
  const Json step = {{"solver", run.summary.run.scaffold}, {"params", Json::object()}};
  return {{"version", kLogVersion},
          {"eval", Eval(run, spec)},
          {"plan", {{"name", "plan"}, {"steps", Json::array({step})}, {"config", GenerateConfig(spec.model)}}}};
}

Json Header(Json start, const RunData& run, const RunResult& result, const UsageByModel& judges, int64_t ended_ms) {
  const RunSummary& summary = run.summary;
  const auto samples = static_cast<int64_t>(run.samples.size());
  const int64_t completed = std::count_if(run.samples.begin(), run.samples.end(),
                                          [](const SampleFacts& sample) { return IsJudged(sample.outcome); });
  UsageByModel usage = judges;
  usage[summary.run.model] += summary.subject_usage;
  Json stats = {{"started_at", TimeJson(summary.run.created_ms)}, {"completed_at", ""}};
  if (ended_ms > 0) stats["completed_at"] = TimeJson(ended_ms);
  for (const auto& [model, used] : usage) stats["model_usage"][model] = UsageJson(used);
  if (!judges.empty()) stats["role_usage"]["grader"] = UsageJson(summary.judge_usage);

  Json header = {{"version", std::move(start["version"])},
                 {"status", StatusOf(summary.state)},
                 {"eval", std::move(start["eval"])},
                 {"plan", std::move(start["plan"])},
                 {"results",
                  {{"total_samples", std::max(summary.run.wanted, samples)},
                   {"completed_samples", completed},
                   {"scores", Scores(run, result)},
                   {"metadata", {{"estimator", kEstimator}}}}},
                 {"stats", std::move(stats)}};
  if (summary.state == "failed") {
    header["error"] = {{"message", summary.detail}, {"traceback", ""}, {"traceback_ansi", ""}};
  }
  return header;
}

}  // namespace axiometer::inspect
