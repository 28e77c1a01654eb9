#include "reports/viewer/run_index.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace axiometer {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPause{250};    // between looks at the store
constexpr milliseconds kInterest{60'000};  // how long a run that was asked for is kept up to date
constexpr int kShare = 10;             // counting a run may take a tenth of the time

}  // namespace

struct RunIndex::Impl {
  struct Counted {
    RunSummary summary;
    std::string sessions;  // stamp at the time
    std::string stamp;
    int64_t version = 0;   // of the store
    Clock::duration cost{};
    Clock::time_point at;
  };

  explicit Impl(std::unique_ptr<StoreReader> store) : store(std::move(store)) {}

  void Work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      if (std::exchange(revived, false)) settled = -1;
      lock.unlock();
      const bool again = Look();
      lock.lock();
      ++looks;
      changed.notify_all();
      if (!again) wake.wait_for(lock, kPause, [this] { return stopping || asked; });
      asked = false;
    }
  }

  // Counts one run that needs it; whether there was one.
  bool Look() {
    const Result<int64_t> version = store->Version();
    if (version && *version == settled && !AnyRunning()) return false;
    Result<std::vector<RunRow>> rows = version ? store->RunRows() : version.error();
    {
      const std::lock_guard lock(mutex);
      problem = rows ? std::nullopt : std::optional(rows.error());
      if (rows) runs = *rows;
    }
    if (!rows) return false;
    const RunRow* next = nullptr;
    std::string sessions;
    Clock::time_point best = Clock::time_point::max();
    bool waiting = false;  // one is to be counted again, but later
    for (const RunRow& row : *rows) {
      Result<std::string> stamp = store->SessionStamp(row.id);
      if (!stamp) continue;
      const Clock::time_point due = DueSince(row.id, *stamp, *version, waiting);
      if (due >= best) continue;
      best = due;
      next = &row;
      sessions = *stamp;
    }
    if (!next) {
      settled = waiting ? -1 : *version;
      return false;
    }
    const Clock::time_point begun = Clock::now();
    Result<RunSummary> summary = store->FindRun(next->id);
    Result<std::string> stamp = store->ContentStamp(next->id);
    const std::lock_guard lock(mutex);
    if (!summary || !stamp) {
      problem = !summary ? summary.error() : stamp.error();
      return false;
    }
    Counted& one = counted[next->id];
    one.summary = std::move(*summary);
    one.sessions = std::move(sessions);
    one.stamp = std::move(*stamp);
    one.version = *version;
    one.at = Clock::now();
    one.cost = one.at - begun;
    return true;
  }

  // Since when the run should be counted again, the earliest first; max: it need not.
  Clock::time_point DueSince(const std::string& id, const std::string& sessions, int64_t version, bool& waiting) {
    const std::lock_guard lock(mutex);
    const auto wish = interest.find(id);
    const bool wanted = wish != interest.end() && Clock::now() - wish->second < kInterest;
    const auto found = counted.find(id);
    if (found == counted.end()) return wanted ? Clock::time_point::min() : Clock::time_point::min() + kPause;
    const Counted& one = found->second;
    const bool worked_on = one.sessions != sessions || one.summary.state == "running";
    const bool stale = one.sessions != sessions || ((worked_on || wanted) && one.version != version) ||
                       (one.summary.state == "running" && Clock::now() - one.at > std::chrono::seconds(2));
    const bool early = Clock::now() - one.at < kShare * one.cost;
    waiting = waiting || (stale && early);
    return stale && !early ? one.at : Clock::time_point::max();
  }

  // A run whose process is killed changes nothing in the store.
  bool AnyRunning() {
    const std::lock_guard lock(mutex);
    return std::any_of(counted.begin(), counted.end(),
                       [](const auto& one) { return one.second.summary.state == "running"; });
  }

  ListedRun Listed(const RunRow& row) const {
    ListedRun run;
    run.row = row;
    if (const auto found = counted.find(row.id); found != counted.end()) {
      run.summary = found->second.summary;
      run.stamp = found->second.stamp;
    }
    return run;
  }

  std::unique_ptr<StoreReader> store;  // of the thread
  int64_t settled = -1;                // of the thread: the store's version at which nothing was left to count
  std::mutex mutex;                    // guards the rest
  std::condition_variable changed, wake;
  std::vector<RunRow> runs;
  std::map<std::string, Counted> counted;
  std::map<std::string, Clock::time_point> interest;
  std::optional<Error> problem;
  uint64_t looks = 0;
  bool asked = false;
  bool revived = false;  // a run is asked for that was not kept up to date
  bool stopping = false;
  std::thread thread;
};

RunIndex::RunIndex(std::unique_ptr<StoreReader> store) : impl_(std::make_unique<Impl>(std::move(store))) {
  impl_->thread = std::thread([this] { impl_->Work(); });
}

RunIndex::~RunIndex() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

Result<std::vector<ListedRun>> RunIndex::Runs(milliseconds patience) {
  std::unique_lock lock(impl_->mutex);
  impl_->asked = true;
  impl_->wake.notify_all();
  impl_->changed.wait_for(lock, patience, [this] {
    return impl_->problem || (impl_->looks > 0 && std::all_of(impl_->runs.begin(), impl_->runs.end(), [this](const RunRow& row) {
                                return impl_->counted.contains(row.id);
                              }));
  });
  if (impl_->problem) return *impl_->problem;
  std::vector<ListedRun> runs;
  for (const RunRow& row : impl_->runs) runs.push_back(impl_->Listed(row));
  return runs;
}

Result<ListedRun> RunIndex::Find(const std::string& id, milliseconds patience) {
  std::unique_lock lock(impl_->mutex);
  Clock::time_point& interest = impl_->interest[id];
  if (Clock::now() - interest > kInterest) impl_->revived = true;
  interest = Clock::now();
  impl_->asked = true;
  impl_->wake.notify_all();
  const auto row = [&] {
    return std::find_if(impl_->runs.begin(), impl_->runs.end(), [&](const RunRow& one) { return one.id == id; });
  };
  const uint64_t before = impl_->looks;
  impl_->changed.wait_for(lock, patience, [&] {
    // A run that began a moment ago is there after one whole look.
    return impl_->problem || impl_->counted.contains(id) || (row() == impl_->runs.end() && impl_->looks > before + 1);
  });
  if (impl_->problem) return *impl_->problem;
  if (row() == impl_->runs.end()) {
    if (impl_->looks == 0) return Failed("", "the store is still being opened", "load the page again");
    return UsageError("", "this store has no run " + id, "the list of runs has them all");
  }
  return impl_->Listed(*row());
}

}  // namespace axiometer
