#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/store/store.h"

// Looking at a store that may hold millions of samples: one page at a time, in bounded work.
namespace axiometer {

struct ListedSample {
  std::string task;
  std::string task_digest;
  int epoch = 1;
  int64_t attempt = 0;
  Outcome outcome = Outcome::kInterrupted;
  int steps = 0;
  int64_t tokens = 0;
  std::string detail;   // at most kListedBytes
  std::string excerpt;  // of the final text, at most kListedBytes
  struct Judged {
    std::string judge;
    std::string protocol;
    JudgementStatus status = JudgementStatus::kModelError;
    std::optional<double> a;  // score "a", 0 to 1; of answered tasks absent
    std::optional<double> b;
    std::optional<bool> correct;  // score "correct" or "official.correct"
  };
  std::vector<Judged> judged;  // the latest judgement of each judge, by name
};

// Which samples of a run are listed, in order of task and epoch.
struct SampleQuery {
  std::string run;
  // From the first sample after this one; empty: from the beginning.
  std::string after_task;
  int after_epoch = 0;
  std::string outcome;  // OutcomeName; empty: any
  // Whether samples of a task are wanted: its id and the digest of its record. Null: all. Called once a task.
  std::function<bool(const std::string& task, const std::string& digest)> task;
  const std::set<int64_t>* attempts = nullptr;  // only these; null: all
  // Whether a sample is wanted, once its judgements are known and, if `task` is set, its task's digest. Null: all.
  std::function<bool(const ListedSample&)> sample;
  size_t limit = 100;     // samples a page
  std::chrono::milliseconds budget{40};  // for looking; at least one sample is looked at
};

inline constexpr size_t kListedBytes = 400;

struct SamplePage {
  std::vector<ListedSample> samples;
  int64_t looked_at = 0;  // samples
  bool complete = false;  // nothing follows
  // Where to go on from, unless complete.
  std::string last_task;
  int last_epoch = 0;
};

// One attempt at a sample, also those that were interrupted.
struct AttemptSummary {
  int64_t id = 0;
  std::string task_digest;
  int number = 1;
  int64_t started_ms = 0;
  std::optional<int64_t> ended_ms;
  std::string outcome;  // OutcomeName; empty: not ended
};

// What was written in one event, for a search index.
struct StoredText {
  int64_t place = 0;  // in the order of arrival, ascending
  int64_t attempt = 0;
  int event = 0;
  std::string text;
};

// Places of the first and the last event of a run; others' may lie between. 0, 0: it has none.
struct EventRange {
  int64_t first = 0;
  int64_t last = 0;
};

}  // namespace axiometer
