#pragma once

#include <memory>

#include "harness/base/result.h"
#include "harness/store/database.h"
#include "harness/store/rows.h"

namespace axiometer {

// Turns rows into inserts, within the caller's transaction; the thread of the connection.
class RowWriter {
 public:
  static Result<std::unique_ptr<RowWriter>> Make(Database& database);
  ~RowWriter();

  Result<void> Write(const Row& row);

 private:
  struct Statements;
  explicit RowWriter(std::unique_ptr<Statements> statements);
  std::unique_ptr<Statements> statements_;
};

}  // namespace axiometer
