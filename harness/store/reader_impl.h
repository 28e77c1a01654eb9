#pragma once

#include <memory>

#include "harness/store/database.h"
#include "harness/store/store.h"

namespace axiometer {

// What the topics of StoreReader share.
struct StoreReader::Impl {
  Impl(std::unique_ptr<Database> database, int cache_kib) : database(std::move(database)), cache_kib(cache_kib) {}

  std::unique_ptr<Database> database;
  int cache_kib;
};

// All reads while one lives see the store as it was at the first of them.
class Snapshot {
 public:
  explicit Snapshot(Database& database);  // within another one: part of that
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database* database_;  // null: not the one that ends it
};

// What became of an attempt's sample, by the stored outcome in `column`; nullopt: it has not ended, or was interrupted.
std::optional<Outcome> CountingOutcome(const Statement& row, int column);

// Five columns from `column` on: input, cached, output and reasoning tokens, cost.
Usage ReadUsage(const Statement& row, int column);

}  // namespace axiometer
