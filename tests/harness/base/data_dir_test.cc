#include "harness/base/data_dir.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

class DataDirTest : public testing::Test {
 protected:
  void TearDown() override {
    unsetenv("AXIOMETER_DATA");
  }
  const TemporaryFolder folder_;
  const fs::path root_ = folder_.path();
};

TEST_F(DataDirTest, TheVariableWins) {
  fs::create_directories(root_ / "tasks" / "suites");
  setenv("AXIOMETER_DATA", root_.c_str(), 1);
  EXPECT_EQ(*DataDir(), fs::canonical(root_).string());
}

TEST_F(DataDirTest, AVariableThatNamesNoDataFolderIsRefused) {
  setenv("AXIOMETER_DATA", "/nonexistent", 1);
  EXPECT_EQ(DataDir().error().ToString(),
            "AXIOMETER_DATA: \"/nonexistent\" has no tasks/suites: name the folder that holds tasks, "
            "environments and judges, or unset it");
}

TEST_F(DataDirTest, WithoutItTheSourceTreeServesAnUninstalledProgram) {
  unsetenv("AXIOMETER_DATA");
  const Result<std::string> found = DataDir();
  if (found) {
    EXPECT_TRUE(fs::is_directory(fs::path(*found) / "tasks" / "suites"));
  } else {
    EXPECT_EQ(found.error().hint, "set AXIOMETER_DATA to the folder that holds tasks, environments and judges");
  }
}

TEST(VersionTest, IsTheProjects) { EXPECT_EQ(Version().substr(0, 2), "0."); }

}  // namespace
}  // namespace axiometer
