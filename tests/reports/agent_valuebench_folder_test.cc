#include "reports/agent_valuebench_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

class ValueBenchFolderTest : public testing::Test {
 protected:
  static void Put(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "old";
  }
  // Every file below the folder.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(out_)) {
      if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), out_).string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  std::string Refusal() const {
    const Result<ValueBenchFolder> folder = ValueBenchFolder::Prepare(out_.string());
    std::string message = folder ? "prepared" : folder.error().ToString();
    for (size_t at; (at = message.find(root_.string())) != std::string::npos;) {
      message.replace(at, root_.string().size(), "ROOT");
    }
    return message;
  }

  const TemporaryFolder folder_;
  const fs::path root_ = folder_.path();
  const fs::path out_ = root_ / "out";
};

TEST_F(ValueBenchFolderTest, AnEarlierExportIsReplacedAndOtherFilesStay) {
  Put(out_ / "trajectory/case_00009_traj.json");
  Put(out_ / "judge_result/case_00009_result.json");
  Put(out_ / "value_priority_bradley_terry.json");
  Put(out_ / "notes.txt");
  Result<ValueBenchFolder> folder = ValueBenchFolder::Prepare(out_.string());
  ASSERT_TRUE(folder) << folder.error().ToString();
  ASSERT_TRUE(folder->sink()("trajectory/case_00001_traj.json", "new"));
  ASSERT_TRUE(folder->sink()("value_priority_bradley_terry.json", "new"));
  ASSERT_TRUE(folder->Keep());
  { const ValueBenchFolder gone = *std::move(folder); }
  EXPECT_EQ(Files(), (std::vector<std::string>{"notes.txt", "trajectory/case_00001_traj.json",
                                               "value_priority_bradley_terry.json"}));
}

TEST_F(ValueBenchFolderTest, AnExportThatFailsLeavesNothing) {
  {
    const Result<ValueBenchFolder> folder = ValueBenchFolder::Prepare(out_.string());
    ASSERT_TRUE(folder);
    ASSERT_TRUE(folder->sink()("trajectory/case_00001_traj.json", "new"));
  }
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(ValueBenchFolderTest, WhatIsNotOfAnExportIsNotLost) {
  Put(out_ / "trajectory/thesis.txt");
  EXPECT_EQ(Refusal(),
            "-o: \"ROOT/out/trajectory\" holds \"thesis.txt\", which is not of an export and would be "
            "lost: name a new folder");
  EXPECT_EQ(Files(), std::vector<std::string>{"trajectory/thesis.txt"});
  fs::remove_all(out_ / "trajectory");
  Put(out_ / "judge_result");
  EXPECT_EQ(Refusal(), "-o: \"ROOT/out/judge_result\" is there and no folder: name a new folder");
  fs::remove_all(out_);
  Put(out_);
  EXPECT_EQ(Refusal(), "-o: \"ROOT/out\" is no folder: name a new one");
}

}  // namespace
}  // namespace axiometer
