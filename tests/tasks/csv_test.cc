#include "tasks/csv.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows Read(std::string_view text) {
  CsvReader reader(text, "table.csv");
  Rows rows;
  CsvRow row;
  while (*reader.Next(row)) rows.push_back(row.cells);
  return rows;
}

std::string Problem(std::string_view text) {
  CsvReader reader(text, "table.csv");
  CsvRow row;
  while (true) {
    const Result<bool> more = reader.Next(row);
    if (!more) return more.error().ToString();
    if (!*more) return "";
  }
}

TEST(Csv, QuotedCellsHoldCommasQuotesAndLineEnds) {
  EXPECT_EQ(Read("a,\"b,\"\"c\"\"\nd\",e\n"), (Rows{{"a", "b,\"c\"\nd", "e"}}));
}

TEST(Csv, AByteOrderMarkAndCarriageReturnsAreNoText) {
  EXPECT_EQ(Read("\xEF\xBB\xBFx,y\r\n1,\"2\"\r\n"), (Rows{{"x", "y"}, {"1", "2"}}));
}

TEST(Csv, TheLastLineNeedsNoEndAndEmptyCellsStay) {
  EXPECT_EQ(Read("a,\n,b"), (Rows{{"a", ""}, {"", "b"}}));
  EXPECT_EQ(Read("a,"), (Rows{{"a", ""}}));
  EXPECT_EQ(Read(""), Rows{});
}

TEST(Csv, RowsKnowTheirLine) {
  CsvReader reader("h\n\"a\nb\"\nc\n", "table.csv");
  CsvRow row;
  std::vector<size_t> lines;
  while (*reader.Next(row)) lines.push_back(row.line);
  EXPECT_EQ(lines, (std::vector<size_t>{1, 2, 4}));
}

TEST(Csv, AQuotedCellMustEndWhereItsQuoteDoes) {
  EXPECT_EQ(Problem("a\n\"b\nc"), "table.csv:2: a quoted cell begins here and never ends");
  EXPECT_EQ(Problem("a\n\"b\"c\n"), "table.csv:2: a quoted cell goes on after its last quote");
}

}  // namespace
}  // namespace axiometer
