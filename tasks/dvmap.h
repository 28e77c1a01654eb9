#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/base/result.h"
#include "tasks/task.h"

// DVMap: a person of eleven demographic attributes and a question of the World Values Survey; which
// option did that person choose?
namespace axiometer {

inline constexpr const char* kDvmapPublished = "the data set is published at github.com/EnlightenedAI/DVMap";

// The files of one split.
struct DvmapFiles {
  std::string split;               // "test", "Cross-Country": in every task's id
  std::vector<std::string> files;  // Parquet, Arrow or JSON Lines, in order
  // The module of the checkout that holds the published system message; empty: there is none near.
  std::string system_module;
};

// `path`: a checkout of the published repository, a folder of NAME.parquet or NAME.jsonl files, a
// folder with a state.json that names Arrow shards, or one file. `split`: which one of a folder of
// several, ignoring case; empty: "test", or the only one that there is. An error names the missing
// file and where the data set is published.
Result<DvmapFiles> FindDvmap(const std::string& path, const std::string& split);

// A split as a source of tasks "dvmap/test/109", numbered by row from 0 over all shards. One row is
// one task of the kind kChoice: the published system message (of `system_module`, else our own), the
// stored prompt unchanged, both as lists of one text part. Every row is a task; those whose answer is
// not in the text of the options are scored as not kept. Tags: country, question (its Q_id),
// category, the ten other attributes in lower case with "_" for " ", persona (equal for rows of one
// person), prompt ("official" or "axiometer-1"); "yes" under not_kept if
// the answer is not in the text of the options, under no_option if it is none of them.
//
// The facts of a task: "options" (the cell as released), "frequency" (null if absent), "gold_shares"
// (of the options, in order, among all rows of the split with this country and question) and
// "baselines": a list of [guesser, probability that it is right here]: it takes any option
// ("uniform"), or knows the split and gives the most common answer of the question ("majority by
// question"), or of the question in the country ("majority by question+country").
class Dvmap : public TaskSource {
 public:
  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return suite_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override;
  const std::vector<std::string>& notes() const override { return notes_; }
  bool has_official_prompt() const { return official_prompt_; }

 private:
  friend class DvmapRows;
  static constexpr size_t kTexts = 16;  // columns of repeated text; see dvmap.cc

  struct Row {
    std::array<uint32_t, kTexts> texts;  // into texts_
    uint32_t persona = 0;
    std::string prompt;
    double frequency = 0;
    bool has_frequency = false;
    bool kept = false;
  };
  // How often each answer (by its text) was given to a question, in one country or all.
  static constexpr uint32_t kNobody = UINT32_MAX;
  struct Counts {
    std::map<uint32_t, int64_t> answers;
    int64_t rows = 0;
    uint32_t majority = kNobody;  // of equals the one that comes first among the options
  };

  Dvmap() = default;
  const std::string& Text(const Row& row, size_t column) const { return texts_[row.texts[column]]; }
  void Count();
  void AddNotes(bool sample, const std::vector<bool>& seen);
  const std::vector<std::string>& Options(const Row& row) const;
  std::string Id(size_t index) const;
  std::string Facts(const Row& row) const;
  Task Make(size_t index) const;

  const std::string suite_ = "dvmap";
  std::string split_;
  std::string system_;
  bool official_prompt_ = false;
  std::vector<std::string> texts_;
  std::vector<Row> rows_;
  std::map<uint32_t, Counts> by_question_;  // by the texts of Q_id and Country
  std::map<std::pair<uint32_t, uint32_t>, Counts> by_question_and_country_;
  std::map<uint32_t, std::vector<std::string>> options_;  // by the text of their cell
  std::vector<std::string> facts_;                         // Task::facts of each row
  std::vector<TaskRef> refs_;
  std::vector<std::string> notes_;
};

// Takes what tasks/python/read_dvmap.py prints, line by line (its head says what that is).
class DvmapRows {
 public:
  // `own_system`: the system message where the published one is not at hand. `sample`: the invented
  // rows that come with the program, which need no note on their licence.
  DvmapRows(std::string split, std::string own_system, bool sample = false);
  ~DvmapRows();

  // Error: what the reader says is wrong; a column that is missing, doubled or of the wrong type; a
  // needed text that is empty. Each names file, row and column.
  Result<void> Take(std::string_view line);
  // After the last line. Error: the reader stopped before its end, or there are no rows.
  Result<std::unique_ptr<Dvmap>> Finish();

 private:
  Result<void> TakeHeader(const Json& header);
  Result<void> TakeRow(std::string_view line);
  uint32_t Intern(std::string_view text);

  std::unique_ptr<Dvmap> split_;
  bool sample_;
  bool ended_ = false;
  std::string file_;
  size_t first_row_ = 0;          // of this file
  std::vector<int> column_of_;    // the place of each known column in the header; -1: not there
  std::vector<bool> seen_;        // known columns that some file has
  std::unordered_map<std::string, uint32_t> places_;
  std::map<std::vector<uint32_t>, uint32_t> personas_;
};

// The script and our own system message, from the program's own data (see DataDir()).
std::string DvmapReader(const std::string& data_dir);
Result<std::string> DvmapSystemText(const std::string& data_dir);

// The options of a cell, as the protocol splits it.
std::vector<std::string> DvmapOptions(std::string_view cell);

}  // namespace axiometer
