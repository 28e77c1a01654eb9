#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/digest.h"
#include "tasks/task.h"

namespace axiometer {

// The tasks of another source, each changed in the same way. `mark` is what tells the change apart:
// it goes into every task's digest.
class ChangedTasks : public TaskSource {
 public:
  ChangedTasks(std::unique_ptr<TaskSource> source, const std::string& mark)
      : source_(std::move(source)), refs_(source_->refs()) {
    for (TaskRef& ref : refs_) ref.digest = Sha256(ref.digest + "\n" + mark);
  }
  const std::string& suite() const override { return source_->suite(); }
  const std::string& protocol() const override { return source_->protocol(); }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  const std::vector<std::string>& notes() const override { return source_->notes(); }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override {
    Result<std::shared_ptr<const Task>> task = source_->Load(index);
    if (!task) return task;
    auto changed = std::make_shared<Task>(**task);
    if (changed->source_digest.empty()) changed->source_digest = changed->digest;
    changed->digest = refs_[index].digest;
    Change(*changed);
    return std::shared_ptr<const Task>(std::move(changed));
  }

 protected:
  virtual void Change(Task& task) const = 0;  // all but the digest

 private:
  std::unique_ptr<TaskSource> source_;
  std::vector<TaskRef> refs_;
};

}  // namespace axiometer
