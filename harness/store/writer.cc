#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/io/rendezvous.h"
#include "harness/store/row_writer.h"
#include "harness/store/store.h"
#include "harness/store/writable_store.h"

namespace axiometer {
namespace {

// Every waiting coroutine queues a few rows and then waits, so this is reached only when a disk
// stands still; then Commit blocks rather than let memory grow.
constexpr size_t kMaxQueuedRows = 1 << 16;

// The log is folded into the file when the writer has nothing else to do and it has grown to 16 MB
// (pages that many commits touch are then written once), or at 64 MB whatever waits.
constexpr int64_t kIdleCheckpointPages = 4'000;
constexpr int64_t kForcedCheckpointPages = 16'000;

struct Batch {
  std::vector<Row> rows;
  std::function<void(const Result<void>&)> answer;
  bool on_loop = false;  // where `answer` runs; otherwise on the writer thread
};

}  // namespace

struct StoreWriter::Impl {
  Impl(Loop& loop, WritableStore store) : loop(loop), lock(std::move(store.lock)), database(std::move(store.database)) {}

  void Enqueue(Batch batch) {
    std::unique_lock hold(mutex);
    room.wait(hold, [&] { return queued_rows < kMaxQueuedRows; });
    queued_rows += batch.rows.size();
    queue.push_back(std::move(batch));
    hold.unlock();
    work.notify_one();
  }

  // The writer thread. Everything that waits becomes one transaction.
  void Run() {
    while (true) {
      std::vector<Batch> group;
      {
        std::unique_lock hold(mutex);
        work.wait(hold, [&] { return stopping || !queue.empty(); });
        if (queue.empty()) return;
        group.swap(queue);
        queued_rows = 0;
      }
      room.notify_all();
      if (!failure) {
        if (Result<void> done = CommitGroup(group); !done) failure = done.error();
      }
      Answer(std::move(group));
      if (!failure) CheckpointIfDue();
    }
  }

  Result<void> CommitGroup(const std::vector<Batch>& group) {
    Result<void> done = begin->Execute();
    for (const Batch& batch : group) {
      for (const Row& row : batch.rows) {
        if (done) done = rows->Write(row);
      }
    }
    if (done) done = commit->Execute();
    // SQLite has rolled back some failures itself (a full disk), others not.
    if (!done && database->InTransaction()) {
      if (Result<void> undone = database->Execute("ROLLBACK"); !undone) return done;
    }
    return done;
  }

  void Answer(std::vector<Batch> group) {
    const Result<void> result = failure ? Result<void>(*failure) : Result<void>();
    std::vector<Batch> for_loop;
    for (Batch& batch : group) {
      if (batch.on_loop) {
        batch.rows.clear();
        for_loop.push_back(std::move(batch));
      } else {
        batch.answer(result);
      }
    }
    if (for_loop.empty()) return;
    loop.Post([for_loop = std::move(for_loop), result] {
      for (const Batch& batch : for_loop) batch.answer(result);
    });
  }

  void CheckpointIfDue() {
    if (log_pages < kIdleCheckpointPages) return;
    {
      const std::lock_guard hold(mutex);
      if (!queue.empty() && log_pages < kForcedCheckpointPages) return;
    }
    // Passive: never waits for readers. A failure shows in the next commit, if it matters.
    if (database->Execute("PRAGMA wal_checkpoint(PASSIVE)")) log_pages = 0;
  }

  Loop& loop;
  StoreLock lock;  // before the connection: released after it is closed
  std::unique_ptr<Database> database;
  std::unique_ptr<RowWriter> rows;
  std::optional<Statement> begin;
  std::optional<Statement> commit;
  int64_t log_pages = 0;         // of the write-ahead log, after the last commit
  std::optional<Error> failure;  // the writer thread's: the first failed write ends all writing

  std::mutex mutex;  // guards queue, queued_rows, stopping
  std::condition_variable work;
  std::condition_variable room;
  std::vector<Batch> queue;
  size_t queued_rows = 0;
  bool stopping = false;

  std::thread thread;
};

StoreWriter::StoreWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<StoreWriter>> StoreWriter::Open(Loop& loop, const std::string& path) {
  Result<WritableStore> opened = OpenWritableStore(path);
  if (!opened) return opened.error();
  Database& database = *opened->database;
  auto impl = std::make_unique<Impl>(loop, std::move(*opened));
  Result<std::unique_ptr<RowWriter>> rows = RowWriter::Make(database);
  if (!rows) return rows.error();
  impl->rows = std::move(*rows);
  for (auto& [member, sql] :
       {std::pair{&impl->begin, "BEGIN IMMEDIATE"}, {&impl->commit, "COMMIT"}}) {
    Result<Statement> statement = database.Prepare(sql);
    if (!statement) return statement.error();
    *member = std::move(*statement);
  }
  database.CountLogPages(&impl->log_pages);
  impl->thread = std::thread([raw = impl.get()] { raw->Run(); });
  return std::unique_ptr<StoreWriter>(new StoreWriter(std::move(impl)));
}

StoreWriter::~StoreWriter() {
  {
    const std::lock_guard hold(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->work.notify_one();
  impl_->thread.join();
  // Folds the log into the file, so that it can be copied alone; readers may prevent it.
  if (!impl_->failure)
    (void)impl_->database->Execute("PRAGMA wal_checkpoint(TRUNCATE)").has_value();
}

Async<Result<void>> StoreWriter::Commit(std::vector<Row> rows) {
  Rendezvous<Result<void>> answer(impl_->loop);
  Batch batch;
  batch.rows = std::move(rows);
  batch.answer = [&answer](const Result<void>& result) { answer.Deliver(result); };
  batch.on_loop = true;
  impl_->Enqueue(std::move(batch));
  while (true) {
    std::optional<Result<void>> result = co_await answer.Wait();
    // Cancelled while it waited: the rows are on their way all the same, and so is the answer.
    if (result) co_return std::move(*result);
  }
}

void StoreWriter::Queue(std::vector<Row> rows) {
  Batch batch;
  batch.rows = std::move(rows);
  batch.answer = [](const Result<void>&) {};
  impl_->Enqueue(std::move(batch));
}

Result<void> StoreWriter::CommitNow(std::vector<Row> rows) {
  std::promise<Result<void>> answer;
  Batch batch;
  batch.rows = std::move(rows);
  batch.answer = [&answer](const Result<void>& result) { answer.set_value(result); };
  impl_->Enqueue(std::move(batch));
  return answer.get_future().get();
}

}  // namespace axiometer
