#include "harness/store/reader_impl.h"
#include "harness/store/schema.h"

namespace axiometer {

Snapshot::Snapshot(Database& database) : database_(database.InTransaction() ? nullptr : &database) {
  // It cannot fail before the first read, whose error is reported.
  if (database_) (void)database_->Execute("BEGIN").has_value();
}

Snapshot::~Snapshot() {
  if (database_) (void)database_->Execute("ROLLBACK").has_value();
}

std::optional<Outcome> CountingOutcome(const Statement& row, int column) {
  const std::optional<Outcome> outcome = OutcomeFromName(row.View(column));
  return outcome == Outcome::kInterrupted ? std::nullopt : outcome;
}

Usage ReadUsage(const Statement& row, int column) {
  Usage usage;
  usage.input_tokens = row.Integer(column);
  usage.cached_tokens = row.Integer(column + 1);
  usage.output_tokens = row.Integer(column + 2);
  usage.reasoning_tokens = row.Integer(column + 3);
  usage.cost_usd = row.OptionalReal(column + 4);
  return usage;
}

StoreReader::StoreReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StoreReader::~StoreReader() = default;

Result<std::unique_ptr<StoreReader>> StoreReader::Open(const std::string& path, int cache_kib) {
  Result<std::unique_ptr<Database>> database = Database::Open(path, Database::Access::kRead);
  if (!database) return database.error();
  const Result<int> version = StoreVersion(**database);
  if (!version) return version.error();
  if (*version == 0) {
    return UsageError("", StoreName(path) + " is empty",
                      "\"axiometer eval\" fills it; name another with --db");
  }
  // Not mapped: every connection's pages would count as memory of the process, a second time for a second one.
  Result<void> ready = (*database)->Execute("PRAGMA cache_size = -" + std::to_string(cache_kib));
  if (!ready) return ready.error();
  return std::unique_ptr<StoreReader>(
      new StoreReader(std::make_unique<Impl>(std::move(*database), cache_kib)));
}

Result<std::unique_ptr<StoreReader>> StoreReader::Another() const { return Open(impl_->database->path(), impl_->cache_kib); }

}  // namespace axiometer
