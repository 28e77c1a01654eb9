#pragma once

#include <string>
#include <vector>

#include "reports/labels.h"
#include "reports/metric_list.h"
#include "reports/sections.h"

namespace axiometer {

// What the reports know of one published benchmark whose tasks are answered. Each in its own file.
struct BenchmarkReport {
  const char* protocol;  // TaskSource::protocol
  // How the verdicts of `judge` are read; empty for a judge that gives no labels.
  std::vector<LabelScheme> (*schemes)(const RunData& run, const std::string& judge);
  // The benchmark's own metrics, beyond those of LabelResult; may be null.
  void (*metrics)(const RunData& run, const JudgeResult& judge, MetricList& out);
  // The scores that a sample has whose call failed, so that no judge saw it: those that the protocol gives
  // it all the same; for the export. May be null.
  std::vector<Score> (*unjudged)(const TaskFacts& task);
  // Sections after the general ones; may be null. `id` begins their ids.
  void (*sections)(const RunView& run, const JudgeResult& judge, const std::string& id, Document& document);
};

const BenchmarkReport* FindBenchmarkReport(const std::string& protocol);  // null: none

}  // namespace axiometer
