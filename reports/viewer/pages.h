#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/store/browse.h"
#include "reports/data.h"
#include "reports/viewer/address.h"
#include "reports/viewer/page.h"
#include "reports/viewer/run_index.h"
#include "reports/viewer/section_source.h"

// The viewer's pages, each from what it shows.
namespace axiometer {

// What lists need of tasks, read once each.
class TaskLookup {
 public:
  explicit TaskLookup(StoreReader& store) : store_(store) {}
  // Of the record with this digest; empty facts if it cannot be read. Stays where it is until very many others were
  // asked for.
  const TaskFacts& Get(const std::string& task, const std::string& digest);

 private:
  StoreReader& store_;
  std::map<std::pair<std::string, std::string>, TaskFacts> known_;  // by digest and id
};

std::string RunAddress(const std::string& run);              // "/run/01J…"
std::string SampleAddress(const std::string& run, const std::string& task, int epoch);
std::string RunTitle(const RunRow& run);                     // "openai/x on crossroads"

// The dimensions that a report has numbers of; none until it is there.
std::vector<std::string> DimensionsOf(const WorkedSections& sections);

ViewedPage ShowRuns(const std::vector<ListedRun>& runs, const Address& address);
// `section`: one section alone; empty: all that fit on a page.
ViewedPage ShowRun(const ListedRun& run, const WorkedSections& sections, const std::string& section);
ViewedPage ShowJudges(const ListedRun& run, const WorkedSections& sections, const std::string& disagreements);
ViewedPage ShowComparison(const std::vector<ListedRun>& runs, const WorkedSections& sections, const Address& address);
Result<ViewedPage> ShowSamples(StoreReader& store, TaskLookup& tasks, const ListedRun& run, const SampleQuery& query,
                               const std::vector<std::string>& dimensions, const Address& address, const std::string& note);
// One value: its environments and tasks, and which of them move its mean.
Result<ViewedPage> ShowValue(StoreReader& store, TaskLookup& tasks, const ListedRun& run, const Address& address);
Result<ViewedPage> ShowSample(StoreReader& store, const ListedRun& run, const Address& address);
Result<ViewedPage> ShowSideBySide(StoreReader& store, const std::vector<ListedRun>& runs, const Address& address);
// Requests and replies of an attempt as stored.
Result<ViewedPage> ShowCalls(StoreReader& store, const ListedRun& run, const Address& address);
// One long text of an event, a part at a time, as plain text.
Result<ViewedPage> ShowText(StoreReader& store, const ListedRun& run, const Address& address);

// Rows of samples, for lists.
std::string SampleRows(const std::string& run, const std::vector<ListedSample>& samples, TaskLookup& tasks);

}  // namespace axiometer
