#include "harness/io/folder_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

class FolderWatchTest : public testing::Test {
 protected:
  std::unique_ptr<FolderWatch> Open() {
    Result<std::unique_ptr<FolderWatch>> watch = FolderWatch::Open(loop_, {folder_.path()});
    EXPECT_TRUE(watch);
    return std::move(*watch);
  }
  // Of one wait; `meanwhile` happens once it has begun.
  bool Changed(
      FolderWatch& watch, std::function<void()> meanwhile = [] {}) {
    bool changed = false;
    const uint64_t key = loop_.NewKey();
    loop_.Spawn(Wait(watch, changed), nullptr, key);
    loop_.Post(std::move(meanwhile));
    key_ = key;
    loop_.Run();
    return changed;
  }
  Async<> Wait(FolderWatch& watch, bool& changed) { changed = co_await watch.Changed(*clock_, 5); }

  TemporaryFolder folder_;
  Loop loop_;
  std::unique_ptr<Clock> clock_ = MakeRealClock(loop_);
  uint64_t key_ = 0;
};

TEST_F(FolderWatchTest, AWrittenFileIsAChange) {
  const auto watch = Open();
  EXPECT_TRUE(Changed(*watch, [&] { folder_.Write("a.yaml", "x"); }));
}

TEST_F(FolderWatchTest, WhatHappenedBeforeTheWaitIsNotMissed) {
  const auto watch = Open();
  folder_.Write("a.yaml", "x");
  EXPECT_TRUE(Changed(*watch));
}

TEST_F(FolderWatchTest, AFileThatIsRenamedIntoItsPlaceOrRemovedIsAChange) {
  folder_.Write("a.part", "x");
  const auto watch = Open();
  EXPECT_TRUE(Changed(*watch, [&] {
    std::filesystem::rename(folder_.path() + "/a.part", folder_.path() + "/a.yaml");
  }));
  EXPECT_TRUE(Changed(*watch, [&] { std::filesystem::remove(folder_.path() + "/a.yaml"); }));
}

TEST_F(FolderWatchTest, AWaitEndsWhenItIsCancelled) {
  const auto watch = Open();
  EXPECT_FALSE(Changed(*watch, [&] { loop_.Cancel(key_); }));
}

TEST_F(FolderWatchTest, AFolderThatIsNotThere) {
  const auto watch = FolderWatch::Open(loop_, {folder_.path() + "/none"});
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().what, "cannot be watched: No such file or directory");
}

}  // namespace
}  // namespace axiometer
