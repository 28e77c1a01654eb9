#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"
#include "harness/store/rows.h"

namespace axiometer {

// Time-ordered and unique across machines: 26 characters of Crockford's base 32 (a ULID).
std::string NewRunId(int64_t wall_ms);
// The id of a run of results made elsewhere: of the same form, from when they were made and a digest
// of what they are, so that it is the same wherever they are imported. `digest`: 64 hexadecimal digits.
std::string ImportedRunId(int64_t made_ms, const std::string& digest);

// Writes to one store. One writer thread owns the write connection and commits what waits as one
// transaction (WAL, synchronous=FULL). One process at a time: a second is refused with the first's
// pid. A failed write (full disk, I/O error) fails this and every later commit; what was committed
// stays valid.
class StoreWriter {
 public:
  // Creates the file or migrates an older one; refuses a newer one, another program's database,
  // a read-only file or folder and a store that another process is writing to.
  static Result<std::unique_ptr<StoreWriter>> Open(Loop& loop, const std::string& path);
  ~StoreWriter();  // commits what is queued, then checkpoints

  // Resumes once all `rows` are committed, in order. Not cancellable: what was said is stored.
  Async<Result<void>> Commit(std::vector<Row> rows);
  // Committed before any rows that come after it; a failure shows in their commit.
  void Queue(std::vector<Row> rows);
  // The same as Commit without a loop, for verbs that only write; blocks.
  Result<void> CommitNow(std::vector<Row> rows);

 private:
  struct Impl;
  explicit StoreWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A run as `runs` lists it and a report begins with.
struct RunSummary {
  RunRow run;
  std::string state;  // of the latest session; "interrupted" if its process is gone
  std::string detail;
  int sessions = 0;
  int64_t elapsed_ms = 0;  // summed over the sessions
  std::map<std::string, int64_t> outcomes;  // of the samples' last ended attempts, by name
  int64_t samples_done = 0;
  int64_t attempts = 0;
  Usage subject_usage;  // all attempts, also abandoned ones
  Usage judge_usage;
  int64_t calls = 0;
  int64_t judge_calls = 0;  // of these
  int64_t cached_calls = 0;
};

// What is stored of a sample, for planning.
struct SampleState {
  int attempts = 0;                // begun so far
  std::optional<Outcome> outcome;  // of the last attempt that ended other than interrupted
  int64_t attempt = 0;             // that attempt
  std::map<std::string, int> judgements;  // of it, stored: by judge, PROVIDER/NAME
  std::set<std::string> judge_errors;     // of these judges, whose latest judgement is a model error
};

// One sample with what was made of it, as reports read it.
struct SampleRow {
  int64_t sample = 0;
  int64_t attempt = 0;
  std::string task;
  std::string task_digest;
  int epoch = 1;
  Outcome outcome = Outcome::kInterrupted;
  std::string final_text;
  std::string detail;
  int64_t started_ms = 0;  // of that attempt; from 1970, UTC
  int64_t ended_ms = 0;
  int steps = 0;
  int attempts = 0;
  Usage usage;
  struct Judged {
    std::string judge;
    std::string protocol;
    std::string prompt_digest;
    Judgement judgement;
    int scored_items = 0;      // verdicts with a score; also where `judgement` comes without its verdicts
    int mechanical_items = 0;  // of these, decided by a check
  };
  std::vector<Judged> judgements;  // latest of each judge, by judge name
  std::vector<Judged> earlier;     // those of the same judges before it, by judge name, oldest first
  int64_t text_bytes = 0;          // of the whole final text
};

// Which samples of a run are read, and how much of them.
struct SampleScan {
  std::string from;    // task ids from this one on; empty: the first
  std::string before;  // and before this one; empty: to the last
  // False: verdicts come without rationale and cited events, and where a sample has a single judgement with the scores
  // "a" and "b", which say what the verdicts come to, only their numbers do; of a final text longer than twice kTextEnd
  // there is the beginning, and right behind it the end. Samples are then read by the batch, several times as fast.
  bool texts = true;
  static constexpr size_t kTextEnd = 1'024;  // bytes
  // Whether a judgement's `raw` is read, which all else is known of by then; null: always.
  bool (*wants_raw)(const Judgement&) = nullptr;
};

// Where the ended samples of a run lie that nobody judged more than once.
struct PlainRun {
  struct Sample {
    int64_t attempt = 0;
    int64_t judgement = -1;  // -1: there is none
    int task = 0;           // index in `tasks`
    int attempts = 0;
  };
  std::vector<std::string> tasks;  // ids, sorted
  std::vector<Sample> samples;     // by task and epoch
};

// A row to be read, and what the reader calls it.
struct WantedRow {
  int64_t id = 0;
  size_t place = 0;
};

struct SampleQuery;  // harness/store/browse.h
struct SamplePage;
struct AttemptSummary;
struct EventRange;
struct StoredText;

// Reads of one store; any number, any time, also while it is written to.
class StoreReader {
 public:
  // `cache_kib`: memory for pages of the file.
  static Result<std::unique_ptr<StoreReader>> Open(const std::string& path, int cache_kib = 32 << 10);
  ~StoreReader();
  // Of the same store, for another thread. Each sees the store as it is when it reads.
  Result<std::unique_ptr<StoreReader>> Another() const;

  Result<std::vector<RunSummary>> Runs();
  Result<std::vector<RunRow>> RunRows();  // the latest first, without looking at their samples
  // "latest", an id or a unique prefix of one; otherwise an error that lists what is near.
  Result<RunSummary> FindRun(const std::string& name);
  Result<RunRow> FindRunRow(const std::string& name);  // the same, without looking at its samples
  Result<std::optional<std::string>> FindRunByIdentity(const std::string& identity);  // the latest run's id

  // Samples of a run with anything stored, by (task, epoch).
  Result<std::map<std::pair<std::string, int>, SampleState>> SampleStates(const std::string& run);

  // Assistant turns of a run's ended attempts, by task: their mean.
  Result<std::map<std::string, double>> MeanSteps(const std::string& run);

  // Ended samples of a run in order of task and epoch, without events: `each` is called for one after
  // another, so that memory stays bounded; returning false ends it. Includes judgements and verdicts.
  Result<void> ForEachSample(const std::string& run, const std::function<bool(const SampleRow&)>& each,
                             const SampleScan& scan = {});
  // nullopt: some sample was judged twice or more. Such a run is read fastest by the next two, each of which takes ids
  // in rising order, as rows lie in the file, and calls `each` with the place of each of them.
  Result<std::optional<PlainRun>> FindPlainRun(const std::string& run);
  // Attempts, without judgements; of a long final text both ends, as SampleScan says. `attempts` is not filled in.
  Result<void> ForEachAttempt(std::span<const WantedRow> wanted, const std::function<void(size_t, SampleRow&)>& each);
  // The only judgements of their attempts, without texts as SampleScan says.
  Result<void> ForEachJudgement(std::span<const WantedRow> wanted, bool (*wants_raw)(const Judgement&),
                                const std::function<void(size_t, SampleRow::Judged&)>& each);
  Result<SampleRow> FindSample(const std::string& run, const std::string& task, int epoch);

  Result<std::string> TaskRecordJson(const std::string& task_digest, const std::string& id);
  // By id. `wants_record`, of a row with digest and id: false leaves its record empty; null: all come with theirs.
  Result<std::vector<TaskRow>> Tasks(const std::string& run,
                                     const std::function<bool(const TaskRow&)>& wants_record = {});

  // The whole trajectory of an attempt; reply events carry their message as received.
  Result<Trajectory> LoadTrajectory(int64_t attempt);
  Result<std::vector<CallRow>> Calls(int64_t attempt);
  // What the attempt's tool calls changed in the environment, by event, a JSON array each (SCHEMA.md);
  // 0: all of them together. Empty: it was not followed, as in stores older than version 3.
  Result<std::map<int, std::string>> StateChanges(int64_t attempt);
  // The attempt's tool calls in order, of each its name, status and result; `each` returning false ends it.
  Result<void> ForEachToolCall(int64_t attempt, const std::function<bool(const ToolExchange&)>& each);

  // For looking at samples page by page; see browse.h.
  Result<SamplePage> ListSamples(const SampleQuery& query);
  Result<std::vector<AttemptSummary>> Attempts(const std::string& run, const std::string& task, int epoch);
  Result<std::vector<StoredText>> EventTexts(int64_t after, size_t most);
  Result<EventRange> EventsOf(const std::string& run);
  Result<int64_t> AttemptOf(int64_t place, const std::string& run);  // of the event there; 0: it is another run's
  Result<std::string> Name();  // tells this store from others that stood at its place: its first run's id
  // A number that changes whenever another connection has written to the store.
  Result<int64_t> Version();
  // A text that changes whenever a process began or ended work on the run; cheap.
  Result<std::string> SessionStamp(const std::string& run);
  // And one that changes with anything that a report of the run may say; looks at every sample.
  Result<std::string> ContentStamp(const std::string& run);

  // For the response cache: an ended call with this digest and epoch that was answered.
  Result<std::optional<CallRow>> FindCall(const std::string& request_digest, int epoch);

  // What was ever submitted to this endpoint (BatchRow::endpoint), the oldest first.
  Result<std::vector<BatchRow>> Batches(const std::string& endpoint);

 private:
  struct Impl;
  explicit StoreReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
