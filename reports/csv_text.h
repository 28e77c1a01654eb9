#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How all our tables of comma-separated values are written: RFC 4180, UTF-8, one header line, line
// ends CR LF; numbers with the digits that read back to the same number, absent ones empty.
namespace axiometer {

// A text cell, quoted where it must be. One that a spreadsheet would take for a formula (first
// character = + - @, tab, carriage return or line feed) gets an apostrophe in front; what other
// programs read is numbers and names, which do not begin so. Control characters other than tab and line ends are their
// pictures (NUL is U+2400); `export --format jsonl` has them as they are.
std::string CsvText(std::string_view text);

// A number cell; never guarded: "-0.5" is a number. Not finite: empty.
std::string CsvNumber(const std::optional<double>& number);

// One line of finished cells.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace axiometer
