#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace axiometer {

// A SHA-256 in hexadecimal, stored as its 32 bytes; empty is stored as NULL, anything else as text.
struct Digest {
  std::string_view hex;
};

class Database;

// One prepared statement of a Database, which outlives it and gets it back for the next one who asks
// for the same. Parameters and columns count from 0.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Starts over with these parameters, in order. Texts are not copied: they outlive the steps. They
  // are stored byte for byte, NUL bytes and invalid UTF-8 included; empty text is text, not NULL.
  template <class... Values>
  Statement& Bind(const Values&... values) {
    Reset();
    int index = 0;
    (BindAt(index++, values), ...);
    return *this;
  }
  Result<bool> Step();  // true: a row can be read; false: done
  void Reset();         // ends the read; until then its snapshot is held

  // For statements without rows: steps to the end and resets.
  Result<void> Execute();

  int64_t Integer(int column) const;  // NULL: 0
  double Real(int column) const;
  std::string Text(int column) const;       // NULL: empty
  std::string_view View(int column) const;  // the same without a copy; until the next step
  std::string HexDigest(int column) const;  // what was bound as Digest
  bool IsNull(int column) const;
  std::optional<int64_t> OptionalInteger(int column) const;
  std::optional<double> OptionalReal(int column) const;

 private:
  void BindAt(int index, int64_t value);
  void BindAt(int index, int value) { BindAt(index, int64_t{value}); }
  void BindAt(int index, bool value) { BindAt(index, int64_t{value}); }
  void BindAt(int index, double value);
  void BindAt(int index, std::string_view value);
  void BindAt(int index, const std::string& value) { BindAt(index, std::string_view(value)); }
  void BindAt(int index, const char* value) { BindAt(index, std::string_view(value)); }
  void BindAt(int index, Digest value);
  void BindAt(int index, std::nullopt_t);
  template <class T>
  void BindAt(int index, const std::optional<T>& value) {
    if (value) {
      BindAt(index, *value);
    } else {
      BindAt(index, std::nullopt);
    }
  }

  Database* database_;
  sqlite3_stmt* statement_;
};

// A connection to one SQLite file; one thread at a time. Errors carry SQLite's text, the file and,
// where there is one, what to do.
class Database {
 public:
  enum class Access {
    kWrite,  // creates the file
    kRead,   // the file must be there; changes are refused
  };
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }
  sqlite3* handle() { return handle_; }

  Result<void> Execute(const std::string& sql);  // one or more statements; rows are dropped
  Result<Statement> Prepare(std::string_view sql);  // parsed once for all that follow one another
  Result<int64_t> QueryInteger(const std::string& sql);  // first column of the first row
  Result<std::string> QueryText(const std::string& sql);
  // A store that an older version wrote lacks the newer tables. `schema`: "main", or as attached.
  Result<bool> HasTable(const std::string& table, const std::string& schema = "main");
  bool InTransaction() const;
  int64_t ChangedRows() const;  // by the last statement
  // After each commit `*pages` is the length of the write-ahead log; it outlives the connection.
  void CountLogPages(int64_t* pages);

  Error LastError() const;  // of the last call that failed

 private:
  friend class Statement;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  void GiveBack(sqlite3_stmt* statement);

  std::string path_;
  sqlite3* handle_;
  std::unordered_map<std::string, std::vector<sqlite3_stmt*>> idle_;  // by their text
};

// `store "x.db"`: how messages name the file.
std::string StoreName(const std::string& path);

}  // namespace axiometer
