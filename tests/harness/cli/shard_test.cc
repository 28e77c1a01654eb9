#include "harness/cli/shard.h"

#include <gtest/gtest.h>

#include <map>

namespace axiometer {
namespace {

Result<ShardPlace> Parse(const std::string& text,
                         const std::map<std::string, std::string>& variables = {}) {
  return ParseShard(text, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(ShardTest, IsGivenOrTakenFromTheLauncher) {
  const std::map<std::string, std::string> slurm = {{"SLURM_ARRAY_TASK_ID", "3"},
                                                    {"SLURM_ARRAY_TASK_COUNT", "8"},
                                                    {"SLURM_ARRAY_TASK_MIN", "1"},
                                                    {"SLURM_ARRAY_TASK_MAX", "8"}};
  for (const auto& place :
       {Parse("3/8"), Parse("auto", slurm), Parse("auto/8", {{"SLURM_ARRAY_TASK_ID", "3"}}),
        Parse("auto/8", {{"JOB_COMPLETION_INDEX", "2"}})}) {
    ASSERT_TRUE(place) << place.error().ToString();
    EXPECT_EQ(place->index, 3);
    EXPECT_EQ(place->count, 8);
  }
}

TEST(ShardTest, RefusesWhatWouldRunOtherTasksThanMeant) {
  for (const char* text : {"0/8", "9/8", "1/0", "8", "a/8", "3/", "/8", "3/8x", "-1/8", "1/100001",
                           "auto/8", "auto"}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
  // One part of an array submitted again counts one task: it would run the whole suite.
  EXPECT_FALSE(Parse("auto", {{"SLURM_ARRAY_TASK_ID", "5"},
                              {"SLURM_ARRAY_TASK_COUNT", "1"},
                              {"SLURM_ARRAY_TASK_MIN", "5"},
                              {"SLURM_ARRAY_TASK_MAX", "5"}}));
  EXPECT_FALSE(Parse("auto/8", {{"SLURM_ARRAY_TASK_ID", "0"}}));
  EXPECT_FALSE(Parse("auto/8", {{"JOB_COMPLETION_INDEX", "8"}}));
}

TEST(ShardTest, HasAStoreAndAShareOfItsOwn) {
  EvalOptions options;
  options.db = "some.where/results.db";
  options.max_connections = 10;
  options.shard = "2/4";
  ASSERT_TRUE(TakeShard(options, [](const char*) { return nullptr; }));
  EXPECT_EQ(options.db, "some.where/results.2-of-4.db");
  EXPECT_EQ(options.max_connections, 3);
  EvalOptions whole;
  whole.db = "results.db";
  ASSERT_TRUE(TakeShard(whole, [](const char*) { return nullptr; }));
  EXPECT_EQ(whole.db, "results.db");
  EXPECT_FALSE(whole.place);
}

}  // namespace
}  // namespace axiometer
