#include "harness/store/writable_store.h"

#include <utility>

#include "harness/store/schema.h"

namespace axiometer {

Result<WritableStore> OpenWritableStore(const std::string& path) {
  Result<StoreLock> lock = StoreLock::Take(path);
  if (!lock) return lock.error();
  Result<std::unique_ptr<Database>> opened = Database::Open(path, Database::Access::kWrite);
  if (!opened) return opened.error();
  Database& database = **opened;
  // First whose it is: another program's file stays as it was.
  const Result<int> version = StoreVersion(database);
  if (!version) return version.error();
  // A new store holds nothing that could be lost: its head is written without a journal on disk,
  // and its schema is synchronised together with the first rows.
  const bool fresh = *version == 0;
  if (fresh) {
    if (const Result<std::string> set = database.QueryText("PRAGMA journal_mode = MEMORY"); !set)
      return set.error();
  }
  const Result<std::string> mode = database.QueryText("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (*mode != "wal") {
    return Failed(StoreName(path),
                  "this file system has no shared memory for SQLite's write-ahead log",
                  "name a place on a local disk with --db");
  }
  Result<void> ready = database.Execute(
      "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
  if (ready)
    ready = database.Execute(fresh ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
  if (ready) ready = Migrate(database);
  if (ready && fresh) ready = database.Execute("PRAGMA synchronous = FULL");
  if (!ready) return ready.error();
  return WritableStore{std::move(*lock), std::move(*opened)};
}

}  // namespace axiometer
