#include "tasks/dvmap.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/python_json.h"
#include "harness/base/utf8.h"
#include "tasks/answer_oracle.h"
#include "tasks/csv.h"

namespace axiometer {
namespace {

// Known columns. The texts that repeat come first, in the order of Row::texts; then the two that are
// kept otherwise.
enum Column : size_t {
  kQuestionId,
  kCountry,
  kCategory,
  kQuestion,
  kOptions,
  kAnswer,
  kGender,  // the first of the ten other attributes
  kLastText = 15,
  kPrompt,
  kFrequency,
  kColumns,
};
constexpr const char* kColumnNames[kColumns] = {
    "Q_id",          "Country",         "Category",   "Question",        "Options",     "answer",
    "Gender",        "Marital Status",  "Has Children", "Education Level", "Occupation", "Work Nature",
    "Religion",      "Life Stage",      "Income Bracket", "Common Language", "prompt",   "frequency"};

bool IsNeeded(size_t column) {
  return column == kQuestionId || column == kOptions || column == kAnswer || column == kPrompt;
}

bool IsAttribute(size_t column) { return column >= kGender && column <= kLastText; }

// The known column of this name, or -1.
int KnownColumn(std::string_view name) {
  static const auto* known = [] {
    auto* map = new std::map<std::string, int, std::less<>>;
    for (size_t i = 0; i < kColumns; ++i) map->emplace(ColumnKey(kColumnNames[i]), static_cast<int>(i));
    return map;
  }();
  const auto found = known->find(ColumnKey(name));
  return found == known->end() ? -1 : found->second;
}

std::string RowName(size_t row, size_t column) {
  return "row " + std::to_string(row) + ", column \"" + kColumnNames[column] + "\"";
}

std::string Shown(const Json& cell) {
  if (cell.is_string()) return Quoted(cell.get_ref<const std::string&>(), 60);
  return cell.is_structured() ? Quoted(DumpJson(cell), 60) : DumpJson(cell);
}

Message WithOnePart(Role role, std::string text) {
  Message message;
  message.role = role;
  message.text = std::move(text);
  message.as_parts = true;
  return message;
}

// As a subject would reply that gives this answer.
Oracle Giving(const std::string& answer) {
  return AnswerOracle(
      answer, "<reasoning>\nA scripted subject reasons nothing.\n</reasoning>\n<answer>\n" + answer + "\n</answer>");
}

}  // namespace

std::vector<std::string> DvmapOptions(std::string_view cell) {
  std::vector<std::string> options;
  std::string_view rest = PythonStrip(cell);
  while (true) {
    const size_t comma = rest.find(',');
    options.emplace_back(PythonStrip(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return options;
    rest.remove_prefix(comma + 1);
  }
}

std::string DvmapReader(const std::string& data_dir) { return data_dir + "/tasks/python/read_dvmap.py"; }

Result<std::string> DvmapSystemText(const std::string& data_dir) {
  return ReadFile(data_dir + "/tasks/prompts/dvmap_system.txt", 1u << 16);
}

Result<std::shared_ptr<const Task>> Dvmap::Load(size_t index) const {
  auto task = std::make_shared<Task>(Make(index));
  task->digest = refs_[index].digest;
  return std::shared_ptr<const Task>(std::move(task));
}

const std::vector<std::string>& Dvmap::Options(const Row& row) const { return options_.at(row.texts[kOptions]); }

std::string Dvmap::Id(size_t index) const { return suite_ + "/" + split_ + "/" + std::to_string(index); }

std::string Dvmap::Facts(const Row& row) const {
  const std::vector<std::string>& options = Options(row);
  const Counts& here = by_question_and_country_.at({row.texts[kQuestionId], row.texts[kCountry]});
  const Counts& everywhere = by_question_.at(row.texts[kQuestionId]);
  Json facts = Json::object();
  facts["options"] = Text(row, kOptions);
  facts["frequency"] = row.has_frequency ? Json(row.frequency) : Json();
  facts["gold_shares"] = Json::array();
  for (const std::string& option : options) {
    const auto given = std::find_if(here.answers.begin(), here.answers.end(),
                                    [&](const auto& answer) { return texts_[answer.first] == option; });
    const int64_t count = given == here.answers.end() ? 0 : given->second;
    facts["gold_shares"].push_back(here.rows == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(here.rows));
  }
  const auto right = [&](const Counts& counts) { return counts.majority == row.texts[kAnswer] ? 1 : 0; };
  facts["baselines"] = Json::array({Json::array({"uniform", 1.0 / static_cast<double>(options.size())}),
                                    Json::array({"majority by question", right(everywhere)}),
                                    Json::array({"majority by question+country", right(here)})});
  return DumpJson(facts);
}

Task Dvmap::Make(size_t index) const {
  const Row& row = rows_[index];
  Task task;
  task.id = Id(index);
  task.suite = suite_;
  task.kind = TaskKind::kChoice;
  task.title = Text(row, kCountry) + ", " + Text(row, kQuestionId) + ": " + Text(row, kQuestion);
  task.opening = {WithOnePart(Role::kSystem, system_), WithOnePart(Role::kUser, row.prompt)};
  task.gold = Text(row, kAnswer);
  const std::vector<std::string>& options = Options(row);
  for (const std::string& option : options) {
    ChoiceOption choice;
    choice.key = choice.text = option;
    task.options.push_back(std::move(choice));
    task.oracles.push_back(Giving(option));
  }
  task.facts = facts_[index];
  task.tags = {{"country", Text(row, kCountry)},
               {"question", Text(row, kQuestionId)},
               {"category", Text(row, kCategory)},
               {"persona", std::to_string(row.persona)},
               {"prompt", official_prompt_ ? "official" : "axiometer-1"}};
  for (size_t column = kGender; column <= kLastText; ++column) {
    task.tags.emplace(ColumnKey(kColumnNames[column]), Text(row, column));
  }
  if (!row.kept) task.tags["not_kept"] = "yes";
  if (std::find(options.begin(), options.end(), task.gold) == options.end()) task.tags["no_option"] = "yes";
  return task;
}

// What answers the split holds, then the digests, which depend on it.
void Dvmap::Count() {
  for (const Row& row : rows_) {
    const auto [options, fresh] = options_.try_emplace(row.texts[kOptions]);
    if (fresh) options->second = DvmapOptions(Text(row, kOptions));
    if (!row.kept) continue;
    for (Counts* counts : {&by_question_[row.texts[kQuestionId]],
                           &by_question_and_country_[{row.texts[kQuestionId], row.texts[kCountry]}]}) {
      ++counts->answers[row.texts[kAnswer]];
      ++counts->rows;
    }
  }
  for (const Row& row : rows_) {
    // Of a row that is not kept there may be nothing yet.
    for (Counts* counts : {&by_question_[row.texts[kQuestionId]],
                           &by_question_and_country_[{row.texts[kQuestionId], row.texts[kCountry]}]}) {
      if (counts->majority != kNobody) continue;
      int64_t most = 0;
      for (const std::string& option : Options(row)) {
        for (const auto& [answer, count] : counts->answers) {
          if (texts_[answer] != option || count <= most) continue;
          most = count;
          counts->majority = answer;
        }
      }
    }
  }
  facts_.reserve(rows_.size());
  for (const Row& row : rows_) facts_.push_back(Facts(row));
  refs_.reserve(rows_.size());
  for (size_t i = 0; i < rows_.size(); ++i) {
    std::string id = Id(i);
    Sha256Stream digest;
    // With the id: two rows may be alike, and are two tasks.
    const std::string_view parts[] = {id, system_, rows_[i].prompt, Text(rows_[i], kAnswer), facts_[i]};
    for (const std::string_view part : parts) {
      digest.Update(std::to_string(part.size()) + "\n");
      digest.Update(part);
    }
    refs_.push_back({std::move(id), digest.Hex()});
  }
}

void Dvmap::AddNotes(bool sample, const std::vector<bool>& seen) {
  if (sample) {
    notes_.push_back("dvmap: " + std::to_string(rows_.size()) +
                     " invented rows; name the published data with --data PATH");
  } else {
    notes_.push_back(
        "dvmap: the rows derive from microdata of the World Values Survey, whose terms forbid passing them on; "
        "exports and reports of this run quote them");
  }
  if (!official_prompt_) {
    notes_.push_back(
        "dvmap: the published system message is not near the data, so ours (axiometer-1) is sent; with a checkout "
        "of github.com/EnlightenedAI/DVMap as --data the published one is");
  }
  for (size_t column = kCountry; column < kColumns; ++column) {
    if (!seen[column]) {
      notes_.push_back(std::string("dvmap: there is no column \"") + kColumnNames[column] + "\"; it counts as empty");
    }
  }
  int64_t lost = 0;
  int64_t parts = 0;
  size_t first_lost = 0;
  size_t first_part = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    if (!row.kept) {
      if (lost++ == 0) first_lost = i;
      continue;
    }
    const std::vector<std::string>& options = Options(row);
    const bool whole = std::find(options.begin(), options.end(), Text(row, kAnswer)) != options.end();
    if (!whole && parts++ == 0) first_part = i;
  }
  const auto describe = [&](int64_t count, size_t first, const std::string& what) {
    notes_.push_back("dvmap: " + std::to_string(count) + (count == 1 ? " row" : " rows") + ", first " +
                     RowName(first, kAnswer) + ": " + Quoted(Text(rows_[first], kAnswer)) + " is " + what);
  };
  if (lost > 0) describe(lost, first_lost, "not among the options; the protocol leaves such rows out");
  if (parts > 0) describe(parts, first_part, "part of an option, but none of them; the protocol keeps such rows");
}

DvmapRows::DvmapRows(std::string split, std::string own_system, bool sample)
    : split_(new Dvmap), sample_(sample), seen_(kColumns, false) {
  split_->split_ = std::move(split);
  split_->system_ = std::move(own_system);
}

DvmapRows::~DvmapRows() = default;

uint32_t DvmapRows::Intern(std::string_view text) {
  const auto [place, fresh] = places_.emplace(text, static_cast<uint32_t>(split_->texts_.size()));
  if (fresh) split_->texts_.emplace_back(text);
  return place->second;
}

Result<void> DvmapRows::Take(std::string_view line) {
  if (ended_) return Failed("DVMap reader", "more lines after the last one");
  if (line.starts_with('[')) return TakeRow(line);
  const Result<Json> json = ParseJson(line, "DVMap reader");
  if (!json) return json.error();
  if (!json->is_object()) return Failed("DVMap reader", "an unexpected line: " + Quoted(line, 80));
  const auto text = [&](const char* key) {
    const auto member = json->find(key);
    return member != json->end() && member->is_string() ? member->get<std::string>() : std::string();
  };
  if (json->contains("error")) {
    const std::string what = text("error").empty() ? "an error without words" : text("error");
    // Without a place it is not the data that is wrong.
    if (text("where").empty()) return Failed("", what, text("hint"));
    return BadInput(text("where"), what, text("hint"));
  }
  if (json->contains("system")) {
    split_->system_ = text("system");
    split_->official_prompt_ = true;
    return {};
  }
  if (json->contains("end")) {
    ended_ = true;
    return {};
  }
  if (json->contains("header")) {
    file_ = text("file");
    return TakeHeader((*json)["header"]);
  }
  return Failed("DVMap reader", "an unexpected line: " + Quoted(line, 80));
}

Result<void> DvmapRows::TakeHeader(const Json& header) {
  first_row_ = split_->rows_.size();
  column_of_.assign(kColumns, -1);
  std::string printed;
  for (size_t place = 0; place < header.size(); ++place) {
    const Json* column_of_file = header.is_array() ? &header[place] : nullptr;
    if (column_of_file == nullptr || !column_of_file->is_array() || column_of_file->size() != 2 ||
        !(*column_of_file)[0].is_string() || !(*column_of_file)[1].is_string()) {
      return Failed("DVMap reader", "an unexpected header: " + Quoted(DumpJson(header), 80));
    }
    const std::string name = (*column_of_file)[0].get<std::string>();
    const std::string type = (*column_of_file)[1].get<std::string>();
    if (!printed.empty()) printed += ", ";
    printed += name;
    const int column = KnownColumn(name);
    if (column < 0) continue;
    if (column_of_[column] >= 0) {
      return BadInput(file_, std::string("column \"") + kColumnNames[column] + "\" is there twice");
    }
    const char* expected = column == kFrequency ? "number" : "text";
    if (type != expected && type != "null") {
      return BadInput(file_, std::string("column \"") + kColumnNames[column] + "\": expected " + expected + ", got " +
                                 (type.size() <= 60 ? type : Quoted(type, 60)));
    }
    column_of_[column] = static_cast<int>(place);
    seen_[column] = true;
  }
  for (size_t column = 0; column < kColumns; ++column) {
    if (!IsNeeded(column) || column_of_[column] >= 0) continue;
    std::string needed;
    for (size_t other = 0; other < kColumns; ++other) {
      if (IsNeeded(other)) needed += std::string(needed.empty() ? "" : ", ") + kColumnNames[other];
    }
    return BadInput(file_, std::string("no column \"") + kColumnNames[column] + "\"; the header is: " + Quoted(printed, 600),
                    "needed are " + needed);
  }
  return {};
}

Result<void> DvmapRows::TakeRow(std::string_view line) {
  const Result<Json> json = ParseJson(line, "DVMap reader", 3);
  if (!json) return json.error();
  if (column_of_.empty()) return Failed("DVMap reader", "a row before the header");
  Dvmap::Row row;
  const size_t number = split_->rows_.size() - first_row_;
  for (size_t column = 0; column < kColumns; ++column) {
    const int place = column_of_[column];
    const Json nothing;
    const Json& cell = place < 0 || static_cast<size_t>(place) >= json->size() ? nothing : (*json)[place];
    if (column == kFrequency) {
      if (cell.is_null()) continue;
      if (!cell.is_number()) {
        return BadInput(file_, RowName(number, column) + ": expected a number, got " + Shown(cell));
      }
      row.frequency = cell.get<double>();
      row.has_frequency = true;
      continue;
    }
    if (!cell.is_null() && !cell.is_string()) {
      return BadInput(file_, RowName(number, column) + ": expected text, got " + Shown(cell));
    }
    const std::string_view text = cell.is_null() ? std::string_view() : cell.get_ref<const std::string&>();
    if (IsNeeded(column) && PythonStrip(text).empty()) {
      return BadInput(file_, RowName(number, column) + (cell.is_null() ? ": is null" : ": is empty"));
    }
    if (column == kPrompt) {
      row.prompt = text;
    } else {
      row.texts[column] = Intern(text);
    }
  }
  std::vector<uint32_t> persona{row.texts[kCountry]};
  for (size_t column = 0; column < kColumns; ++column) {
    if (IsAttribute(column)) persona.push_back(row.texts[column]);
  }
  row.persona = personas_.emplace(std::move(persona), static_cast<uint32_t>(personas_.size())).first->second;
  // As the protocol filters: anywhere in the text of the options.
  row.kept = split_->Text(row, kOptions).find(split_->Text(row, kAnswer)) != std::string::npos;
  split_->rows_.push_back(std::move(row));
  return {};
}

Result<std::unique_ptr<Dvmap>> DvmapRows::Finish() {
  if (!ended_) return Failed("DVMap reader", "ended before its last line");
  if (split_->rows_.empty()) return BadInput(file_, "has no rows", kDvmapPublished);
  split_->rows_.shrink_to_fit();
  split_->Count();
  split_->AddNotes(sample_, seen_);
  return std::move(split_);
}

}  // namespace axiometer
