#include "reports/terminal_table.h"

#include <algorithm>
#include <numeric>

#include "harness/base/utf8.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowestText = 8;

int LongestWord(std::string_view text) {
  int longest = 0;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    longest = std::max(longest, CellsOf(text.substr(0, space)));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return longest;
}

std::vector<std::string> LinesOf(const std::string& text, int width) {
  std::vector<std::string> lines = WrappedLines(text, width);
  if (lines.empty()) lines.emplace_back();
  return lines;
}

class Layout {
 public:
  Layout(const Table& table, int width) : columns_(table.columns), width_(std::max(20, width)) {
    for (const Column& column : columns_) {
      titles_.push_back(Harmless(column.title));
      titled_ = titled_ || !titles_.back().empty();
    }
    for (const auto& row : table.rows) {
      rows_.emplace_back();
      for (const std::string& cell : row) rows_.back().push_back(Harmless(cell));
    }
  }

  // Of a column whose title takes one line.
  int Full(size_t column) const { return std::max(Content(column), CellsOf(titles_[column])); }

  std::vector<TableLine> Write() {
    std::vector<size_t> all(columns_.size());
    std::iota(all.begin(), all.end(), size_t{0});
    std::vector<int> widths;
    for (const size_t column : all) widths.push_back(Full(column));
    if (Sum(widths) <= width_) {
      Band(all, widths);
      return std::move(lines_);
    }
    for (const size_t column : all) widths[column] = WithWrappedTitle(column);
    Widen(all, widths);
    Squeeze(all, widths);
    if (Sum(widths) <= width_) {
      Band(all, widths);
      return std::move(lines_);
    }
    InBands();
    return std::move(lines_);
  }

 private:
  int Content(size_t column) const {
    int widest = 0;
    for (const auto& row : rows_) widest = std::max(widest, CellsOf(row[column]));
    return widest;
  }
  int WithWrappedTitle(size_t column) const { return std::max(Content(column), LongestWord(titles_[column])); }

  static int Sum(const std::vector<int>& widths) {
    return std::accumulate(widths.begin(), widths.end(), kGap * (static_cast<int>(widths.size()) - 1));
  }

  // What room is left goes to the titles that wrap most.
  void Widen(const std::vector<size_t>& columns, std::vector<int>& widths) const {
    while (Sum(widths) < width_) {
      size_t most = 0;
      for (size_t i = 1; i < widths.size(); ++i) {
        if (Full(columns[i]) - widths[i] > Full(columns[most]) - widths[most]) most = i;
      }
      if (Full(columns[most]) == widths[most]) return;
      ++widths[most];
    }
  }

  // The longest part of a text that no line breaks, which they do at spaces and hyphens.
  int LongestPiece(size_t column) const {
    int longest = 0;
    for (const auto& row : rows_) {
      std::string pieces = row[column];
      std::ranges::replace(pieces, '-', ' ');
      longest = std::max(longest, LongestWord(pieces) + 1);
    }
    return longest;
  }

  // Numbers stay whole: only text columns give way, and the name's only as far as its words do.
  void Squeeze(const std::vector<size_t>& columns, std::vector<int>& widths) const {
    const size_t name = NameColumn();
    const int name_floor = std::clamp(LongestPiece(name), kNarrowestText, std::max(kNarrowestText, width_ / 3));
    while (Sum(widths) > width_) {
      int widest = -1;
      for (size_t i = 0; i < widths.size(); ++i) {
        const int floor = columns[i] == name ? name_floor : kNarrowestText;
        if (columns_[columns[i]].number || widths[i] <= floor) continue;
        if (widest < 0 || widths[i] > widths[static_cast<size_t>(widest)]) widest = static_cast<int>(i);
      }
      if (widest < 0) return;
      --widths[static_cast<size_t>(widest)];
    }
  }

  // As HTML has it: the row's name is its first column of text.
  size_t NameColumn() const {
    size_t name = 0;
    while (name + 1 < columns_.size() && columns_[name].number) ++name;
    return name;
  }

  // What names a row and is repeated in each band: its name and, before the first number, the texts next to it.
  std::vector<size_t> KeyColumns() const {
    constexpr size_t kMost = 3;
    std::vector<size_t> keys{NameColumn()};
    size_t next = keys.front() + 1;
    while (next < columns_.size() && !columns_[next].number && keys.size() < kMost) keys.push_back(next++);
    if (next == columns_.size()) keys.resize(1);  // no number comes: texts are what the row says
    return keys;
  }

  void InBands() {
    const std::vector<size_t> keys = KeyColumns();
    const int most = keys.size() == 1 ? width_ / 3 : width_ / 2;
    std::vector<size_t> columns = keys;
    std::vector<int> widths;
    for (const size_t key : keys) widths.push_back(WithWrappedTitle(key));
    for (auto widest = std::ranges::max_element(widths); Sum(widths) > most && *widest > kNarrowestText;
         widest = std::ranges::max_element(widths)) {
      --*widest;
    }
    const int room = width_ - Sum(widths) - kGap;
    for (size_t column = 0; column < columns_.size(); ++column) {
      if (std::ranges::find(keys, column) != keys.end()) continue;
      const int wanted = std::min(WithWrappedTitle(column), room);
      if (columns.size() > keys.size() && Sum(widths) + kGap + wanted > width_) {
        Band(columns, widths);
        columns.resize(keys.size());
        widths.resize(keys.size());
      }
      columns.push_back(column);
      widths.push_back(wanted);
    }
    Band(columns, widths);
  }

  void Band(const std::vector<size_t>& columns, const std::vector<int>& widths) {
    if (!lines_.empty()) lines_.push_back({"", false});
    if (titled_) Row(titles_, columns, widths, true);
    for (const auto& row : rows_) Row(row, columns, widths, false);
  }

  void Row(const std::vector<std::string>& cells, const std::vector<size_t>& columns, const std::vector<int>& widths,
           bool head) {
    std::vector<std::vector<std::string>> wrapped;
    size_t high = 1;
    for (size_t i = 0; i < columns.size(); ++i) {
      wrapped.push_back(LinesOf(cells[columns[i]], widths[i]));
      high = std::max(high, wrapped.back().size());
    }
    for (size_t line = 0; line < high; ++line) {
      std::string text;
      for (size_t i = 0; i < columns.size(); ++i) {
        // Titles stand at the bottom of their lines, cells at the top.
        const size_t skipped = head ? high - wrapped[i].size() : 0;
        const bool there = line >= skipped && line - skipped < wrapped[i].size();
        const std::string part = there ? wrapped[i][line - skipped] : "";
        if (i > 0) text.append(kGap, ' ');
        text += columns_[columns[i]].number ? PadLeft(part, widths[i]) : PadRight(part, widths[i]);
      }
      while (text.ends_with(' ')) text.pop_back();
      lines_.push_back({std::move(text), head});
    }
  }

  const std::vector<Column>& columns_;
  const int width_;
  bool titled_ = false;
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<TableLine> lines_;
};

}  // namespace

std::vector<TableLine> TableLines(const Table& table, int width) { return Layout(table, width).Write(); }

int WidthOf(const Table& table) {
  const Layout layout(table, 80);
  int width = kGap * (static_cast<int>(table.columns.size()) - 1);
  for (size_t column = 0; column < table.columns.size(); ++column) width += layout.Full(column);
  return width;
}

}  // namespace axiometer
