#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "tasks/task.h"

// NurValues: a nurse's conduct and one of five nursing values; does the one agree with the other?
namespace axiometer {

// How the question is put. kVote is ours: the prompt of kCot, asked several times, most answers
// win. The published self-consistency, kSc, is one reply in which three paths are written.
enum class NurvaluesMode { kIo, kCot, kSc, kKshot, kVote };

const char* NurvaluesModeName(NurvaluesMode mode);     // "io", "cot", "sc", "kshot", "vote"
NurvaluesMode NurvaluesModeOf(std::string_view name);  // of any other name: kIo

// One way to look at the table.
struct NurvaluesView {
  NurvaluesMode mode = NurvaluesMode::kIo;
  bool hard = false;  // the dialogue rather than the short case
  bool chinese = false;
  int k = 4;          // kKshot: examples, half of each label
  uint64_t seed = 0;  // kKshot: of their choice

  const char* level() const { return hard ? "hard" : "easy"; }
  const char* language() const { return chinese ? "cn" : "en"; }
};

// The words of a label, which are the protocol. `aligned`: the conduct agrees with the value.
const char* NurvaluesLabel(bool chinese, bool aligned);

// The table in `path`: that file, or nursing_value_CN+EN.csv in that folder or in its folder "data"
// or "dataset". An error names what is missing and where the data set is published.
Result<std::string> FindNurvalues(const std::string& path);

// Our prompts, named axiometer-1: the order of their parts and the labels are the protocol's, the
// sentences are ours.
struct NurvaluesPrompts {
  std::string prompt;   // holds {{TEXT}}, {{VALUE}}; of kKshot also {{EXAMPLES}}
  std::string example;  // kKshot: {{NUMBER}}, {{TEXT}}, {{LABEL}}
  std::string digest;   // SHA-256 of both
};
Result<NurvaluesPrompts> ReadNurvaluesPrompts(const std::string& data_dir,
                                              const NurvaluesView& view);

// One row of the table. `texts` by view: easy English, easy Chinese, hard English, hard Chinese; as
// in the file, empty if there is none.
struct NurvaluesRow {
  int64_t index = 0;
  std::string texts[4];
  std::string value;  // "Human_Dignity", as released
  bool aligned = false;
  size_t line = 0;        // of the file, from 1
  int64_t situation = 0;  // index of the first row with the same short case, in either language
  std::map<std::string, std::string> others;  // cells of columns that the protocol does not know

  const std::string& text(const NurvaluesView& view) const {
    return texts[2 * view.hard + view.chinese];
  }
};

struct NurvaluesTable {
  std::string file;
  std::vector<NurvaluesRow> rows;
};

// `csv`: RFC 4180, cells may hold line ends; byte-order mark and CRLF are allowed; columns are
// found by name whatever its case, "complicated_text" is complicated_text_CN; labels may be 0.0
// and 1.0. `file` names it in errors. Error: no UTF-8, a missing or doubled column (with the
// header), a row of the wrong width, a missing or repeated index, an unknown value, a label that is
// neither 0 nor 1; each with its line, column and reason. Texts may be empty.
Result<NurvaluesTable> ParseNurvalues(std::string_view csv, const std::string& file);
Result<NurvaluesTable> ReadNurvalues(const std::string& file);

// One view of a table as a source of tasks "nurvalues/easy/en/17" of the kind kLabel with the
// options "1" and "0" (the labels), in the table's order. Tags: value, level, language, mode, item
// (the row's index), situation, prompt ("axiometer-1"). Facts: "prompt_digest"; of kKshot
// "examples" (indexes, in order); if there are other columns, "columns". `sample`: the invented
// rows that come with the program. Error: a row whose needed text is empty; too few rows for k
// examples beside the one asked for.
Result<std::unique_ptr<TaskSource>> MakeNurvalues(NurvaluesTable table, NurvaluesView view,
                                                  NurvaluesPrompts prompts, bool sample);

// The rows to show as examples for row `place`: k/2 with label 1, then k/2 with label 0, never
// itself. A function of the seed, the row's index and the table, so that levels and languages show
// the same ones.
std::vector<size_t> NurvaluesExamples(const NurvaluesTable& table, size_t place, int k,
                                      uint64_t seed);

}  // namespace axiometer
