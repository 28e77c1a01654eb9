#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

// The four questions of ValuePrism: is a value, right or duty relevant to a situation, does it
// speak for or against it, why, and which are there at all.
enum class ValuePrismTask { kRelevance, kValence, kExplanation, kGeneration };

const char* ValuePrismTaskName(
    ValuePrismTask task);  // "relevance", "valence", "explanation", "generation"
std::optional<ValuePrismTask> ValuePrismTaskFromName(std::string_view name);

// The answers of a label task, in the protocol's order: "Yes", "No" or "Supports", "Opposes",
// "Either". Empty for the others.
const std::vector<std::string>& ValuePrismLabels(ValuePrismTask task);

// Seven tables of one content: those of the release (four with a row for each question, one with
// everything, one of input and output texts) and the records of its public subset.
enum class ValuePrismLayout {
  kRelevance,    // situation, vrd, text, relevance
  kValence,      // situation, vrd, text, valence
  kExplanation,  // situation, vrd, text, explanation
  kGenerative,   // situation, vrd, text; a row for each VRD of a situation
  kFull,         // situation, vrd, text, valence, explanation
  kMixture,      // input, output
  kVital,        // JSON records: situation, vrd (list of texts), explanation (list)
};

const char* ValuePrismLayoutName(
    ValuePrismLayout layout);  // "relevance", …, "generative", "full", "mixture", "vital"

// One row, cells as they are but for the type, which is clean, and labels, which are spelled as
// ValuePrismLabels does. Empty: the layout does not have it.
struct ValuePrismRow {
  size_t row =
      0;  // 0: the first after the header, as pandas and datasets count; skipped rows counted
  ValuePrismTask task = ValuePrismTask::kValence;  // of a mixture's row; else of the layout
  std::string situation;                           // without white space around it
  std::string type;  // "Value", "Right", "Duty"; empty in the subset's records
  std::string text;
  std::string relevance;  // "Yes", "No"
  std::string valence;    // "Supports", "Opposes", "Either"
  std::string explanation;
};

struct ValuePrismTable {
  std::string file;
  std::vector<ValuePrismRow> rows;
  size_t read = 0;           // rows of the file
  size_t without_vrd = 0;    // left out: no text or type
  size_t without_other = 0;  // left out: no situation, label or explanation
};

// Reads a table of this layout. Headers are matched through aliases, whatever their case:
// situation|action, vrd|type, text|value, valence|label|output, relevance|relevant|label|output,
// explanation|rationale|output; a table of input|source and output|target texts is taken apart. A
// role that no header matches is an error that prints the header. Cells that pandas reads as
// missing leave their row out; a label or a type that is none is an error naming file, line, row
// and column. `without_explanations`: explanations are neither needed nor kept.
Result<ValuePrismTable> ReadValuePrismTable(const std::string& file, ValuePrismLayout layout,
                                            bool without_explanations = false);

// The layout of this name; nullopt: none.
std::optional<ValuePrismLayout> ValuePrismLayoutFromName(std::string_view name);

// As above, from the file's text.
Result<ValuePrismTable> ParseValuePrismTable(std::string_view text, const std::string& file,
                                             ValuePrismLayout layout,
                                             bool without_explanations = false);

}  // namespace axiometer
