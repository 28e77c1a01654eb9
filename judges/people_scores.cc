#include "judges/people_scores.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "judges/judge.h"
#include "tasks/csv.h"

namespace axiometer {
namespace {

constexpr char kColumnsHint[] = "the columns are task, item, rater, score and, if wanted, epoch";

enum ColumnOf { kTask, kItem, kRater, kScore, kEpoch, kColumns };
constexpr const char* kNames[kColumns] = {"task", "item", "rater", "score", "epoch"};

std::string At(const std::string& where, size_t line) { return where + ":" + std::to_string(line); }

bool IsBlank(const CsvRow& row) { return row.cells.size() == 1 && row.cells[0].empty(); }

// Places of the columns in a row.
class ScoresHeader {
 public:
  static Result<ScoresHeader> Read(const CsvRow& row, const std::string& where) {
    ScoresHeader header;
    header.cells_ = row.cells.size();
    const std::vector<std::string> names(std::begin(kNames), std::end(kNames));
    for (size_t i = 0; i < row.cells.size(); ++i) {
      const std::string& name = row.cells[i];
      const auto found = std::ranges::find(names, name);
      if (found == names.end()) {
        return BadInput(where, "unknown column " + Quoted(name),
                        DidYouMean(name, names, kColumnsHint));
      }
      std::optional<size_t>& place = header.places_[static_cast<size_t>(found - names.begin())];
      if (place) return BadInput(where, "column " + Quoted(name) + " is there twice");
      place = i;
    }
    for (size_t column = 0; column < kEpoch; ++column) {
      if (header.places_[column]) continue;
      return BadInput(where, "there is no column " + Quoted(names[column]), kColumnsHint);
    }
    return header;
  }

  size_t cells() const { return cells_; }
  // Null: the table does not have it.
  const std::string* Cell(const CsvRow& row, ColumnOf column) const {
    return places_[column] ? &row.cells[*places_[column]] : nullptr;
  }

 private:
  size_t cells_ = 0;
  std::array<std::optional<size_t>, kColumns> places_;
};

std::optional<int> WholeNumber(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<PersonScore> ReadRow(const ScoresHeader& header, const CsvRow& row,
                            const std::string& where) {
  if (row.cells.size() != header.cells()) {
    return BadInput(where, "expected " + std::to_string(header.cells()) + " cells, got " +
                               std::to_string(row.cells.size()));
  }
  PersonScore out;
  out.line = row.line;
  for (const auto& [column, text] :
       {std::pair(kTask, &out.task), {kItem, &out.item}, {kRater, &out.rater}}) {
    *text = *header.Cell(row, column);
    if (text->empty()) return BadInput(where, std::string(kNames[column]) + ": is empty");
    if (!IsUtf8(*text)) {
      return BadInput(where, std::string(kNames[column]) + ": is not UTF-8: " + Quoted(*text));
    }
    if (std::ranges::any_of(*text, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
      return BadInput(where, std::string(kNames[column]) + ": has a control character: " + Quoted(*text));
    }
  }
  const std::string& score = *header.Cell(row, kScore);
  const std::optional<int> points = WholeNumber(score);
  if (!points || *points < 0 || *points > 2) {
    return BadInput(where, "score: expected 0, 1 or 2, got " + Quoted(score));
  }
  out.score = *points;
  if (const std::string* text = header.Cell(row, kEpoch)) {
    const std::optional<int> epoch = WholeNumber(*text);
    if (!epoch || *epoch < 1) {
      return BadInput(where, "epoch: expected a number from 1, got " + Quoted(*text));
    }
    out.epoch = *epoch;
  }
  return out;
}

}  // namespace

Result<std::vector<PersonScore>> ReadPeoplesScores(std::string_view text,
                                                   const std::string& where) {
  CsvReader reader(text, where);
  CsvRow row;
  std::optional<ScoresHeader> header;
  std::vector<PersonScore> scores;
  std::map<std::tuple<std::string, int, std::string, std::string>, size_t> lines;
  while (true) {
    const Result<bool> more = reader.Next(row);
    if (!more) return more.error();
    if (!*more) break;
    if (IsBlank(row)) continue;
    const std::string place = At(where, row.line);
    if (!header) {
      Result<ScoresHeader> read = ScoresHeader::Read(row, place);
      if (!read) return std::move(read).error();
      header = std::move(*read);
      continue;
    }
    Result<PersonScore> score = ReadRow(*header, row, place);
    if (!score) return std::move(score).error();
    const auto [first, fresh] =
        lines.try_emplace({score->task, score->epoch, score->item, score->rater}, row.line);
    if (!fresh) {
      return BadInput(place, "a second score of " + Quoted(score->task) + ", epoch " +
                                 std::to_string(score->epoch) + ", item " + Quoted(score->item) +
                                 " by " + Quoted(score->rater) + ", the first in line " +
                                 std::to_string(first->second));
    }
    scores.push_back(std::move(*score));
  }
  if (scores.empty()) return BadInput(where, "holds no score", kColumnsHint);
  return scores;
}

Judgement PersonsJudgement(const std::vector<Verdict>& rubric,
                           const std::map<std::string, int>& scores) {
  Judgement judgement;
  judgement.status = JudgementStatus::kScored;
  std::vector<Verdict> all;
  for (const Verdict& item : rubric) {
    Verdict& verdict = all.emplace_back(item);
    const auto given = scores.find(item.item);
    if (given != scores.end()) {
      verdict.score = given->second;
      judgement.verdicts.push_back(verdict);
    } else if (judgement.status == JudgementStatus::kScored) {
      judgement.status = JudgementStatus::kUnscorable;
      judgement.problem = "gave no score of " + item.item;
    }
  }
  for (const char pole : {'a', 'b'}) {
    const std::optional<double> share = PoleShare(all, pole);
    if (share) judgement.scores.push_back({std::string(1, pole), share, std::nullopt});
  }
  return judgement;
}

}  // namespace axiometer
