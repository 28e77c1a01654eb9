#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "reports/comparability.h"
#include "reports/data.h"
#include "reports/document.h"
#include "reports/failure_budget.h"
#include "reports/stats/distribution.h"
#include "reports/stats/series.h"

// Runs of one series (turns, doses, checkpoints of a training) by their positions: what changes
// along it, from where on it is essentially done, and how far the leanings within each topic move.
// Pure.
namespace axiometer {

// Which runs are where.
struct SeriesOrder {
  std::string name;
  std::vector<size_t> runs;        // places in the list of runs, in order of their positions
  std::vector<int64_t> positions;  // of each of these, ascending
};

// The ids of all runs of the series `name`, by position. Error: there is no such series (the
// nearest is named), it has one position alone, or two runs are at one position (both are named).
Result<std::vector<std::string>> RunsOfSeries(const std::vector<RunSummary>& stored,
                                              const std::string& name);

// nullopt: the runs belong to no series, to several, or all to one position. Error: two runs are at
// one position.
Result<std::optional<SeriesOrder>> OrderOf(const std::vector<RunData>& runs);

// One number at one position.
struct DimensionAt {
  Estimate mean;        // over the tasks that every position scored, epochs averaged; 0 to 1
  int64_t missing = 0;  // samples of the common tasks without a score
  // Against the first position; nothing at the first itself.
  std::optional<WorstDifference> worst;  // absent if nothing is missing here and there
  DifferenceVerdict verdict = DifferenceVerdict::kUndecided;  // by the adjusted p
  bool depends_on_missing = false;
};

// One number along the series.
struct DimensionSeries {
  std::string protocol;      // as of ScoreDifference
  std::string value_system;  // empty for answered suites
  std::string dimension;
  Series series;  // its p values are corrected over all dimensions and positions together
  std::vector<DimensionAt> at;  // by position, as SeriesOrder has them
};

// How far the answers of one topic have moved: the total variation between how its tasks are
// answered at a position and at the first one.
struct TopicSeries {
  std::string topic;
  int64_t tasks = 0;                       // answered at the first position and at some other
  std::vector<PairedDistance> from_first;  // by position, without the first
};

struct RunSeries {
  SeriesOrder order;
  std::optional<double> margin;
  std::vector<DimensionSeries> dimensions;  // by protocol, value system and name
  std::vector<std::string> left_out;        // dimensions that some position has no score of
  // A topic is what the tasks' tag "topic" says. Without such tags: of tasks with poles a dimension
  // (answers: this one leads, the other, neither); of answered suites the text under the first tag
  // of the reading's breakdown all of whose tasks have the same options. Empty where there is none.
  std::vector<TopicSeries> topics;
  std::string topics_by;  // "topic", "dimension", or that tag
};

// `found` is of the same runs, with tasks. `margin`: of the means, 0 to 1, what does not matter;
// without it nothing is said to be done.
RunSeries AlongSeries(const std::vector<RunData>& runs, const Comparability& found,
                      const SeriesOrder& order, std::optional<double> margin);

// "Along the series", as a section. `notes`: caveats to be said first.
Section SeriesSection(const std::vector<RunData>& runs, const Comparability& found,
                      const RunSeries& series, const std::vector<std::string>& notes);

struct SeriesOptions {
  std::optional<double> margin;
  FailureBudget budget;  // a position with more failures is left out, which is said
  std::string refusal;   // why the runs cannot be compared, to be said in the section's place;
                         // empty: they can
  std::string behind;    // the section that this one follows; empty: it comes first
};

// Adds the section and its metrics to a document of the runs if they are of one series and of two
// positions or more; false: they are not. A section that cannot be made says why.
bool AddSeries(const std::vector<RunData>& runs, const Comparability& found,
               const SeriesOptions& options, Document& document);

}  // namespace axiometer
