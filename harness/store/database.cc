#include "harness/store/database.h"

#include <sqlite3.h>

#include <cassert>
#include <cstring>
#include <filesystem>
#include <utility>

namespace axiometer {
namespace {

constexpr size_t kMostIdle = 64;  // texts of statements kept for the next who asks
constexpr int kBusyTimeoutMs = 10'000;  // others hold locks only for moments: checkpoints, recovery

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> BytesOfHex(std::string_view hex) {
  if (hex.size() != 64) return std::nullopt;
  std::string bytes(32, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexDigit(hex[2 * i]);
    const int low = HexDigit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string HintFor(int code, int system_code) {
  const std::string free_space = "free some space, then run the same command again";
  if (system_code == ENOSPC || system_code == EDQUOT) return free_space;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return free_space;
    case SQLITE_NOTADB:
      return "name another file with --db";
    case SQLITE_IOERR:
      return "check the disk and any bound on the size of files, then run the same command again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "name a place that can be written with --db";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program holds it: close that one";
    case SQLITE_CORRUPT:
      return "the file is damaged: \"sqlite3 FILE .recover\" saves what can be read";
    default:
      return "";
  }
}

// A file in a folder that cannot be written has no shared memory for its readers; without a log it
// does not change either and can be read as it is.
bool IsAtRestWhereNothingCanBeWritten(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         !std::filesystem::exists(path + "-wal", ignored);
}

std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#') {
      static constexpr char kHex[] = "0123456789ABCDEF";
      uri += '%';
      uri += kHex[static_cast<unsigned char>(c) >> 4];
      uri += kHex[c & 15];
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

std::string StoreName(const std::string& path) { return "store \"" + path + "\""; }

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() {
  if (statement_) database_->GiveBack(statement_);
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->LastError();
}

void Statement::Reset() { sqlite3_reset(statement_); }

Result<void> Statement::Execute() {
  const Result<bool> row = Step();
  Reset();
  if (!row) return row.error();
  return {};
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::Real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Statement::View(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (!text) return "";
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Statement::Text(int column) const { return std::string(View(column)); }

std::string Statement::HexDigest(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_BLOB) return Text(column);
  const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * size);
  for (int i = 0; i < size; ++i) {
    hex += kHex[bytes[i] >> 4];
    hex += kHex[bytes[i] & 15];
  }
  return hex;
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::optional<int64_t> Statement::OptionalInteger(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Integer(column);
}

std::optional<double> Statement::OptionalReal(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Real(column);
}

void Statement::BindAt(int index, int64_t value) {
  [[maybe_unused]] const int code = sqlite3_bind_int64(statement_, index + 1, value);
  assert(code == SQLITE_OK);
}

void Statement::BindAt(int index, double value) {
  [[maybe_unused]] const int code = sqlite3_bind_double(statement_, index + 1, value);
  assert(code == SQLITE_OK);
}

void Statement::BindAt(int index, std::string_view value) {
  // A text longer than SQLite's limit (10^9 bytes) is refused here and fails the step: NOT NULL.
  sqlite3_bind_text64(statement_, index + 1, value.data() ? value.data() : "", value.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::BindAt(int index, Digest value) {
  if (value.hex.empty()) return BindAt(index, std::nullopt);
  const std::optional<std::string> bytes = BytesOfHex(value.hex);
  if (!bytes) return BindAt(index, value.hex);
  sqlite3_bind_blob(statement_, index + 1, bytes->data(), static_cast<int>(bytes->size()),
                    SQLITE_TRANSIENT);
}

void Statement::BindAt(int index, std::nullopt_t) { sqlite3_bind_null(statement_, index + 1); }

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Access access) {
  std::error_code ignored;
  if (access == Access::kRead && !std::filesystem::exists(path, ignored)) {
    return UsageError("", StoreName(path) + " does not exist",
                      "\"axiometer eval\" makes one; name another with --db");
  }
  if (std::filesystem::is_directory(path, ignored)) {
    return UsageError("", StoreName(path) + " is a folder", "name a file with --db");
  }
  // No counts of the library's memory, which nobody asks for: a lock of all threads is held for each.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;  // refused where SQLite is in use already, which does no harm
  // Readers open for writing too: the last of them then folds the log into the file and removes it.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                    (access == Access::kWrite ? SQLITE_OPEN_CREATE : 0);
  const auto open = [&](const std::string& name, int extra) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags | extra, nullptr);
    return std::pair(code, std::unique_ptr<Database>(new Database(path, handle)));
  };
  auto [code, database] = open(path, 0);
  const auto is_readable = [&] {
    return database->QueryInteger("PRAGMA schema_version").has_value();
  };
  if (code == SQLITE_OK) {
    sqlite3_extended_result_codes(database->handle_, 1);
    sqlite3_busy_timeout(database->handle_, kBusyTimeoutMs);
  }
  const auto lacks_permission = [&] {
    const int primary = sqlite3_errcode(database->handle_) & 0xff;
    return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY;
  };
  if (access == Access::kRead && (code != SQLITE_OK || !is_readable()) && lacks_permission() &&
      IsAtRestWhereNothingCanBeWritten(path)) {
    std::tie(code, database) = open(ImmutableUri(path), SQLITE_OPEN_URI);
  }
  if (code != SQLITE_OK || !is_readable()) return database->LastError();
  if (access == Access::kWrite && sqlite3_db_readonly(database->handle_, "main") == 1) {
    return Failed("", StoreName(path) + " cannot be written",
                  "name a place that can be written with --db");
  }
  if (access == Access::kRead) {
    if (Result<void> done = database->Execute("PRAGMA query_only = 1"); !done) return done.error();
  }
  return std::move(database);
}

Database::~Database() {
  for (const auto& [text, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close_v2(handle_);
}

Result<void> Database::Execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return LastError();
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  if (const auto found = idle_.find(std::string(sql)); found != idle_.end() && !found->second.empty()) {
    sqlite3_stmt* idle = found->second.back();
    found->second.pop_back();
    return Statement(*this, idle);
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return LastError();
  }
  return Statement(*this, statement);
}

void Database::GiveBack(sqlite3_stmt* statement) {
  const char* text = sqlite3_sql(statement);
  const auto place = idle_.find(text);
  if (idle_.size() >= kMostIdle && place == idle_.end()) {
    sqlite3_finalize(statement);
    return;
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  idle_[text].push_back(statement);
}

Result<int64_t> Database::QueryInteger(const std::string& sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement) return statement.error();
  const Result<bool> row = statement->Step();
  if (!row) return row.error();
  return *row ? statement->Integer(0) : 0;
}

Result<bool> Database::HasTable(const std::string& table, const std::string& schema) {
  const Result<int64_t> known = QueryInteger("SELECT count(*) FROM " + schema + ".sqlite_schema WHERE name = '" + table + "'");
  if (!known) return known.error();
  return *known > 0;
}

Result<std::string> Database::QueryText(const std::string& sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement) return statement.error();
  const Result<bool> row = statement->Step();
  if (!row) return row.error();
  return *row ? statement->Text(0) : "";
}

void Database::CountLogPages(int64_t* pages) {
  sqlite3_wal_hook(
      handle_,
      [](void* counter, sqlite3*, const char*, int now) {
        *static_cast<int64_t*>(counter) = now;
        return SQLITE_OK;
      },
      pages);
}

bool Database::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

int64_t Database::ChangedRows() const { return sqlite3_changes64(handle_); }

Error Database::LastError() const {
  const int code = sqlite3_extended_errcode(handle_);
  std::string what = sqlite3_errmsg(handle_);
  // The system's number is of the last system call, which another kind of failure did not make.
  const bool of_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  const int system = of_system ? sqlite3_system_errno(handle_) : 0;
  if (system != 0) what += std::string(" (") + std::strerror(system) + ")";
  if ((code & 0xff) == SQLITE_NOTADB) return UsageError(StoreName(path_), what, HintFor(code, system));
  return Failed(StoreName(path_), what, HintFor(code, system));
}

}  // namespace axiometer
