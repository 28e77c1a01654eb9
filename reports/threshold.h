#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "reports/data.h"
#include "reports/metrics.h"

// Demands on a report's metrics, for a build that shall fail if they are not met. Pure.
namespace axiometer {

// METRIC[NAME=TEXT,…]=NUMBER: every metric METRIC whose group has these members, of each of the
// report's runs, is at least NUMBER. `run`, `suite` and `protocol` among the names mean the metric's
// own. Of a run's metrics of one protocol that fit, those with the fewest members in their group count:
// "accuracy=0.6" is of all tasks and not of each slice of them. A backslash in front of a character
// of NAME or TEXT takes away what it means here.
struct Threshold {
  std::string text;  // as written
  std::string metric;
  std::vector<std::pair<std::string, std::string>> group;
  double least = 0;
};

// Errors are of usage; the number must be finite.
Result<Threshold> ParseThreshold(const std::string& text);

// What came of a threshold.
struct ThresholdResult {
  Threshold threshold;
  std::vector<std::string> missed;  // a sentence each: which, value, denominator, interval; empty: met
  std::string met;                  // the same of what met it; the lowest of several
};

// A metric that a run lacks, or that has no value, misses like one that is too low.
ThresholdResult Hold(const Threshold& threshold, const std::vector<RunData>& runs, const std::vector<Metric>& metrics);

}  // namespace axiometer
