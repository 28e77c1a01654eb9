#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/record/score.h"
#include "harness/record/trajectory.h"

namespace axiometer {

// Which checkpoints cite which event, by their ids.
using Citations = std::map<int, std::set<std::string>>;

Citations CitationsOf(const std::vector<Verdict>& verdicts);

struct StoryOptions {
  std::string whole;     // address of the page with a whole text; "&event=7&part=text" is added
  std::string prefix;    // begins the ids of elements, so that two stories fit on a page
  size_t most_bytes = 150'000;  // of texts, shared out so that the short ones are whole
  int from = 0;          // the first event shown
  size_t most_events = 400;
  const std::map<int, std::string>* changes = nullptr;  // StoreReader::StateChanges; null: not shown
  size_t most_change_bytes = 40'000;                     // of HTML; more is linked to
};

// A trajectory to be read from the top: what was said, reasoning folded, each tool call with its arguments and its
// result side by side and what it changed in the environment, and which checkpoints cite it.
std::string StoryHtml(const Trajectory& trajectory, const Citations& citations, const StoryOptions& options);

// The id of an event's element, and of a checkpoint's.
std::string EventId(const std::string& prefix, int event);
std::string PointId(const std::string& item);

}  // namespace axiometer
