#include "harness/cli/import_table.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/data_dir.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/nearest.h"
#include "harness/base/shell_words.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_writer.h"
#include "harness/cli/authoring.h"
#include "harness/cli/say.h"
#include "harness/cli/suites.h"
#include "tasks/csv.h"
#include "tasks/task_file.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTableBytes = 64u << 20;
constexpr size_t kMaxRows = 100'000;

const std::string kFields[] = {"id",         "title",  "question", "a",           "b",
                               "paraphrase", "pole_a", "pole_b",   "value_system"};
constexpr char kTagField[] = "tag.";

// One row: its cells by column, in the table's order.
struct TableRow {
  size_t line = 0;
  std::vector<std::pair<std::string, std::string>> cells;
};
struct TableOfQuestions {
  std::vector<std::string> columns;  // all that any row has
  std::vector<TableRow> rows;
};

Result<TableOfQuestions> ReadCsvTable(const std::string& text, const std::string& where) {
  CsvReader reader(text, where);
  TableOfQuestions table;
  CsvRow row;
  Result<bool> more = reader.Next(row);
  if (!more) return more.error();
  if (!*more)
    return BadInput(where, "the table is empty", "begin with a row that names the columns");
  table.columns = row.cells;
  for (const char* separator : {";", "\t"}) {
    if (row.cells.size() > 1 || row.cells[0].find(separator) == std::string::npos) continue;
    return BadInput(where + ":1", std::string("one column alone, ") + Quoted(row.cells[0], 80),
                    std::string("its cells are separated by ") + (*separator == ';' ? "semicolons" : "tabs") +
                        ": save the table with commas between them");
  }
  std::set<std::string> seen;
  for (const std::string& column : table.columns) {
    if (!seen.insert(column).second) {
      return BadInput(where + ":1", "column " + Quoted(column) + " is there twice",
                      "rename one of the two");
    }
  }
  while ((more = reader.Next(row)) && *more) {
    if (row.cells.size() == 1 && row.cells[0].empty()) continue;  // an empty line
    if (row.cells.size() != table.columns.size()) {
      return BadInput(where + ":" + std::to_string(row.line),
                      "row " + std::to_string(table.rows.size() + 1) + ": " +
                          std::to_string(row.cells.size()) + " cells for " +
                          std::to_string(table.columns.size()) + " columns",
                      "quote cells that hold commas");
    }
    TableRow out;
    out.line = row.line;
    for (size_t i = 0; i < row.cells.size(); ++i)
      out.cells.emplace_back(table.columns[i], row.cells[i]);
    table.rows.push_back(std::move(out));
  }
  if (!more) return more.error();
  return table;
}

Result<TableOfQuestions> ReadJsonlTable(const std::string& text, const std::string& where) {
  TableOfQuestions table;
  size_t begin = 0;
  for (size_t line = 1; begin < text.size(); ++line) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    const std::string_view content = TrimPython(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    if (content.empty()) continue;
    const std::string place = where + ":" + std::to_string(line);
    const std::string row_text = "row " + std::to_string(table.rows.size() + 1) + ": ";
    Result<Json> json = ParseJson(content, place);
    if (!json) return json.error();
    if (!json->is_object())
      return BadInput(place, row_text + "expected a JSON object", "write one object a line");
    TableRow out;
    out.line = line;
    for (const auto& [key, value] : json->items()) {
      if (value.is_null()) continue;
      if (value.is_structured()) {
        return BadInput(place, row_text + "column " + Quoted(key) + ": expected text or a number",
                        "a cell holds one value");
      }
      out.cells.emplace_back(key, value.is_string() ? value.get<std::string>() : DumpJson(value));
      if (std::find(table.columns.begin(), table.columns.end(), key) == table.columns.end())
        table.columns.push_back(key);
    }
    table.rows.push_back(std::move(out));
  }
  return table;
}

bool IsField(const std::string& name) {
  if (name.starts_with(kTagField)) return name.size() > sizeof kTagField - 1;
  return std::find(std::begin(kFields), std::end(kFields), name) != std::end(kFields);
}

// Which column holds what: as mapped, else a column that is called like a field.
Result<std::map<std::string, std::string>> MapColumns(const std::vector<std::string>& maps,
                                                      const std::vector<std::string>& columns) {
  std::map<std::string, std::string> column_of;  // by field; paraphrases by "paraphrase COLUMN"
  std::set<std::string> mapped;
  const auto add = [&](const std::string& field, const std::string& column) {
    mapped.insert(column);
    return column_of.emplace(field == "paraphrase" ? field + " " + column : field, column).second;
  };
  for (const std::string& map : maps) {
    const size_t equals = map.rfind('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError("--map", "expected COLUMN=FIELD, got " + Quoted(map));
    }
    const std::string column = map.substr(0, equals);
    const std::string field = map.substr(equals + 1);
    if (!IsField(field)) {
      const std::vector<std::string> known(std::begin(kFields), std::end(kFields));
      return UsageError("--map", "unknown field " + Quoted(field),
                        DidYouMean(field, known, "there are " + Listed(known) + ", tag.NAME"));
    }
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      return UsageError("--map", "the table has no column " + Quoted(column),
                        DidYouMean(column, columns, "it has " + Listed(columns)));
    }
    if (!add(field, column)) {
      return UsageError("--map", "two columns for the field " + Quoted(field), "map one");
    }
  }
  for (const std::string& column : columns) {
    if (!mapped.contains(column) && IsField(column) && !column_of.contains(column))
      add(column, column);
  }
  for (const char* needed : {"question", "a", "b"}) {
    if (column_of.contains(needed)) continue;
    return UsageError(
        "--map", std::string("no column for the field \"") + needed + "\"",
        std::string("map one: --map COLUMN=") + needed + "; the table has " + Listed(columns));
  }
  return column_of;
}

// From rows to task files.
class TableImporter {
 public:
  TableImporter(const ImportOptions& options, SuiteTarget target, std::string where)
      : options_(options), target_(std::move(target)), where_(std::move(where)) {}

  Result<std::map<std::string, std::string>> Files(const TableOfQuestions& table,
                                                   std::map<std::string, std::string> column_of) {
    column_of_ = std::move(column_of);
    rows_ = table.rows.size();
    Result<TaskFileContext> context = TaskFileContextOf(target_.info, ContextOf(target_.data_dir));
    if (!context) return std::move(context).error();
    std::map<std::string, std::string> files;  // by stem
    for (size_t i = 0; i < rows_; ++i) {
      row_ = &table.rows[i];
      number_ = i + 1;
      Result<std::string> stem = Stem();
      if (!stem) return stem.error();
      Result<std::string> text = Task();
      if (!text) return text.error();
      const Result<TaskDocument> read = ReadTaskText(*text, *stem + ".yaml", *context);
      if (!read) return BadInput(Place(), Row() + read.error().what, read.error().hint);
      if (!files.emplace(*stem, std::move(*text)).second) {
        return Wrong("id", "the task " + Quoted(*stem) + " is there twice",
                     "give each row an id of its own");
      }
    }
    return files;
  }

 private:
  std::string Place() const { return where_ + ":" + std::to_string(row_->line); }
  std::string Row() const { return "row " + std::to_string(number_) + ": "; }

  // An error at the cell of `field`.
  Error Wrong(const std::string& field, const std::string& what,
              const std::string& hint = "") const {
    const auto column = column_of_.find(field);
    const std::string at =
        column == column_of_.end() ? "" : "column " + Quoted(column->second) + ": ";
    return BadInput(Place(), Row() + at + what, hint);
  }

  // Empty: the row has no such cell.
  std::string Cell(const std::string& field) const {
    const auto column = column_of_.find(field);
    if (column == column_of_.end()) return "";
    for (const auto& [name, text] : row_->cells) {
      if (name == column->second) return std::string(TrimPython(text));
    }
    return "";
  }

  Result<std::string> Stem() const {
    std::string stem = Cell("id");
    if (stem.empty()) {
      if (column_of_.contains("id")) return Wrong("id", "is empty", "give each row an id");
      stem = std::to_string(number_);
      const size_t width = std::to_string(rows_).size();
      return "q-" + std::string(width - stem.size(), '0') + stem;
    }
    const bool good = stem.find_first_not_of(
                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
                          std::string::npos &&
                      stem.front() != '.' && stem != "suite" && stem.size() <= 100;
    if (good) return stem;
    return Wrong("id", Quoted(stem) + " is no name for a task",
                 "use letters, digits, \"-\", \"_\" and \".\", at most 100, and not suite");
  }

  Result<std::string> Pole(const char* field, const std::string& fallback,
                           const ValueSystem& system) const {
    std::string pole = Cell(field);
    if (pole.empty()) pole = fallback;
    if (pole.empty()) {
      return Wrong(
          field, column_of_.contains(field) ? std::string("is empty") : std::string("no ") + field,
          std::string("name the dimension there, or both with --poles A,B"));
    }
    if (system.Find(pole) != nullptr) return pole;
    return Wrong(field, Quoted(pole) + " is no dimension of " + Quoted(system.key),
                 DidYouMean(pole, system.keys(), "there are " + Listed(system.keys())));
  }

  Result<std::string> Task() {
    SuiteTarget target = target_;  // a row's own system is not the suite's
    const std::string key = Cell("value_system");
    Result<ValueSystem> system =
        ValueSystemOption(key.empty() ? options_.value_system : key, target);
    if (!system) {
      if (key.empty()) return system.error();
      return Wrong("value_system", system.error().what, system.error().hint);
    }
    std::pair<std::string, std::string> fallback;
    if (!options_.poles.empty()) {
      Result<std::pair<std::string, std::string>> poles = PolesOption(options_.poles, *system);
      if (!poles) return poles.error();
      fallback = std::move(*poles);
    }
    Result<std::string> a = Pole("pole_a", fallback.first, *system);
    if (!a) return a;
    Result<std::string> b = Pole("pole_b", fallback.second, *system);
    if (!b) return b;
    if (*a == *b)
      return Wrong("pole_b", "both poles are " + Quoted(*a), "name two different dimensions");
    for (const char* field : {"question", "a", "b"}) {
      if (Cell(field).empty()) return Wrong(field, "is empty", "fill it in, or leave the row out");
    }
    if (Cell("a") == Cell("b"))
      return Wrong("b", "both options have the same text", "let them differ");
    Json form = {{"question", Cell("question") + "\n"}, {"a", Cell("a")}, {"b", Cell("b")}};
    Json tags = Json::object();
    for (const auto& [field, column] : column_of_) {
      const std::string text = Cell(field);
      if (text.empty()) continue;
      if (field.starts_with("paraphrase ")) form["paraphrases"].push_back(text + "\n");
      if (field.starts_with(kTagField)) tags[field.substr(sizeof kTagField - 1)] = text;
    }
    const std::string kind = options_.kind.empty() ? "choice" : options_.kind;
    const std::string title = Cell("title");
    Json task = {
        {"kind", kind},
        {"title", title.empty() ? system->Find(*a)->name + " or " + system->Find(*b)->name : title},
        {"value_system", system->key},
        {"poles", {{"a", *a}, {"b", *b}}},
        {kind, std::move(form)}};
    if (!tags.empty()) task["tags"] = std::move(tags);
    return kSchemaLine + WriteYaml(task);
  }

  const ImportOptions& options_;
  SuiteTarget target_;
  const std::string where_;
  std::map<std::string, std::string> column_of_;
  const TableRow* row_ = nullptr;
  size_t number_ = 0;  // of the row, from 1
  size_t rows_ = 0;
};

// That the folder may be made: it is not there, empty, or a suite that may be replaced.
Result<void> MayBeMade(const std::string& folder, bool replace) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  if (!fs::is_directory(folder, error))
    return UsageError("--suite", Quoted(folder) + " is no folder");
  if (fs::is_empty(folder, error)) return {};
  if (!replace)
    return UsageError("--suite", Quoted(folder) + " is not empty",
                      "name a new folder, or give --replace");
  if (!fs::exists(folder + "/suite.yaml", error)) {
    return UsageError("--replace", Quoted(folder) + " is no suite", "name a new folder");
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && (name.ends_with(".yaml") || name == "task.schema.json"))
      continue;
    return UsageError("--replace", Quoted(folder + "/" + name) + " is no task file",
                      "move it away, or name a new folder");
  }
  return {};
}

Result<void> WriteFileText(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  const bool written =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (!written || !closed)
    return Failed(ForTerminal(path), "cannot be written", "see that there is room and permission");
  return {};
}

// The folder as a whole: made beside its place, then moved there.
Result<void> WriteSuite(const SuiteTarget& target,
                        const std::map<std::string, std::string>& files) {
  const std::string& folder = target.info.directory;
  const std::string fresh = folder + ".part-" + std::to_string(getpid());
  const std::string old = folder + ".old-" + std::to_string(getpid());
  const auto write = [&]() -> Result<void> {
    std::error_code error;
    fs::create_directories(fresh, error);
    if (error) return Failed(ForTerminal(fresh), "cannot be made: " + error.message());
    const Result<std::string> schema =
        ReadFile(target.data_dir + "/tasks/task.schema.json", 1u << 20);
    if (!schema) return schema.error();
    Result<void> written = WriteFileText(fresh + "/suite.yaml", SuiteYaml(target.info));
    if (written) written = WriteFileText(fresh + "/task.schema.json", *schema);
    for (const auto& [stem, text] : files) {
      if (written) written = WriteFileText(fresh + "/" + stem + ".yaml", text);
    }
    if (!written) return written;
    if (fs::exists(folder, error)) fs::rename(folder, old, error);
    if (!error) fs::rename(fresh, folder, error);
    if (error)
      return Failed(ForTerminal(folder), "cannot be moved to its place: " + error.message());
    return {};
  };
  const Result<void> written = write();
  std::error_code ignored;
  if (!written && fs::exists(old, ignored) && !fs::exists(folder, ignored))
    fs::rename(old, folder, ignored);
  fs::remove_all(fresh, ignored);
  if (written) fs::remove_all(old, ignored);
  return written;
}

}  // namespace

Result<int> ImportTable(const ImportOptions& options) {
  if (options.suite.empty()) return UsageError("--suite", "the folder of the new suite is missing");
  if (!options.kind.empty() && options.kind != "choice" && options.kind != "survey") {
    return UsageError("--kind",
                      "a table makes tasks of kind choice or survey, not " + Quoted(options.kind));
  }
  std::string folder = options.suite;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const Result<void> may = MayBeMade(folder, options.replace);
  if (!may) return may.error();
  const std::string where = ForTerminal(options.path);
  const Result<std::string> text = ReadFile(options.path, kMaxTableBytes);
  if (!text) return text.error();
  if (const auto offset = FindInvalidUtf8(*text)) {
    const auto line =
        std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(*offset), '\n') + 1;
    return BadInput(where + ":" + std::to_string(line), "not valid UTF-8",
                    "save the table as UTF-8");
  }
  const Result<TableOfQuestions> table =
      options.format == "csv" ? ReadCsvTable(*text, where) : ReadJsonlTable(*text, where);
  if (!table) return table.error();
  if (table->rows.empty()) return BadInput(where, "the table has no rows");
  if (table->rows.size() > kMaxRows) {
    return BadInput(where, "more than " + std::to_string(kMaxRows) + " rows",
                    "split it into several tables");
  }
  Result<std::map<std::string, std::string>> column_of = MapColumns(options.maps, table->columns);
  if (!column_of) return column_of.error();
  const std::map<std::string, std::string> used = *column_of;
  Result<std::string> data_dir = DataDir();
  if (!data_dir) return std::move(data_dir).error();
  SuiteTarget target;  // as if nothing were there
  target.data_dir = std::move(*data_dir);
  target.info = NewSuiteInfo(folder);
  target.info.description = "Questions of " + fs::path(options.path).filename().string() + ", " +
                            std::to_string(table->rows.size()) + " rows, SHA-256 " + Sha256(*text) +
                            ".";
  target.info.value_system = options.value_system.empty() ? "schwartz" : options.value_system;
  const Result<std::map<std::string, std::string>> files =
      TableImporter(options, target, where).Files(*table, std::move(*column_of));
  if (!files) return files.error();
  const Result<void> written = WriteSuite(target, *files);
  if (!written) return written.error();
  if (options.json) {
    const Json told = {
        {"schema", "axiometer.import-table/1"}, {"suite", folder}, {"tasks", files->size()}};
    std::printf("%s\n", DumpJson(told).c_str());
  }
  std::vector<std::string> unused;
  for (const std::string& column : table->columns) {
    if (std::none_of(used.begin(), used.end(), [&](const auto& one) { return one.second == column; })) unused.push_back(column);
  }
  if (!unused.empty()) Say("note: not used: " + Listed(unused) + "; --map COLUMN=FIELD says what a column is");
  Say("made the suite " + folder + ", " + std::to_string(files->size()) +
      (files->size() == 1 ? " task" : " tasks") + "; next: axiometer suite check " + ShellWord(folder));
  return 0;
}

}  // namespace axiometer
