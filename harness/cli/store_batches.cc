#include "harness/cli/store_batches.h"

#include <algorithm>
#include <utility>

#include "harness/cli/say.h"

namespace axiometer {
namespace {

BatchRow RowOf(const BatchRecord& record, std::string run) {
  BatchRow row;
  row.endpoint = record.endpoint;
  row.id = record.id;
  row.run = std::move(run);
  row.submitted_ms = record.submitted_ms;
  row.requests = record.requests;
  return row;
}

std::string Named(const BatchRecord& record) {
  return (record.id.empty() ? "a batch that was refused (" : "batch " + record.id + " (") + record.model + ", " + std::to_string(record.requests) +
         (record.requests == 1 ? " request)" : " requests)");
}

}  // namespace

void StoreBatches::Use(StoreReader& reader, StoreWriter& writer, Clock& clock, std::string run,
                       bool quiet) {
  reader_ = &reader;
  writer_ = &writer;
  clock_ = &clock;
  run_ = std::move(run);
  quiet_ = quiet;
}

Result<std::vector<BatchRecord>> StoreBatches::Unsettled(const std::string& endpoint) {
  Result<std::vector<BatchRow>> rows = reader_->Batches(endpoint);
  if (!rows) return std::move(rows).error();
  std::vector<BatchRecord> records;
  for (const BatchRow& row : *rows) {
    const bool of_this_session = out_.contains({row.endpoint, row.id});
    if (row.settled_ms || of_this_session) continue;
    BatchRecord record;
    record.id = row.id;
    record.endpoint = row.endpoint;
    record.submitted_ms = row.submitted_ms;
    record.requests = row.requests;
    out_.emplace(std::pair(row.endpoint, row.id), row.run);
    records.push_back(std::move(record));
  }
  if (!quiet_ && !records.empty()) {
    Say(std::to_string(records.size()) +
        (records.size() == 1 ? " batch of an earlier session is"
                             : " batches of earlier sessions are") +
        " waited for before anything is submitted");
  }
  return records;
}

bool StoreBatches::Knows(const std::string& endpoint, const std::string& id) {
  if (out_.contains({endpoint, id})) return true;
  const Result<std::vector<BatchRow>> rows = reader_->Batches(endpoint);
  return rows &&
         std::any_of(rows->begin(), rows->end(), [&](const BatchRow& row) { return row.id == id; });
}

Async<Result<void>> StoreBatches::Keep(const BatchRecord& record) {
  out_.emplace(std::pair(record.endpoint, record.id), run_);
  std::vector<Row> rows{RowOf(record, run_)};
  Result<void> kept = co_await writer_->Commit(std::move(rows));
  if (kept && !quiet_) Say(Named(record) + " is at the provider");
  co_return kept;
}

void StoreBatches::Settle(const BatchRecord& record) {
  const auto out = out_.find({record.endpoint, record.id});
  BatchRow row = RowOf(record, out == out_.end() ? run_ : out->second);
  row.settled_ms = clock_->WallMs();
  writer_->Queue({row});
  if (out != out_.end()) out_.erase(out);
}

void StoreBatches::NotDeleted(const BatchRecord& record, const std::string& problem) {
  if (quiet_) return;
  Say("note: the requests of " + Named(record) +
      " are still among your files at the provider, delete them there: " + problem);
}

}  // namespace axiometer
