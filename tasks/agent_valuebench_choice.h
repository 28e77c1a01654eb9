#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "tasks/task.h"

namespace axiometer {

// What only the checkout's own code can tell of one forced-choice case.
struct ForcedChoiceTexts {
  std::string system;
  std::string user;
};

// Whether the folder has what forced choice needs: to be asked before its code is run.
Result<void> CheckForcedChoiceLayout(const std::string& directory);

// The script that renders them, to be run confined, and what it prints: texts by case. `data_dir`:
// see DataDir().
Result<std::string> ForcedChoiceScript(const std::string& data_dir);
Result<std::map<std::string, ForcedChoiceTexts>> ParseForcedChoiceTexts(std::string_view output);

// In which order the options of forced choices are printed.
enum class ForcedChoiceOrder {
  kPublished,  // the case's first value is option A: the protocol "agent-valuebench-choice"
  kBoth,       // and the other way round as well: ours, protocol "axiometer"
};

// The user's message with the two courses of `description`, which it holds once, exchanged: what stood behind "Option
// A:" stands behind "Option B:" and the reverse; the labels, what goes before them and a closing "Answer with only A or
// B …" stay. Error, without a place: a label that is not there once and in its place, a course that is empty or names
// an option.
Result<std::string> WithOptionsExchanged(const std::string& user, std::string_view description);

// The forced-choice rewrites of a checkout of Agent-ValueBench: tasks
// "agent-valuebench/choice/case_00952" of kind kChoice with the options A and B, which are the
// case's first and second value. A task's digest is over its file and its two messages.
// In both orders there are two tasks a case, ".../a-first" as published and ".../b-first", with the tags of a dilemma
// in the form of a choice (tasks/dilemma_form.h); pole a is the case's first value in either.
class ForcedChoice : public TaskSource {
 public:
  // Error: a file that cannot be read, or that does not go with the case that it rewrites, by the
  // rules of the released conversion.
  static Result<std::unique_ptr<ForcedChoice>> Open(
      const std::string& directory, const std::map<std::string, ForcedChoiceTexts>& texts,
      ForcedChoiceOrder order = ForcedChoiceOrder::kPublished);

  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return protocol_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override { return tasks_.at(index); }
  const std::vector<std::string>& notes() const override { return notes_; }

  // As AgentValueBench::CheckDigests: the system message and the set of all user messages as published.
  Result<void> CheckDigests(bool allow_modified);
  const std::vector<std::string>& differences() const { return differences_; }

 private:
  ForcedChoice(std::string directory, ForcedChoiceOrder order)
      : protocol_(order == ForcedChoiceOrder::kBoth ? "axiometer" : "agent-valuebench-choice"),
        order_(order),
        directory_(std::move(directory)) {}
  Result<void> Add(const std::string& stem, const ForcedChoiceTexts& texts);
  void Keep(Task task, const std::string& file);  // `file`: the case's text

  const std::string suite_ = "agent-valuebench";
  const std::string protocol_;
  const ForcedChoiceOrder order_;
  const std::string directory_;  // absolute
  std::vector<TaskRef> refs_;
  std::vector<std::shared_ptr<const Task>> tasks_;
  std::vector<std::string> notes_;
  std::vector<std::string> differences_;
};

}  // namespace axiometer
