#include "harness/cli/suites.h"

#include <gtest/gtest.h>

#include "harness/cli/benchmarks.h"

namespace axiometer {
namespace {

std::vector<std::string> Ids(const TaskSource& tasks) {
  std::vector<std::string> ids;
  for (const TaskRef& ref : tasks.refs()) ids.push_back(ref.id);
  return ids;
}

OpenedSuite Crossroads() {
  SuiteRequest request;
  request.name = "crossroads";
  Result<OpenedSuite> suite = OpenSuiteByName(request);
  EXPECT_TRUE(suite) << suite.error().ToString();
  return std::move(*suite);
}

TEST(Suites, ABuiltInSuiteOpensByItsName) {
  const OpenedSuite suite = Crossroads();
  EXPECT_EQ(suite.tasks->suite(), "crossroads");
  EXPECT_EQ(suite.tasks->protocol(), "axiometer");
  EXPECT_GE(suite.tasks->refs().size(), 16u);
  EXPECT_STREQ(suite.judge->protocol(), "axiometer");
  EXPECT_EQ(suite.directories.size(), 2u);
}

TEST(Suites, MistakesAreNamed) {
  SuiteRequest request;
  request.name = "crosroads";
  EXPECT_EQ(OpenSuiteByName(request).error().ToString(), "unknown suite \"crosroads\": did you mean \"crossroads\"?");
  request.name = "agent-valuebench";
  EXPECT_EQ(OpenSuiteByName(request).error().ToString(),
            "agent-valuebench: the folder of the data set is missing: name a checkout of "
            "github.com/ValueByte-AI/Agent-ValueBench with --data DIR");
  request.name = "crossroads";
  request.judge_prompt = "/no/such/file";
  EXPECT_EQ(OpenSuiteByName(request).error().ToString(), "/no/such/file: cannot be read: No such file or directory");
}

TEST(Suites, ASelectionIsAViewInItsOwnOrder) {
  OpenedSuite suite = Crossroads();
  const std::vector<std::string> all = Ids(*suite.tasks);
  const std::unique_ptr<TaskSource> selected = SelectFrom(std::move(suite.tasks), {5, 0, 3});
  EXPECT_EQ(Ids(*selected), (std::vector<std::string>{all[5], all[0], all[3]}));
  EXPECT_EQ(selected->suite(), "crossroads");
  EXPECT_EQ((*selected->Load(1))->id, all[0]);
}

TEST(Suites, OurOwnSuitesHaveNothingToDepartFrom) {
  RunSpec spec;
  spec.model.generation.temperature = 1.7;
  EXPECT_TRUE(Departures(Crossroads(), spec).empty());
}

TEST(Suites, OnlyPublishedBenchmarksAreBenchmarks) {
  EXPECT_NE(FindBenchmark("agent-valuebench"), nullptr);
  EXPECT_EQ(FindBenchmark("crossroads"), nullptr);
}

}  // namespace
}  // namespace axiometer
