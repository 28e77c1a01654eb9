#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

struct CsvRow {
  size_t line = 0;  // that it begins at, from 1
  std::vector<std::string> cells;
};

// Reads comma separated rows one by one (RFC 4180): quoted cells may hold commas, line ends and
// doubled quotes; a byte-order mark at the beginning and either kind of line end are allowed. Borrows
// `text`, which must outlive it; `where` names the file in errors.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string where);

  // False: no row is left. Error: a quoted cell that never ends, or goes on after its last quote.
  Result<bool> Next(CsvRow& row);

  const std::string& where() const { return where_; }

 private:
  std::string_view text_;
  std::string where_;
  size_t at_ = 0;
  size_t line_ = 1;
};

// What a column's name is known by: "Marital Status", "marital_status" and "MARITAL-STATUS" are one.
std::string ColumnKey(std::string_view name);

}  // namespace axiometer
