#include "tasks/csv.h"

#include <algorithm>
#include <utility>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"

namespace axiometer {

CsvReader::CsvReader(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

Result<bool> CsvReader::Next(CsvRow& row) {
  row.cells.clear();
  row.line = line_;
  if (at_ >= text_.size()) return false;
  while (true) {
    std::string& cell = row.cells.emplace_back();
    if (at_ < text_.size() && text_[at_] == '"') {
      const size_t begun = line_;
      ++at_;
      while (true) {
        const size_t quote = text_.find('"', at_);
        if (quote == std::string_view::npos) {
          return BadInput(where_ + ":" + std::to_string(begun), "a quoted cell begins here and never ends");
        }
        cell.append(text_, at_, quote - at_);
        line_ += std::count(text_.begin() + at_, text_.begin() + quote, '\n');
        at_ = quote + 1;
        if (at_ >= text_.size() || text_[at_] != '"') break;
        cell += '"';
        ++at_;
      }
      if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
        return BadInput(where_ + ":" + std::to_string(line_), "a quoted cell goes on after its last quote");
      }
    } else {
      const size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      cell.assign(text_, at_, end - at_);
      at_ = end;
    }
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      continue;
    }
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
    return true;
  }
}

std::string ColumnKey(std::string_view name) {
  std::string key = LowerAscii(PythonStrip(name));
  for (char& c : key) {
    if (c == ' ' || c == '-') c = '_';
  }
  return key;
}

}  // namespace axiometer
