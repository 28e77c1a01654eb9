#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/python_json.h"
#include "harness/base/utf8.h"
#include "tasks/csv.h"
#include "tasks/nurvalues.h"

// The table of NurValues, from file to rows.
namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNurvaluesPublished =
    "the data set is published at huggingface.co/datasets/Ben012345/NurValues and "
    "github.com/BenYyyyyy/NurValues";
constexpr const char* kFile = "nursing_value_CN+EN.csv";
constexpr size_t kMaxBytes = size_t{1} << 28;

// Known columns; the texts in the order of NurvaluesRow::texts.
enum NurvaluesColumn : size_t { kEasyEn, kEasyCn, kHardEn, kHardCn, kIndex, kValue, kAlignment, kNurvaluesColumns };
constexpr const char* kNurvaluesNames[kNurvaluesColumns] = {
    "text_EN",       "text_CN",  "complicated_text_EN", "complicated_text_CN", "index",
    "Nursing_Value", "Alignment"};
constexpr const char* kOldHardCn = "complicated_text";

const std::vector<std::string>& Values() {
  static const auto* values = new std::vector<std::string>{"Altruism", "Human_Dignity", "Integrity",
                                                           "Justice", "Professionalism"};
  return *values;
}

struct Header {
  std::vector<std::string> names;
  size_t of[kNurvaluesColumns] = {};  // the place of each known column
  bool has[kNurvaluesColumns] = {};
  std::vector<size_t> others;  // places of all the rest
};

std::string AtLine(const std::string& file, size_t line) {
  return file + ":" + std::to_string(line);
}
std::string InColumn(size_t column) { return std::string("column \"") + kNurvaluesNames[column] + "\": "; }

Result<Header> ReadHeader(const CsvRow& row, const std::string& file) {
  Header header;
  header.names = row.cells;
  std::optional<size_t> old;
  std::string printed;
  for (size_t place = 0; place < row.cells.size(); ++place) {
    printed += (place == 0 ? "" : ", ") + row.cells[place];
    const std::string name = ColumnKey(row.cells[place]);
    size_t column = 0;
    while (column < kNurvaluesColumns && name != ColumnKey(kNurvaluesNames[column])) ++column;
    if (column < kNurvaluesColumns) {
      if (header.has[column]) {
        return BadInput(AtLine(file, row.line),
                        std::string("column \"") + kNurvaluesNames[column] + "\" is there twice");
      }
      header.of[column] = place;
      header.has[column] = true;
    } else if (name == kOldHardCn && !old) {
      old = place;
    } else {
      header.others.push_back(place);
    }
  }
  if (old && header.has[kHardCn]) header.others.push_back(*old);
  if (old && !header.has[kHardCn]) {
    header.of[kHardCn] = *old;
    header.has[kHardCn] = true;
  }
  for (const size_t column : {kIndex, kValue, kAlignment}) {
    if (header.has[column]) continue;
    return BadInput(
        AtLine(file, row.line),
        std::string("no column \"") + kNurvaluesNames[column] + "\"; the header is: " + Quoted(printed, 600),
        ColumnKey(printed) == "original_text"
            ? std::string("this is the table of unlabelled texts; name ") + kFile + ": " +
                  kNurvaluesPublished
            : "needed are index, Nursing_Value, Alignment and the text to be shown");
  }
  return header;
}

// A whole number, which may have gone through a table of floating point numbers: "17", "17.0".
std::optional<int64_t> Whole(std::string_view text) {
  text = PythonStrip(text);
  const char* end = text.data() + text.size();
  int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop == text.data()) return std::nullopt;
  if (stop == end) return number;
  if (*stop != '.' || std::any_of(stop + 1, end, [](char c) { return c != '0'; }))
    return std::nullopt;
  return number;
}

// Rows with a text in common are of one situation, named by the first of them.
void JoinSituations(std::vector<NurvaluesRow>& rows) {
  std::vector<size_t> first(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) first[i] = i;
  const auto root = [&first](size_t i) {
    while (first[i] != i) i = first[i] = first[first[i]];
    return i;
  };
  for (const size_t column : {kEasyEn, kEasyCn}) {
    std::unordered_map<std::string_view, size_t> seen;
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string_view text = PythonStrip(rows[i].texts[column]);
      if (text.empty()) continue;
      const auto [found, fresh] = seen.emplace(text, i);
      if (fresh) continue;
      const size_t a = root(found->second);
      const size_t b = root(i);
      first[std::max(a, b)] = std::min(a, b);
    }
  }
  for (size_t i = 0; i < rows.size(); ++i) rows[i].situation = rows[root(i)].index;
}

Result<NurvaluesRow> ReadRow(CsvRow& cells, const Header& header, const std::string& file) {
  const std::string where = AtLine(file, cells.line);
  if (cells.cells.size() != header.names.size()) {
    return BadInput(where, "a row of " + std::to_string(cells.cells.size()) +
                               " cells; the header has " + std::to_string(header.names.size()));
  }
  NurvaluesRow row;
  row.line = cells.line;
  const std::string& index = cells.cells[header.of[kIndex]];
  const std::optional<int64_t> number = Whole(index);
  if (!number) {
    const bool empty = PythonStrip(index).empty();
    return BadInput(where,
                    InColumn(kIndex) +
                        (empty ? "is empty" : "expected a whole number, got " + Quoted(index, 60)));
  }
  row.index = *number;
  const std::string& value = cells.cells[header.of[kValue]];
  const auto known = std::find_if(Values().begin(), Values().end(), [&](const std::string& name) {
    return ColumnKey(name) == ColumnKey(value);
  });
  if (known == Values().end()) {
    return BadInput(
        where, InColumn(kValue) + Quoted(value, 60) + " is none of the five values",
        DidYouMean(value, Values(),
                   "they are Altruism, Human_Dignity, Integrity, Justice, Professionalism"));
  }
  row.value = *known;
  const std::string& label = cells.cells[header.of[kAlignment]];
  const std::optional<int64_t> alignment = Whole(label);
  if (!alignment || (*alignment != 0 && *alignment != 1)) {
    return BadInput(where, InColumn(kAlignment) + "expected 0 or 1, got " + Quoted(label, 60));
  }
  row.aligned = *alignment == 1;
  for (const size_t column : {kEasyEn, kEasyCn, kHardEn, kHardCn}) {
    if (header.has[column]) row.texts[column] = std::move(cells.cells[header.of[column]]);
  }
  for (const size_t place : header.others)
    row.others[header.names[place]] = std::move(cells.cells[place]);
  return row;
}

}  // namespace

Result<std::string> FindNurvalues(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (!fs::exists(status)) return UsageError(path, "no such file or folder", kNurvaluesPublished);
  if (!fs::is_directory(status)) return path;
  for (const char* below : {"", "data", "dataset"}) {
    const fs::path file = fs::path(path) / below / kFile;
    if (fs::exists(file, ignored)) return file.string();
  }
  return BadInput(path, std::string("no ") + kFile + " here, in data or in dataset", kNurvaluesPublished);
}

Result<NurvaluesTable> ParseNurvalues(std::string_view csv, const std::string& file) {
  if (csv.starts_with("version https://git-lfs")) {
    return BadInput(file, "a Git LFS pointer, not the data itself",
                    "run `git lfs pull` in the checkout");
  }
  if (const std::optional<size_t> bad = FindInvalidUtf8(csv)) {
    const auto line = static_cast<size_t>(
        std::count(csv.begin(), csv.begin() + static_cast<std::ptrdiff_t>(*bad), '\n'));
    return BadInput(AtLine(file, line + 1), "not UTF-8 text", "save the table as UTF-8");
  }
  NurvaluesTable table;
  table.file = file;
  CsvReader reader(csv, file);
  CsvRow cells;
  const Result<bool> first = reader.Next(cells);
  if (!first) return first.error();
  if (!*first) return BadInput(file, "is empty", kNurvaluesPublished);
  const Result<Header> header = ReadHeader(cells, file);
  if (!header) return header.error();
  std::unordered_map<int64_t, size_t> lines;  // by index
  while (true) {
    const Result<bool> more = reader.Next(cells);
    if (!more) return more.error();
    if (!*more) break;
    if (cells.cells.size() == 1 && cells.cells[0].empty()) continue;  // a blank line
    Result<NurvaluesRow> row = ReadRow(cells, *header, file);
    if (!row) return std::move(row).error();
    const auto [known, fresh] = lines.emplace(row->index, row->line);
    if (!fresh) {
      return BadInput(AtLine(file, row->line), InColumn(kIndex) + std::to_string(row->index) +
                                                   " is that of line " +
                                                   std::to_string(known->second) + " already");
    }
    table.rows.push_back(std::move(*row));
  }
  if (table.rows.empty()) return BadInput(file, "has no rows", kNurvaluesPublished);
  JoinSituations(table.rows);
  return table;
}

Result<NurvaluesTable> ReadNurvalues(const std::string& file) {
  const Result<std::string> csv = ReadFile(file, kMaxBytes);
  if (!csv) return csv.error();
  return ParseNurvalues(*csv, file);
}

}  // namespace axiometer
