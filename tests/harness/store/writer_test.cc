#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "harness/store/database.h"
#include "harness/store/lock.h"
#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

// Runs `work` in a process of its own and returns what it printed; `limit_ms` kills it.
class Process {
 public:
  explicit Process(const std::function<void(int out)>& work) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      work(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    in_ = ends[0];
  }
  ~Process() {
    if (pid_ > 0) Kill();
    close(in_);
  }
  // All that is there until the end of the process or `bytes`.
  std::string Read(size_t bytes = SIZE_MAX) {
    std::string text;
    char buffer[4096];
    while (text.size() < bytes) {
      const ssize_t size = read(in_, buffer, sizeof buffer);
      if (size <= 0) break;
      text.append(buffer, size);
    }
    return text;
  }
  void Kill() {
    kill(pid_, SIGKILL);
    int status;
    waitpid(pid_, &status, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int in_ = -1;
};

void Say(int out, const std::string& text) {
  if (write(out, text.data(), text.size()) < 0) _exit(1);
}

class WriterTest : public StoreTest {
 protected:
  // Row `number` of a sequence whose gaps can be seen.
  static CallRow Numbered(int number, size_t bytes = 100) {
    AttemptRow attempt;
    attempt.id = 1;
    CallRow call = Call(attempt, number);
    call.message.assign(bytes, 'm');
    return call;
  }
  std::vector<int> StoredNumbers(const std::string& path) const {
    std::vector<int> numbers;
    const auto reader = StoreReader::Open(path);
    if (!reader) {
      ADD_FAILURE() << reader.error().ToString();
      return numbers;
    }
    const std::vector<CallRow> calls = *(*reader)->Calls(1);
    for (const CallRow& call : calls) numbers.push_back(call.step);
    return numbers;
  }
  static std::vector<int> UpTo(int last) {
    std::vector<int> numbers;
    for (int i = 1; i <= last; ++i) numbers.push_back(i);
    return numbers;
  }
  void ExpectSound(const std::string& path) const {
    const auto database = Database::Open(path, Database::Access::kRead);
    ASSERT_TRUE(database) << database.error().ToString();
    EXPECT_EQ(*(*database)->QueryText("PRAGMA integrity_check"), "ok");
  }
};

TEST_F(WriterTest, ACommitOnTheLoopResumesOnceItsRowsCanBeRead) {
  StoreWriter& writer = Writer();
  const auto reader = Reader();
  int resumed = 0;
  const auto sample = [&](int number) -> Async<void> {
    std::vector<Row> rows;
    rows.emplace_back(Numbered(number));
    const Result<void> done = co_await writer.Commit(std::move(rows));
    EXPECT_TRUE(done);
    ++resumed;
    bool found = false;
    const std::vector<CallRow> calls = *reader->Calls(1);
    for (const CallRow& call : calls) found = found || call.step == number;
    EXPECT_TRUE(found);
  };
  for (int i = 1; i <= 200; ++i) loop_.Spawn(sample(i));
  loop_.Run();
  EXPECT_EQ(resumed, 200);
}

TEST_F(WriterTest, CommitsKeepTheOrderOfTheCalls) {
  StoreWriter& writer = Writer();
  const auto sample = [&](int first) -> Async<void> {
    for (int i = first; i < first + 20; ++i) {
      std::vector<Row> rows;
      rows.emplace_back(Numbered(i));
      const Result<void> done = co_await writer.Commit(std::move(rows));
      EXPECT_TRUE(done);
    }
  };
  for (int i = 0; i < 50; ++i) loop_.Spawn(sample(100 * i));
  loop_.Run();
  std::map<int, int> last;
  int count = 0;
  for (const int number : StoredNumbers(Path())) {
    ++count;
    const auto [found, is_new] = last.try_emplace(number / 100, number);
    if (!is_new) {
      EXPECT_EQ(number, found->second + 1);
    }
    found->second = number;
  }
  EXPECT_EQ(count, 1'000);
}

TEST_F(WriterTest, ACancelledCommitIsStoredAllTheSame) {
  StoreWriter& writer = Writer();
  bool stored = false;
  const auto sample = [&]() -> Async<void> {
    std::vector<Row> rows;
    rows.emplace_back(Numbered(1));
    const Result<void> done = co_await writer.Commit(std::move(rows));
    stored = done.has_value();
  };
  loop_.Spawn(sample(), nullptr, 7);
  loop_.Post([&] { loop_.Cancel(7); });
  loop_.Run();
  EXPECT_TRUE(stored);
  EXPECT_EQ(StoredNumbers(Path()), UpTo(1));
}

TEST_F(WriterTest, ReadersAndTheWriterDoNotDisturbEachOther) {
  StoreWriter& writer = Writer();
  std::atomic<bool> done = false;
  std::thread reading([&] {
    size_t before = 0;
    while (!done) {
      const size_t now = StoredNumbers(Path()).size();
      EXPECT_GE(now, before);
      before = now;
    }
  });
  for (int i = 1; i <= 300; ++i) {
    const Result<void> committed = writer.CommitNow({Numbered(i, 3'000)});
    EXPECT_TRUE(committed) << committed.error().ToString();
  }
  done = true;
  reading.join();
  EXPECT_EQ(StoredNumbers(Path()), UpTo(300));
}

TEST_F(WriterTest, RowsCommittedTogetherAreThereTogetherOrNotAtAll) {
  StoreWriter& writer = Writer();
  AttemptEndRow never_begun;
  never_begun.attempt = 5;
  const Result<void> done = writer.CommitNow({Numbered(1), never_begun});
  EXPECT_EQ(Plain(done.error().ToString()), "store \"x.db\": attempt 5 ends without having begun");
  EXPECT_TRUE(StoredNumbers(Path()).empty());
}

TEST_F(WriterTest, AfterAFailedWriteEveryCommitFailsTheSameWay) {
  StoreWriter& writer = Writer();
  Write({Numbered(1)});
  AttemptEndRow never_begun;
  never_begun.attempt = 5;
  const std::string first = writer.CommitNow({never_begun}).error().ToString();
  EXPECT_EQ(writer.CommitNow({Numbered(2)}).error().ToString(), first);
  CloseWriter();
  EXPECT_EQ(StoredNumbers(Path()), UpTo(1));
}

TEST_F(WriterTest, QueuedRowsComeBeforeTheNextCommit) {
  StoreWriter& writer = Writer();
  for (int i = 1; i <= 40; ++i) writer.Queue({Numbered(i)});
  EXPECT_TRUE(writer.CommitNow({Numbered(41)}));
  EXPECT_EQ(StoredNumbers(Path()), UpTo(41));
}

TEST_F(WriterTest, AFailureOfQueuedRowsShowsInTheNextCommit) {
  StoreWriter& writer = Writer();
  AttemptEndRow never_begun;
  never_begun.attempt = 7;
  writer.Queue({never_begun});
  EXPECT_FALSE(writer.CommitNow({Numbered(1)}));
  CloseWriter();
  EXPECT_TRUE(StoredNumbers(Path()).empty());
}

TEST_F(WriterTest, ASecondWriterIsRefusedWithTheFirstsPid) {
  Writer();
  const std::string refusal = "store \"x.db\" is in use by process " + std::to_string(getpid()) +
                              ": wait for it, or name another with --db";
  EXPECT_EQ(Plain(StoreWriter::Open(loop_, Path()).error().ToString()), refusal);
  Process other([&](int out) {
    Loop loop;
    Say(out, StoreWriter::Open(loop, Path()).error().ToString());
  });
  EXPECT_EQ(Plain(other.Read()), refusal);
  // The same store by another name.
  std::filesystem::create_symlink(Path(), Path("link.db"));
  EXPECT_FALSE(StoreWriter::Open(loop_, Path("link.db")));
  CloseWriter();
  EXPECT_TRUE(StoreWriter::Open(loop_, Path()));
}

TEST_F(WriterTest, TheLockOfADeadProcessIsNoObstacle) {
  Process other([&](int out) {
    Loop loop;
    const auto writer = StoreWriter::Open(loop, Path());
    Say(out, "open");
    pause();
  });
  EXPECT_EQ(other.Read(4), "open");
  EXPECT_EQ(StoreLock::Holder(Path()), other.pid());
  other.Kill();
  EXPECT_TRUE(std::filesystem::exists(Path("x.db.lock")));
  EXPECT_EQ(StoreLock::Holder(Path()), std::nullopt);
  Write({Numbered(1)});
  EXPECT_EQ(StoreLock::Holder(Path()), getpid());
}

TEST_F(WriterTest, WhatWasAcknowledgedSurvivesKill) {
  for (int round = 0; round < 5; ++round) {
    const int before =
        static_cast<int>(std::filesystem::exists(Path()) ? StoredNumbers(Path()).size() : 0);
    Process child([&](int out) {
      Loop loop;
      const auto writer = StoreWriter::Open(loop, Path());
      for (int i = before + 1;; ++i) {
        if ((*writer)->CommitNow({Numbered(i, 2'000)})) Say(out, std::string(1, '.'));
      }
    });
    size_t acknowledged = child.Read(30 + 17 * round).size();
    child.Kill();
    acknowledged += child.Read().size();
    const std::vector<int> stored = StoredNumbers(Path());
    EXPECT_EQ(stored, UpTo(static_cast<int>(stored.size())));
    EXPECT_GE(stored.size(), before + acknowledged);
    EXPECT_LE(stored.size(), before + acknowledged + 1);
  }
  ExpectSound(Path());
}

// Writes to `path` until it fails; says how many were acknowledged and the first two errors.
void WriteUntilItFails(const std::string& path, int out, const std::function<CallRow(int)>& row) {
  Loop loop;
  auto writer = StoreWriter::Open(loop, path);
  if (!writer) return Say(out, "refused: " + writer.error().ToString());
  for (int i = 1; i < 10'000; ++i) {
    const Result<void> done = (*writer)->CommitNow({row(i)});
    if (done) continue;
    const Result<void> again = (*writer)->CommitNow({row(i + 1)});
    Say(out,
        std::to_string(i - 1) + "\n" + done.error().ToString() + "\n" + again.error().ToString());
    return;
  }
}

TEST_F(WriterTest, AFullDiskEndsTheRunAndKeepsWhatWasStored) {
  // A file system of 1 MB in a mount namespace of the child's own; where that is not to be had, a
  // bound on the size of files.
  const std::string disk = Path("disk");
  std::filesystem::create_directory(disk);
  Process child([&](int out) {
    const bool mounted = unshare(CLONE_NEWNS) == 0 &&
                         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         mount("disk", disk.c_str(), "tmpfs", 0, "size=1m") == 0;
    if (!mounted) {
      const rlimit limit{1 << 20, 1 << 20};
      setrlimit(RLIMIT_FSIZE, &limit);
      signal(SIGXFSZ, SIG_IGN);
    }
    WriteUntilItFails(disk + "/x.db", out, [](int i) { return Numbered(i, 3'000); });
    // What is there is sound, and with room again the next run goes on.
    Say(out, "\n" + std::to_string(StoredNumbers(disk + "/x.db").size()));
    if (mounted) {
      mount("disk", disk.c_str(), "tmpfs", MS_REMOUNT, "size=8m");
    } else {
      return;
    }
    Loop loop;
    const auto writer = StoreWriter::Open(loop, disk + "/x.db");
    const Result<void> more = (*writer)->CommitNow({Numbered(9'999)});
    Say(out, more ? "\nwent on" : "\n" + more.error().ToString());
  });
  std::istringstream said(child.Read());
  std::string acknowledged, first, second, stored, more;
  std::getline(said, acknowledged);
  std::getline(said, first);
  std::getline(said, second);
  std::getline(said, stored);
  std::getline(said, more);
  EXPECT_GT(std::stoi(acknowledged), 50);
  EXPECT_EQ(stored, acknowledged);
  EXPECT_EQ(second, first);
  if (!more.empty()) {
    EXPECT_EQ(Plain(first),
              "store \"disk/x.db\": database or disk is full: free some space, then run the same "
              "command again");
    EXPECT_EQ(more, "went on");
  }
}

TEST_F(WriterTest, PlacesThatCannotBeWrittenAreRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a second user";
  Write({Numbered(1)});
  CloseWriter();
  const auto as_nobody = [&](const std::string& path) {
    Process child([&](int out) {
      if (setuid(65534) != 0) _exit(1);
      WriteUntilItFails(path, out, [](int i) { return Numbered(i); });
    });
    return Plain(child.Read());
  };
  std::filesystem::permissions(folder_, std::filesystem::perms(0555));
  std::filesystem::permissions(Path(), std::filesystem::perms(0666));
  const std::string in_folder = as_nobody(Path());
  EXPECT_TRUE(in_folder.starts_with("refused: store \"x.db\": cannot create \"")) << in_folder;
  EXPECT_TRUE(in_folder.ends_with(
      "x.db.lock\" (Permission denied): name a place that can be written with --db"))
      << in_folder;
  std::filesystem::permissions(folder_, std::filesystem::perms(0777));
  std::filesystem::permissions(Path(), std::filesystem::perms(0444));
  EXPECT_EQ(
      as_nobody(Path()),
      "refused: store \"x.db\" cannot be written: name a place that can be written with --db");
  EXPECT_EQ(StoredNumbers(Path()), UpTo(1));
}

TEST_F(WriterTest, ClosingCommitsWhatWaits) {
  StoreWriter& writer = Writer();
  const auto sample = [&](int number) -> Async<void> {
    std::vector<Row> rows;
    rows.emplace_back(Numbered(number));
    const Result<void> done = co_await writer.Commit(std::move(rows));
    EXPECT_TRUE(done);
  };
  for (int i = 1; i <= 50; ++i) loop_.Spawn(sample(i));
  loop_.context().poll();  // all have queued their rows; none has been told
  CloseWriter();
  EXPECT_EQ(StoredNumbers(Path()), UpTo(50));
  loop_.Run();
}

}  // namespace
}  // namespace axiometer
