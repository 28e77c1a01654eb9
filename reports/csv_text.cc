#include "reports/csv_text.h"

#include <charconv>
#include <cmath>

namespace axiometer {
namespace {

// Control characters as their pictures (U+2400 to U+2421), but for tab and line ends: programs that read tables stop at
// a NUL, and terminals obey an escape.
std::string WithPictures(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7F;
    if (!control) {
      out += c;
      continue;
    }
    out += "\xE2\x90";
    out += static_cast<char>(0x80 + (byte == 0x7F ? 0x21 : byte));
  }
  return out;
}

}  // namespace

std::string CsvText(std::string_view text) {
  std::string cell = WithPictures(text);
  if (!cell.empty() && std::string_view("=+-@\t\r\n").find(cell[0]) != std::string_view::npos) cell.insert(0, 1, '\'');
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted(1, '"');
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

std::string CsvNumber(const std::optional<double>& number) {
  if (!number || !std::isfinite(*number)) return "";
  char digits[64];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, *number).ptr);
}

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    line += cells[i];
  }
  return line + "\r\n";
}

}  // namespace axiometer
