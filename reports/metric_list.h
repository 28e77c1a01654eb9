#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/metrics.h"

namespace axiometer {

// Metrics of one run as they are made; fills in what all of them share.
class MetricList {
 public:
  using Group = std::vector<std::pair<std::string, std::string>>;

  explicit MetricList(const RunRow& run) : run_(run) {}

  // Valid until the next one is added.
  Metric& Add(const std::string& protocol, const std::string& name, Group group) {
    Metric metric;
    metric.run = run_.id;
    metric.suite = run_.suite;
    metric.protocol = protocol;
    metric.metric = name;
    metric.group = std::move(group);
    metrics_.push_back(std::move(metric));
    return metrics_.back();
  }

  void AddCount(const std::string& name, Group group, int64_t count, int64_t of) {
    Metric& metric = Add("axiometer", name, std::move(group));
    metric.value = static_cast<double>(count);
    metric.scored = of;
  }

  void AddEstimate(const std::string& protocol, const std::string& name, Group group, const Estimate& estimate,
                   const std::optional<Bounds>& bounds, int64_t scored, int64_t unscored) {
    Metric& metric = Add(protocol, name, std::move(group));
    metric.value = estimate.value;
    metric.interval = estimate.interval;
    metric.method = estimate.method;
    metric.reason = estimate.reason.empty() ? estimate.caution : estimate.reason;
    metric.bounds = bounds;
    metric.scored = scored;
    metric.unscored = unscored;
  }

  Metric& last() { return metrics_.back(); }

  std::vector<Metric> Take() { return std::move(metrics_); }

 private:
  const RunRow& run_;
  std::vector<Metric> metrics_;
};

}  // namespace axiometer
