#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/model.h"

namespace axiometer {

// Replies that were generated elsewhere: JSON Lines, one a sample,
//   {"task": ID, "epoch": 1, "completion": TEXT}    the one reply; null: a failed call
//   {"task": ID, "messages": [MESSAGE, …]}          assistant messages as received, one a turn;
//                                                   null: a failed call
// Without "epoch" a line serves every epoch that has no line of its own. Other members are ignored,
// empty lines skipped.
class ReplayFile {
 public:
  struct Entry {
    std::optional<std::string> completion;  // of a completion line
    bool failed = false;                    // "completion": null
    std::vector<std::string> messages;      // JSON text each; empty: a failed call
  };

  static Result<ReplayFile> Load(const std::string& path);
  // `path` names the text in errors.
  static Result<ReplayFile> Parse(std::string_view text, const std::string& path);

  const Entry* Find(const std::string& task, int epoch) const;  // null: no such line
  size_t size() const { return entries_.size(); }
  // Tasks of the file that are not among `wanted`, sorted: to be told to people.
  std::vector<std::string> UnknownTasks(const std::set<std::string>& wanted) const;

 private:
  std::map<std::pair<std::string, int>, Entry> entries_;  // epoch 0: without epoch
};

// Plays the file `spec.name`. A completion answers every step of its sample; of messages, the n-th
// answers the n-th assistant turn of an agent and the n-th try of a judge. Whatever the file lacks
// is a failed call (kError) that names it.
Result<std::unique_ptr<Model>> MakeReplayModel(const ModelSpec& spec);

// ReplayFile::UnknownTasks of a model made by MakeReplayModel; nothing for other models.
std::vector<std::string> UnknownReplayTasks(const Model& model,
                                            const std::set<std::string>& wanted);

}  // namespace axiometer
