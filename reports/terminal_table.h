#pragma once

#include <string>
#include <vector>

#include "reports/document.h"

namespace axiometer {

struct TableLine {
  std::string text;   // no wider than was asked for
  bool head = false;  // a line of column titles
};

// A table as lines of at most `width` cells (at least 20), columns two apart, nothing cut off. Where
// it is too wide, titles wrap, then text columns, the widest first, down to 8 cells; what still does
// not fit beside the row's name goes into further tables below, each with the names again and an
// empty line in front.
std::vector<TableLine> TableLines(const Table& table, int width);

// How wide the table is before anything wraps.
int WidthOf(const Table& table);

}  // namespace axiometer
