#include "tasks/task_selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace axiometer {
namespace {

// Twelve tasks "s/t-01" to "s/t-12"; even ones are of system "x", poles turn by three.
class Numbered : public TaskSource {
 public:
  Numbered() {
    for (int i = 1; i <= 12; ++i) {
      Task task;
      task.id = (i < 10 ? "s/t-0" : "s/t-") + std::to_string(i);
      task.value_system = i % 2 == 0 ? "x" : "y";
      task.pole_a = i % 3 == 0 ? "care" : "order";
      task.pole_b = i % 3 == 1 ? "care" : "haste";
      task.environment = "desk";
      task.tags["voice"] = i < 7 ? "note" : "mail";
      refs_.push_back({task.id, "digest"});
      tasks_.push_back(std::make_shared<const Task>(std::move(task)));
    }
  }
  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return suite_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override { return tasks_[index]; }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  std::string suite_ = "s";
  std::vector<TaskRef> refs_;
  std::vector<std::shared_ptr<const Task>> tasks_;
  std::vector<std::string> notes_;
};

struct Options {
  std::string limit = {};
  std::string ids = {};
  std::vector<std::string> filters = {};
  std::optional<std::string> shuffle = {};
};

// The numbers of the selected tasks, or the error.
std::string Selected(const Options& options) {
  const Numbered source;
  const auto selection = ParseTaskSelection(options.limit, options.ids, options.filters, options.shuffle);
  if (!selection) return selection.error().ToString();
  const auto indexes = SelectTasks(source, *selection);
  if (!indexes) return indexes.error().ToString();
  std::string text;
  for (const size_t i : *indexes) {
    if (!text.empty()) text += ' ';
    text += std::to_string(i + 1);
  }
  return text;
}

std::string NormalForm(const Options& options) {
  return ParseTaskSelection(options.limit, options.ids, options.filters, options.shuffle)->ToString();
}

TEST(TaskSelectionTest, WithoutOptionsEverythingIsTaken) {
  EXPECT_EQ(Selected({}), "1 2 3 4 5 6 7 8 9 10 11 12");
  EXPECT_EQ(NormalForm({}), "");
}

TEST(TaskSelectionTest, LimitIsANumberOrARange) {
  EXPECT_EQ(Selected({.limit = "3"}), "1 2 3");
  EXPECT_EQ(Selected({.limit = "10-20"}), "10 11 12");
  EXPECT_EQ(Selected({.limit = "5-5"}), "5");
  EXPECT_EQ(NormalForm({.limit = "3"}), "limit=1-3");
  EXPECT_EQ(Selected({.limit = "13-14"}), "--limit: starts at 13, but there are only 12 tasks");
  for (const char* bad : {"0", "x", "5-3", "-3", "3-", "1-2-3", "99999999999999999999"}) {
    EXPECT_EQ(Selected({.limit = bad}),
              "--limit: expected a number such as 10 or a range such as 10-20, got \"" + std::string(bad) + "\"");
  }
}

TEST(TaskSelectionTest, IdsAreWholeOrWithoutTheSuite) {
  EXPECT_EQ(Selected({.ids = "t-05,s/t-02"}), "2 5");
  EXPECT_EQ(Selected({.ids = " t-05, ,t-05"}), "5");
  EXPECT_EQ(Selected({.ids = "t-0O2"}), "--task-id: unknown task \"t-0O2\": did you mean \"t-02\"?");
  EXPECT_EQ(Selected({.ids = "z/t-02"}), "--task-id: unknown task \"z/t-02\": did you mean \"s/t-02\"?");
  EXPECT_EQ(Selected({.ids = ","}), "--task-id: expected ids divided by commas, got \",\"");
}

TEST(TaskSelectionTest, FiltersOfOneKeyAddUpAndOfSeveralNarrowDown) {
  EXPECT_EQ(Selected({.filters = {"value_system=x"}}), "2 4 6 8 10 12");
  EXPECT_EQ(Selected({.filters = {"pole=care"}}), "1 3 4 6 7 9 10 12");
  EXPECT_EQ(Selected({.filters = {"pole=care", "value_system=x", "voice=mail"}}), "10 12");
  EXPECT_EQ(Selected({.filters = {"voice=mail", "voice=note"}}), "1 2 3 4 5 6 7 8 9 10 11 12");
  EXPECT_EQ(Selected({.filters = {"voic=mail"}}), "--filter: no task has \"voic\": did you mean \"voice\"?");
  EXPECT_EQ(Selected({.filters = {"pole=acre"}}), "--filter: no task has pole \"acre\": did you mean \"care\"?");
  EXPECT_EQ(Selected({.filters = {"pole"}}), "--filter: expected KEY=VALUE, got \"pole\"");
  EXPECT_EQ(Selected({.ids = "t-01", .filters = {"value_system=x"}}),
            "no task of \"s\" is in the selection: drop one of --filter and --task-id");
}

TEST(TaskSelectionTest, ShufflingIsDeterministicAndLimitsComeAfter) {
  const std::string seven = Selected({.shuffle = "7"});
  EXPECT_EQ(seven, Selected({.shuffle = "7"}));
  EXPECT_NE(seven, Selected({.shuffle = "8"}));
  EXPECT_NE(seven, Selected({}));
  EXPECT_EQ(seven.rfind(Selected({.limit = "4", .shuffle = "7"}), 0), 0u);
}

TEST(TaskSelectionTest, TheNormalFormForgetsTheOrderOfOptions) {
  EXPECT_EQ(NormalForm({.limit = "2-4", .ids = "b,a,b", .filters = {"pole=x", "kind=agent"}, .shuffle = "7"}),
            "filter=kind=agent filter=pole=x task-id=a,b shuffle=7 limit=2-4");
}

TEST(TaskSelectionTest, TheDigestDependsOnTheOrder) {
  const Numbered source;
  EXPECT_NE(DigestOfTasks(source, {0, 1}), DigestOfTasks(source, {1, 0}));
  EXPECT_EQ(DigestOfTasks(source, {0, 1}), DigestOfTasks(source, {0, 1}));
}

TEST(TaskSelectionTest, ShardsShareNoTaskAndLeaveNoneOut) {
  const Numbered source;
  std::vector<int> taken(source.refs().size());
  for (int index = 1; index <= 5; ++index) {
    const std::vector<size_t> own = TasksOfShard(source, index, 5);
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    EXPECT_GE(own.size(), taken.size() / 5);
    EXPECT_LE(own.size(), taken.size() / 5 + 1);
    for (const size_t place : own) ++taken[place];
  }
  EXPECT_EQ(taken, std::vector<int>(taken.size(), 1));
  EXPECT_EQ(TasksOfShard(source, 1, 1).size(), taken.size());
  EXPECT_TRUE(TasksOfShard(source, 100, 100).empty());
}

}  // namespace
}  // namespace axiometer
