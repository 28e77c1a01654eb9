#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "reports/data.h"
#include "reports/labels.h"
#include "reports/stats/paired_difference.h"

// The numbers that runs can be compared in, task by task: what differences, series and fronts are
// made of. Pure.
namespace axiometer {

// What one run scored in one number.
struct Measure {
  std::vector<TaskPoints> points;  // by task of the run; wanted 0: no part of this number
  std::vector<int> clusters;       // the same
};

struct MeasureName {
  std::string protocol;      // "axiometer"; of answered suites the reading's
  std::string value_system;  // empty for answered suites
  std::string dimension;     // of an answered suite the reading's name
  auto operator<=>(const MeasureName&) const = default;
};
using Measures = std::map<MeasureName, Measure>;

// A dimension's shares of points or, of an answered suite, the right answers of each reading.
// `judge`: an index in RunData::judges; below 0: nothing.
Measures MeasuresOf(const RunData& run, int judge);

// Of a task that both wanted: what the second less the first can be, whatever the missing scores
// are.
BoundedPair Filled(const TaskPoints& first, const TaskPoints& second, int cluster);

}  // namespace axiometer
