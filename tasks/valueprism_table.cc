#include "tasks/valueprism_table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/json_reader.h"
#include "harness/base/utf8.h"
#include "tasks/csv.h"
#include "tasks/vrd.h"

namespace axiometer {
namespace {

constexpr size_t kMaxTableBytes = size_t{1} << 30;

// What pandas' read_csv takes for a missing cell, unless it is told otherwise.
bool IsMissing(const std::string& cell) {
  static constexpr std::string_view kMissing[] = {
      "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
      "<NA>", "N/A",      "NA",  "NULL",    "NaN",      "None", "n/a",  "nan",    "null"};
  return TrimPython(cell).empty() ||
         std::find(std::begin(kMissing), std::end(kMissing), cell) != std::end(kMissing);
}

std::string Listed(const std::vector<std::string>& words, const char* last = " or ") {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? last : ", ";
    out += words[i];
  }
  return out;
}

// A label as the protocol spells it. Of relevance also the codings that a yes or no takes in
// tables.
std::optional<std::string> LabelOf(ValuePrismTask task, const std::string& cell) {
  const std::string text = LowerAscii(TrimPython(cell));
  for (const std::string& label : ValuePrismLabels(task)) {
    if (text == LowerAscii(label)) return label;
  }
  if (task != ValuePrismTask::kRelevance) return std::nullopt;
  if (text == "1" || text == "1.0" || text == "true") return "Yes";
  if (text == "0" || text == "0.0" || text == "false") return "No";
  return std::nullopt;
}

enum Role { kSituation, kType, kText, kRelevance, kValence, kExplanation, kInput, kOutput, kRoles };

struct RoleFacts {
  const char* name;
  std::vector<std::string> aliases;
};

const RoleFacts& FactsOf(Role role) {
  static const std::vector<RoleFacts> kFacts = {
      {"situation", {"situation", "action"}},
      {"vrd", {"vrd", "type"}},
      {"text", {"text", "value"}},
      {"relevance", {"relevance", "relevant", "label", "output"}},
      {"valence", {"valence", "label", "output"}},
      {"explanation", {"explanation", "rationale", "output"}},
      {"input", {"input", "source"}},
      {"output", {"output", "target"}},
  };
  return kFacts[role];
}

// The task of a layout whose rows are all of one.
ValuePrismTask TaskOf(ValuePrismLayout layout) {
  switch (layout) {
    case ValuePrismLayout::kRelevance:
      return ValuePrismTask::kRelevance;
    case ValuePrismLayout::kExplanation:
      return ValuePrismTask::kExplanation;
    case ValuePrismLayout::kGenerative:
    case ValuePrismLayout::kVital:
      return ValuePrismTask::kGeneration;
    default:
      return ValuePrismTask::kValence;
  }
}

std::vector<Role> RolesOf(ValuePrismLayout layout, bool without_explanations) {
  std::vector<Role> roles = {kSituation, kType, kText};
  switch (layout) {
    case ValuePrismLayout::kRelevance:
      roles.push_back(kRelevance);
      break;
    case ValuePrismLayout::kValence:
      roles.push_back(kValence);
      break;
    case ValuePrismLayout::kExplanation:
      roles.push_back(kExplanation);
      break;
    case ValuePrismLayout::kGenerative:
      break;
    case ValuePrismLayout::kFull:
      roles.push_back(kValence);
      if (!without_explanations) roles.push_back(kExplanation);
      break;
    default:
      return {kInput, kOutput};
  }
  return roles;
}

// Which column plays each role; -1: none.
struct Columns {
  std::vector<int> of = std::vector<int>(kRoles, -1);
  std::vector<std::string> header;

  int Find(Role role) const {
    for (const std::string& alias : FactsOf(role).aliases) {
      for (size_t i = 0; i < header.size(); ++i) {
        if (LowerAscii(TrimPython(header[i])) == alias) return static_cast<int>(i);
      }
    }
    return -1;
  }
};

// What a text-to-text row holds, from its input: fields of the form "Name: text" between tabs or
// line ends. The type may be a field's name ("Right: Right to rest") or stand in front of the text.
struct InputFields {
  std::string task;  // "[Valence]:" at the beginning; empty: none
  std::string situation;
  std::string type;
  std::string text;
};

void ReadField(std::string_view field, InputFields& out) {
  const size_t colon = field.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = LowerAscii(TrimPython(field.substr(0, colon)));
  const std::string text(TrimPython(field.substr(colon + 1)));
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    out.task = name.substr(1, name.size() - 2);
    // The situation may follow without a tab between.
    if (!text.empty()) ReadField(text, out);
  } else if (name == "situation" || name == "action") {
    out.situation = text;
  } else if (name == "value" || name == "right" || name == "duty") {
    out.type = *CleanVrdType(name);
    out.text = text;
  } else if (name == "type") {
    out.type = text;
  } else if (name == "vrd" || name == "text") {
    const size_t inner = text.find(": ");
    const std::optional<std::string> type =
        inner == std::string::npos ? std::nullopt : CleanVrdType(text.substr(0, inner));
    if (type && text.substr(0, inner).find(' ') == std::string::npos) {
      out.type = *type;
      out.text = text.substr(inner + 2);
    } else if (name == "vrd" && CleanVrdType(text) && text.find(' ') == std::string::npos) {
      out.type = text;
    } else {
      out.text = text;
    }
  }
}

InputFields ReadInput(std::string_view input) {
  InputFields out;
  for (size_t begin = 0; begin <= input.size();) {
    const size_t end = std::min(input.find_first_of("\t\n", begin), input.size());
    ReadField(input.substr(begin, end - begin), out);
    begin = end + 1;
  }
  return out;
}

// The task of a text-to-text row: as its input says in brackets, else as its output shows.
ValuePrismTask TaskOfPair(const InputFields& input, const std::string& output) {
  if (input.task == "generate" || input.task == "generative") return ValuePrismTask::kGeneration;
  if (input.task == "explain") return ValuePrismTask::kExplanation;
  if (const std::optional<ValuePrismTask> named = ValuePrismTaskFromName(input.task)) return *named;
  for (const ValuePrismTask task : {ValuePrismTask::kRelevance, ValuePrismTask::kValence}) {
    const std::vector<std::string>& labels = ValuePrismLabels(task);
    const std::string text = LowerAscii(TrimPython(output));
    if (std::any_of(labels.begin(), labels.end(),
                    [&](const std::string& label) { return LowerAscii(label) == text; })) {
      return task;
    }
  }
  return input.text.empty() ? ValuePrismTask::kGeneration : ValuePrismTask::kExplanation;
}

class TableReader {
 public:
  TableReader(std::string_view text, const std::string& file, ValuePrismLayout layout,
              bool without_explanations)
      : csv_(text, ForTerminal(file)),
        layout_(layout),
        without_explanations_(without_explanations) {
    table_.file = file;
  }

  Result<ValuePrismTable> Read() {
    Result<void> ready = MatchHeader();
    if (!ready) return std::move(ready).error();
    CsvRow cells;
    while (true) {
      const Result<bool> more = csv_.Next(cells);
      if (!more) return more.error();
      if (!*more) break;
      if (cells.cells.size() == 1 && cells.cells[0].empty())
        continue;  // a blank line is no row, as for pandas
      Result<void> read = ReadRow(cells);
      if (!read) return std::move(read).error();
      ++table_.read;
    }
    if (table_.read == 0) return BadInput(csv_.where(), "the table has a header and no row");
    return std::move(table_);
  }

 private:
  Result<void> MatchHeader() {
    CsvRow header;
    const Result<bool> more = csv_.Next(header);
    if (!more) return more.error();
    if (!*more) return BadInput(csv_.where(), "the file is empty", "expected a header and rows");
    columns_.header = std::move(header.cells);
    const std::vector<Role> roles = RolesOf(layout_, without_explanations_);
    // Task tables may be pairs of texts too.
    pairs_ = layout_ == ValuePrismLayout::kMixture ||
             (columns_.Find(kInput) >= 0 && columns_.Find(kOutput) >= 0 &&
              columns_.Find(kSituation) < 0);
    for (const Role role : pairs_ ? std::vector<Role>{kInput, kOutput} : roles) {
      columns_.of[role] = columns_.Find(role);
      if (columns_.of[role] >= 0) continue;
      constexpr size_t kNamesShown = 20;
      const size_t count = columns_.header.size();
      std::vector<std::string> names;
      for (size_t i = 0; i < std::min(count, kNamesShown); ++i) names.push_back(Quoted(columns_.header[i], 40));
      if (count > kNamesShown) names.push_back("… of " + std::to_string(count) + " columns");
      const RoleFacts& facts = FactsOf(role);
      return BadInput(
          csv_.where(),
          std::string("no column for ") + facts.name + ": the header is " + Listed(names, ", "),
          "expected a column " + Listed(facts.aliases));
    }
    return {};
  }

  // Empty where the cell is missing.
  std::string Cell(Role role) const {
    const std::string& cell = row_->cells[columns_.of[role]];
    return IsMissing(cell) ? "" : cell;
  }

  Error Wrong(Role role, const std::string& what) const {
    return BadInput(csv_.where() + ":" + std::to_string(row_->line),
                    "row " + std::to_string(table_.read) + ", column " +
                        Quoted(columns_.header[columns_.of[role]], 40) + ": " + what);
  }

  Result<void> ReadRow(const CsvRow& cells) {
    row_ = &cells;
    if (cells.cells.size() != columns_.header.size()) {
      return BadInput(csv_.where() + ":" + std::to_string(cells.line),
                      "row " + std::to_string(table_.read) + ": " +
                          std::to_string(cells.cells.size()) + " cells, the header has " +
                          std::to_string(columns_.header.size()));
    }
    ValuePrismRow row;
    row.row = table_.read;
    row.task = TaskOf(layout_);
    return pairs_ ? ReadPair(std::move(row)) : ReadCells(std::move(row));
  }

  Result<void> ReadCells(ValuePrismRow row) {
    const std::string type = Cell(kType);
    row.text = TrimPython(Cell(kText));
    row.situation = TrimPython(Cell(kSituation));
    if (type.empty() || row.text.empty()) {
      ++table_.without_vrd;
      return {};
    }
    const std::optional<std::string> clean = CleanVrdType(type);
    if (!clean) return Wrong(kType, "expected Value, Right or Duty, got " + Quoted(type, 40));
    row.type = *clean;
    bool missing = row.situation.empty();
    for (const Role role : {kRelevance, kValence}) {
      if (columns_.of[role] < 0) continue;
      Result<bool> there = TakeLabel(role, Cell(role), row);
      if (!there) return std::move(there).error();
      missing = missing || !*there;
    }
    if (columns_.of[kExplanation] >= 0) {
      row.explanation = TrimPython(Cell(kExplanation));
      // The whole table is also the only source of the other tasks' rows.
      missing = missing || (row.explanation.empty() && layout_ == ValuePrismLayout::kExplanation);
    }
    if (missing) {
      ++table_.without_other;
      return {};
    }
    table_.rows.push_back(std::move(row));
    return {};
  }

  // False: the cell is missing.
  Result<bool> TakeLabel(Role role, const std::string& cell, ValuePrismRow& row) const {
    if (cell.empty()) return false;
    const ValuePrismTask task =
        role == kRelevance || (role == kOutput && row.task == ValuePrismTask::kRelevance)
            ? ValuePrismTask::kRelevance
            : ValuePrismTask::kValence;
    const std::optional<std::string> label = LabelOf(task, cell);
    if (!label)
      return Wrong(role,
                   "expected " + Listed(ValuePrismLabels(task)) + ", got " + Quoted(cell, 40));
    (task == ValuePrismTask::kRelevance ? row.relevance : row.valence) = *label;
    return true;
  }

  Result<void> ReadPair(ValuePrismRow row) {
    const std::string input_text = Cell(kInput);
    const std::string output = Cell(kOutput);
    if (input_text.empty() || output.empty()) {
      ++table_.without_other;
      return {};
    }
    const InputFields input = ReadInput(input_text);
    if (layout_ == ValuePrismLayout::kMixture) row.task = TaskOfPair(input, output);
    if (input.situation.empty()) {
      return Wrong(kInput, "expected a field \"Situation: …\" or \"Action: …\", got " +
                               Quoted(input_text, 80));
    }
    row.situation = input.situation;
    if (row.task == ValuePrismTask::kGeneration) {
      // "Type: text"; what comes after a second ": " is lost, as the reference system loses it.
      const size_t colon = output.find(": ");
      const std::optional<std::string> type =
          colon == std::string::npos ? std::nullopt : CleanVrdType(output.substr(0, colon));
      if (!type)
        return Wrong(kOutput, "expected \"Value: …\", \"Right: …\" or \"Duty: …\", got " +
                                  Quoted(output, 80));
      row.type = *type;
      const size_t second = output.find(": ", colon + 2);
      row.text = TrimPython(
          output.substr(colon + 2, second == std::string::npos ? second : second - colon - 2));
    } else {
      const std::optional<std::string> type = CleanVrdType(input.type);
      if (!type)
        return Wrong(kInput, "expected a field \"Value: …\", \"Right: …\" or \"Duty: …\", got " +
                                 Quoted(input_text, 80));
      row.type = *type;
      row.text = input.text;
    }
    if (row.text.empty()) {
      ++table_.without_vrd;
      return {};
    }
    if (row.task == ValuePrismTask::kExplanation) row.explanation = TrimPython(output);
    if (!ValuePrismLabels(row.task).empty()) {
      Result<bool> there = TakeLabel(kOutput, output, row);
      if (!there) return std::move(there).error();
    }
    table_.rows.push_back(std::move(row));
    return {};
  }

  CsvReader csv_;
  const ValuePrismLayout layout_;
  const bool without_explanations_;
  Columns columns_;
  bool pairs_ = false;
  const CsvRow* row_ = nullptr;
  ValuePrismTable table_;
};

// One record of the subset: a row for each of its texts, all with the record's number.
Result<void> ReadRecord(const Json& record, const std::string& file, size_t number,
                        ValuePrismTable& table) {
  const std::string place = "[" + std::to_string(number) + "]";
  if (!record.is_object()) return BadInput(file, place + ": expected an object");
  JsonFields fields(record, file, place);
  const std::string situation(TrimPython(fields.NeedText("situation")));
  const std::vector<std::string> texts = fields.NeedTexts("vrd");
  std::vector<std::string> explanations;
  if (fields.Find("explanation") != nullptr) {
    explanations = fields.NeedTexts("explanation");
    if (!fields.error() && explanations.size() != texts.size()) {
      fields.Fail(fields.Wrong("explanation", std::to_string(explanations.size()) +
                                                  " texts beside " + std::to_string(texts.size()) +
                                                  " in \"vrd\""));
    }
  }
  if (fields.error()) return *fields.error();
  if (situation.empty()) {
    ++table.without_other;
    return {};
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    ValuePrismRow row;
    row.row = number;
    row.task = ValuePrismTask::kGeneration;
    row.situation = situation;
    row.text = TrimPython(texts[i]);
    if (!explanations.empty()) row.explanation = TrimPython(explanations[i]);
    if (row.text.empty()) {
      ++table.without_vrd;
      continue;
    }
    table.rows.push_back(std::move(row));
  }
  return {};
}

// A list of records, or one a line.
Result<ValuePrismTable> ParseRecords(std::string_view text, const std::string& file) {
  ValuePrismTable table;
  table.file = file;
  const std::string where = ForTerminal(file);
  const std::string_view trimmed = TrimPython(text);
  if (trimmed.starts_with('[')) {
    const Result<Json> list = ParseJson(text, where);
    if (!list) return list.error();
    for (const Json& record : *list) {
      Result<void> read = ReadRecord(record, where, table.read++, table);
      if (!read) return std::move(read).error();
    }
  } else {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = text.substr(begin, end - begin);
      begin = end + 1;
      if (TrimPython(line).empty()) continue;
      const Result<Json> record = ParseJson(line, where + " record " + std::to_string(table.read));
      if (!record) return record.error();
      Result<void> read = ReadRecord(*record, where, table.read++, table);
      if (!read) return std::move(read).error();
    }
  }
  if (table.read == 0) return BadInput(where, "the file holds no record");
  return table;
}

}  // namespace

const char* ValuePrismTaskName(ValuePrismTask task) {
  switch (task) {
    case ValuePrismTask::kRelevance:
      return "relevance";
    case ValuePrismTask::kValence:
      return "valence";
    case ValuePrismTask::kExplanation:
      return "explanation";
    case ValuePrismTask::kGeneration:
      return "generation";
  }
  return "";
}

std::optional<ValuePrismTask> ValuePrismTaskFromName(std::string_view name) {
  for (const ValuePrismTask task : {ValuePrismTask::kRelevance, ValuePrismTask::kValence,
                                    ValuePrismTask::kExplanation, ValuePrismTask::kGeneration}) {
    if (name == ValuePrismTaskName(task)) return task;
  }
  return std::nullopt;
}

const std::vector<std::string>& ValuePrismLabels(ValuePrismTask task) {
  static const std::vector<std::string> kRelevance = {"Yes", "No"};
  static const std::vector<std::string> kValence = {"Supports", "Opposes", "Either"};
  static const std::vector<std::string> kNone;
  if (task == ValuePrismTask::kRelevance) return kRelevance;
  return task == ValuePrismTask::kValence ? kValence : kNone;
}

const char* ValuePrismLayoutName(ValuePrismLayout layout) {
  switch (layout) {
    case ValuePrismLayout::kRelevance:
      return "relevance";
    case ValuePrismLayout::kValence:
      return "valence";
    case ValuePrismLayout::kExplanation:
      return "explanation";
    case ValuePrismLayout::kGenerative:
      return "generative";
    case ValuePrismLayout::kFull:
      return "full";
    case ValuePrismLayout::kMixture:
      return "mixture";
    case ValuePrismLayout::kVital:
      return "vital";
  }
  return "";
}

std::optional<ValuePrismLayout> ValuePrismLayoutFromName(std::string_view name) {
  for (const ValuePrismLayout layout :
       {ValuePrismLayout::kRelevance, ValuePrismLayout::kValence, ValuePrismLayout::kExplanation,
        ValuePrismLayout::kGenerative, ValuePrismLayout::kFull, ValuePrismLayout::kMixture,
        ValuePrismLayout::kVital}) {
    if (name == ValuePrismLayoutName(layout)) return layout;
  }
  return std::nullopt;
}

Result<ValuePrismTable> ReadValuePrismTable(const std::string& file, ValuePrismLayout layout,
                                            bool without_explanations) {
  Result<std::string> text = ReadFile(file, kMaxTableBytes);
  if (!text) return std::move(text).error();
  return ParseValuePrismTable(*text, file, layout, without_explanations);
}

Result<ValuePrismTable> ParseValuePrismTable(std::string_view text, const std::string& file,
                                             ValuePrismLayout layout, bool without_explanations) {
  if (const std::optional<size_t> invalid = FindInvalidUtf8(text)) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(*invalid), '\n');
    return BadInput(ForTerminal(file) + ":" + std::to_string(line), "the file is not UTF-8");
  }
  if (layout == ValuePrismLayout::kVital) return ParseRecords(text, file);
  return TableReader(text, file, layout, without_explanations).Read();
}

}  // namespace axiometer
