// Comma separated tables: scores by people, NurValues, and ValuePrism's seven layouts, of which one is
// JSON. The first byte says which.

#include <map>

#include "judges/people_scores.h"
#include "tasks/csv.h"
#include "tasks/nurvalues.h"
#include "tasks/valueprism_table.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

namespace {

constexpr ValuePrismLayout kLayouts[] = {ValuePrismLayout::kRelevance,   ValuePrismLayout::kValence,
                                         ValuePrismLayout::kExplanation, ValuePrismLayout::kGenerative,
                                         ValuePrismLayout::kFull,        ValuePrismLayout::kMixture,
                                         ValuePrismLayout::kVital};

void ReadRows(std::string_view text) {
  CsvReader reader(text, "t.csv");
  CsvRow row;
  size_t line = 0;
  size_t bytes = 0;
  while (true) {
    const Result<bool> more = reader.Next(row);
    if (!more) return RequireReadable(more.error());
    if (!*more) break;
    Require(row.line > line, "rows come in order");
    line = row.line;
    for (const std::string& cell : row.cells) bytes += cell.size();
  }
  Require(bytes <= text.size(), "cells hold no more than the text");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const size_t kind = input.Choose(9);
  const std::string_view text = input.rest();
  ReadRows(text);
  if (kind == 7) {
    const auto scores = ReadPeoplesScores(text, "t.csv");
    if (!scores) RequireReadable(scores.error());
  } else if (kind == 8) {
    const Result<NurvaluesTable> table = ParseNurvalues(text, "t.csv");
    if (!table) RequireReadable(table.error());
  } else {
    const Result<ValuePrismTable> table = ParseValuePrismTable(text, "t.csv", kLayouts[kind]);
    if (table) {
      Require(table->rows.size() <= table->read || kLayouts[kind] == ValuePrismLayout::kVital, "no row is made up");
    } else {
      RequireReadable(table.error());
    }
  }
  return 0;
}
