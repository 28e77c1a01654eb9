#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tasks/task.h"
#include "tasks/valueprism_table.h"

// ValuePrism: values, rights and duties ("VRDs") that bear on a situation. Four tasks: does one
// bear on it (relevance), for or against it (valence), why (explanation), and which ones do
// (generation)?
namespace axiometer {

// What to read of a folder.
struct ValuePrismWanted {
  // In the order of the questions; empty: all that the data hold.
  std::vector<ValuePrismTask> tasks;
  bool labels_only = false;  // of all: relevance and valence alone
  // Absent: each task's own table, else the one with everything.
  std::optional<ValuePrismLayout> layout;
  std::string split;  // "train", "val", "test"
};

// One table, and the tasks that are made of it.
struct ValuePrismFile {
  ValuePrismLayout layout = ValuePrismLayout::kValence;
  std::vector<ValuePrismTask> tasks;
  std::string split;  // as ids name it: "test", "mixture-test", "full", "vital"
  std::string file;
  std::vector<std::pair<std::string, std::string>> others;  // the layout's other splits: name, file
};

// `path`: a folder with the published folders (relevance, valence, …), one of these, or one file:
// its layout is then `wanted.layout`, else that of the folder it lies in, else "vital" for JSON. An
// error names what is missing and where the data set is published.
Result<std::vector<ValuePrismFile>> FindValuePrism(const std::string& path,
                                                   const ValuePrismWanted& wanted);

enum class ValuePrismElicitation {
  kGenerate,    // the label is read from the reply's text
  kLikelihood,  // from the log-probabilities of the label words
};
// "generate", "likelihood"
const char* ValuePrismElicitationName(ValuePrismElicitation elicitation);

// How the tasks are put to a subject.
struct ValuePrismAsking {
  ValuePrismElicitation elicitation = ValuePrismElicitation::kGenerate;  // of relevance and valence
  bool stance = true;  // generation: ask for the valence behind each line
  // Templates; {{SITUATION}}, {{TYPE}}, {{TEXT}} are filled in.
  std::map<ValuePrismTask, std::string> prompts;
};

// The templates that come with the program (tasks/prompts), version axiometer-1.
Result<std::map<ValuePrismTask, std::string>> ValuePrismPrompts(const std::string& data_dir,
                                                                bool stance);

// Tables as a source of tasks "valueprism/valence/test/12": task, split, and the row from 0 as it
// stands in the table (generation: the first row of the situation). Relevance and valence are of
// the kind kChoice, with the labels as options; explanation and generation of the kind kGenerate,
// with the reference explanation, or the situation's VRDs ("Right: Right to rest"), as references.
//
// Tags: task, split, type, gold (the label), situation (a digest; rows of one situation depend on
// each other), vrd (a digest of situation, type and text: the same row of another table), prompt,
// elicitation, and also_in where there are other splits: those in which the situation occurs too
// ("train", "train+val", "none").
//
// Facts: "situation", "type", "text"; of label tasks "baselines": [guesser, probability that it is
// right here], known from the whole split: "uniform", "frequency" (draws labels at their rate),
// "majority", "majority by type"; of explanations "baselines" with the overlap of "another row's"
// explanation; of generation "valences" (of the references, in order; empty: unknown) and
// "baselines" with what naming "the commonest" VRDs of the split would score.
class ValuePrism : public TaskSource {
 public:
  // Error: a table that cannot be read, or has no row of a task. `sample`: invented data of our
  // own. `acknowledged`: the user has said that the data's terms are known, and needs no note.
  static Result<std::unique_ptr<ValuePrism>> Open(const std::vector<ValuePrismFile>& files,
                                                  ValuePrismAsking asking, bool sample,
                                                  bool acknowledged);

  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return suite_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override;
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  // One task to be: a row, or for generation all rows of a situation.
  struct Item {
    ValuePrismTask task = ValuePrismTask::kValence;
    uint32_t table = 0;
    std::vector<uint32_t> rows;  // places in the table's rows
  };
  // What is known of one task's whole split.
  struct Known {
    std::map<std::string, int64_t> golds;
    std::map<std::string, std::map<std::string, int64_t>> golds_by_type;
    int64_t rows = 0;
    std::vector<size_t> items;  // generation, explanation
    // Generation: "Right: Right to rest", as many as a situation has.
    std::vector<std::string> commonest;
  };
  struct Table {
    ValuePrismFile from;
    ValuePrismTable content;
    bool compared = false;                       // with another split
    std::map<std::string, std::string> also_in;  // situation to splits
  };

  ValuePrism() = default;
  Result<void> AddTable(const ValuePrismFile& file);
  void AddItems(ValuePrismTask task, uint32_t table);
  void CompareSplits(Table& table);
  void Count();
  void DescribeTable(const Table& table);
  const ValuePrismRow& RowOf(const Item& item, size_t place = 0) const {
    return tables_[item.table].content.rows[item.rows[place]];
  }
  const Item& Another(const Known& known, size_t index) const;
  Task Make(size_t index) const;
  void MakeLabel(const Item& item, Task& task) const;
  void MakeExplanation(size_t index, Task& task) const;
  void MakeGeneration(size_t index, Task& task) const;
  std::string Answer(const Item& item) const;

  const std::string suite_ = "valueprism";
  ValuePrismAsking asking_;
  std::vector<Table> tables_;
  std::vector<Item> items_;
  std::map<ValuePrismTask, Known> known_;
  std::vector<TaskRef> refs_;
  std::vector<std::string> notes_;
};

}  // namespace axiometer
