#include <nlohmann/json.hpp>

#include "reports/document.h"

namespace axiometer {
namespace {

template <class T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json MetricJson(const Metric& metric) {
  Json group = Json::object();
  for (const auto& [key, value] : metric.group) group[key] = value;
  Json json = {
      {"run", metric.run},       {"suite", metric.suite},       {"protocol", metric.protocol},
      {"metric", metric.metric}, {"group", std::move(group)},   {"value", OrNull(metric.value)},
      {"scored", metric.scored}, {"unscored", metric.unscored}, {"interval", nullptr}};
  if (metric.interval) {
    json["interval"] = {{"level", metric.interval->level},
                        {"low", metric.interval->low},
                        {"high", metric.interval->high},
                        {"method", metric.method}};
  }
  if (!metric.reason.empty()) json["reason"] = metric.reason;
  if (metric.bounds) {
    json["bounds"] = {{"low", metric.bounds->low},
                      {"high", metric.bounds->high},
                      {"low_with_sampling", OrNull(metric.bounds->low_with_sampling)},
                      {"high_with_sampling", OrNull(metric.bounds->high_with_sampling)}};
  }
  return json;
}

}  // namespace

std::string ToJson(const Document& document) {
  Json json = {{"schema", "axiometer.report/1"}};
  const Result<Json> runs = ParseJson(document.runs_json, "runs");
  json["runs"] = runs ? *runs : Json::array();
  if (!document.comparability_json.empty()) {
    const Result<Json> verdict = ParseJson(document.comparability_json, "comparability");
    if (verdict) json["comparability"] = *verdict;
  }
  json["metrics"] = Json::array();
  for (const Metric& metric : document.metrics) json["metrics"].push_back(MetricJson(metric));
  return DumpJson(json) + "\n";
}

}  // namespace axiometer
