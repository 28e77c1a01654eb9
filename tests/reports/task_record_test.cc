#include "reports/task_record.h"

#include <gtest/gtest.h>

#include "harness/base/result.h"

namespace axiometer {
namespace {

Result<TaskRecordFacts> Read(const std::string& record) {
  TaskRow row;
  row.id = "s/t";
  row.record = record;
  return ReadTaskRecord(row);
}

TEST(TaskRecordTest, WhatAReportDoesNotNeedIsPassedOverWhateverStandsInIt) {
  const auto task = Read(
      R"({"opening": [{"text": "a \\\"]} title\": {\"title\": 1"}, {"title": "not this"}], "title" : "a title",)"
      R"( "rubric": [{"id": "a1", "anchors": ["}]", "\\", "\"anchors\": ["], "weight": 3, "pole": "a", "question": "anchors"}],)"
      R"( "rubric_name": "opening"})");
  ASSERT_TRUE(task) << task.error().ToString();
  EXPECT_EQ(task->facts.title, "a title");
  EXPECT_EQ(task->case_name, "opening");
  ASSERT_EQ(task->unscored.a.items.size(), 1u);
  EXPECT_EQ(task->unscored.a.items[0].weight, 3);
}

TEST(TaskRecordTest, TheSameNamesElsewhereAreKept) {
  const auto task = Read(R"({"kind": "label", "tags": {"opening": "e4", "anchors": "two"},)"
                         R"( "facts": {"opening": ["x"], "list": [{"anchors": [1]}]}, "opening": []})");
  ASSERT_TRUE(task) << task.error().ToString();
  EXPECT_EQ(task->facts.tag("opening"), "e4");
  EXPECT_EQ(task->facts.tag("anchors"), "two");
  EXPECT_EQ(task->facts.facts, R"({"opening":["x"],"list":[{"anchors":[1]}]})");
}

TEST(TaskRecordTest, WhatIsWrongIsToldAtItsPlaceInTheRecord) {
  EXPECT_FALSE(Read(R"({"opening": [1, 2)"));
  EXPECT_FALSE(Read(R"({"opening)"));
  const auto broken = Read("{\"opening\": [1, 2],\n \"title\": }");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().ToString().find("stored task \"s/t\":2:"), std::string::npos) << broken.error().ToString();
}

}  // namespace
}  // namespace axiometer
