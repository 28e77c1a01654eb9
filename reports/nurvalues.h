#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/benchmarks.h"
#include "reports/stats/binary_scores.h"

namespace axiometer {

// What the reports know of NurValues: the two readings with all their scores, overall and by value,
// the labels that the protocol's parser found, and, where each question was asked several times to
// be voted on, the vote.
extern const BenchmarkReport kNurvaluesReport;

// The rows of one reading, or of the vote, in one slice: all of the run, or the tasks of one value.
struct NurvaluesSlice {
  MetricList::Group group;      // empty: all; {"value", "Justice"}
  std::vector<BinaryRow> rows;  // positive: the conduct agrees with the value
  int64_t wanted = 0;           // rows that there should be
};

// All, then value by value.
std::vector<NurvaluesSlice> SlicesOf(const RunData& run, int judge, const LabelScheme& scheme);

// One row a task: what most of its replies that could be read say. A tie, or none, is no row.
std::vector<NurvaluesSlice> VoteOf(const RunData& run, int judge);

// Right answer ("1", "0") and labels found ("pos", "neg", "both", "none") to replies.
std::map<std::pair<std::string, std::string>, int64_t> LabelsFound(const RunData& run, int judge);

}  // namespace axiometer
