#include "harness/io/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "harness/io/line_channel.h"

namespace axiometer {
namespace {

// What fails between fork and exec is told through the memory that vfork shares; ThreadSanitizer
// makes it a fork.
#ifdef __SANITIZE_THREAD__
#define SKIP_WITHOUT_VFORK() GTEST_SKIP() << "ThreadSanitizer turns vfork into fork"
#else
#define SKIP_WITHOUT_VFORK()
#endif

// Runs a shell script and reads its lines until it closes standard output.
class ChildTest : public testing::Test {
 protected:
  struct Heard {
    std::vector<std::string> lines;
    LineStatus last = LineStatus::kLine;
    ChildExit exit;
  };

  Heard Run(const std::string& script, std::vector<std::string> environment = {},
            size_t max_line = 1000, int64_t deadline_ms = 10'000) {
    Heard heard;
    loop_.Spawn(Listen(script, std::move(environment), max_line, deadline_ms, heard));
    loop_.Run();
    return heard;
  }

  Async<> Listen(std::string script, std::vector<std::string> environment, size_t max_line,
                 int64_t deadline_ms, Heard& heard) {
    auto pair = MakeSocketPair();
    ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {"-c", script};
    spec.environment = std::move(environment);
    spec.descriptors = {{1, pair->second.get()}};
    Result<Child> child = Child::Start(loop_, spec);
    if (!child) {
      heard.lines.push_back(child.error().ToString());
      co_return;
    }
    pair->second = Descriptor();
    LineChannel channel(loop_, std::move(pair->first), max_line);
    while (true) {
      Line line = co_await channel.Read(deadline_ms);
      heard.last = line.status;
      if (line.status != LineStatus::kLine) break;
      heard.lines.push_back(line.text);
    }
    child->Kill();
    heard.exit = co_await child->Wait();
  }

  static Async<> WaitInto(Child& child, ChildExit& exit) { exit = co_await child.Wait(); }

  Loop loop_;
};

TEST_F(ChildTest, InheritsNothingThatWasNotNamed) {
  setenv("AXIOMETER_TEST_SECRET", "marker", 1);
  std::ifstream held("/etc/passwd");
  const Heard heard = Run("/bin/ls /proc/self/fd; /usr/bin/env", {"NAME=value", "PATH=/nowhere"});
  // 3 is ls's own reading of the folder.
  EXPECT_EQ(heard.lines,
            (std::vector<std::string>{"0", "1", "2", "3", "NAME=value", "PATH=/nowhere", "PWD=/"}));
}

TEST_F(ChildTest, NothingHidesBetweenTheTargets) {
  const int leaky = open("/etc/passwd", O_RDONLY);  // not close-on-exec
  ASSERT_GE(leaky, 3);
  auto pair = MakeSocketPair();
  ChildSpec spec;
  spec.program = "/bin/ls";
  spec.arguments = {"/proc/self/fd"};
  const int far = leaky + 20;
  spec.descriptors = {{1, pair->second.get()}, {far, pair->second.get()}};
  Result<Child> child = Child::Start(loop_, spec);
  ASSERT_TRUE(child);
  pair->second = Descriptor();
  close(leaky);
  std::string listed;
  char buffer[256];
  for (ssize_t got; (got = read(pair->first.get(), buffer, sizeof buffer)) > 0;) {
    listed.append(buffer, static_cast<size_t>(got));
  }
  // 3 is ls's own reading of the folder.
  EXPECT_EQ(listed, "0\n1\n2\n" + std::to_string(far) + "\n3\n");
}

TEST_F(ChildTest, MapsDescriptorsThatCollide) {
  auto one = MakeSocketPair();
  ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"-c", "echo three >&3; echo four >&4"};
  auto two = MakeSocketPair();
  // Each source may have the number of the other's target.
  const int high = fcntl(one->second.get(), F_DUPFD_CLOEXEC, 4);
  const int low = fcntl(two->second.get(), F_DUPFD_CLOEXEC, 3);
  spec.descriptors = {{3, high}, {4, low}};
  Result<Child> child = Child::Start(loop_, spec);
  ASSERT_TRUE(child);
  close(high);
  close(low);
  one->second = Descriptor();
  two->second = Descriptor();
  char buffer[16] = {};
  EXPECT_EQ(read(one->first.get(), buffer, 6), 6);
  EXPECT_STREQ(buffer, "three\n");
  char other[16] = {};
  EXPECT_EQ(read(two->first.get(), other, 5), 5);
  EXPECT_STREQ(other, "four\n");
}

TEST_F(ChildTest, ReportsStatusAndSignal) {
  EXPECT_EQ(Run("exec >&-; sleep 0.05; exit 7").exit.signal, 9);
  const Heard stopped = Run("kill -KILL $$");
  EXPECT_EQ(stopped.exit.signal, SIGKILL);
  EXPECT_EQ(stopped.last, LineStatus::kClosed);
}

TEST_F(ChildTest, ALineMayNotBeTooLong) {
  EXPECT_EQ(Run("printf '%05000d\\n' 1").last, LineStatus::kTooLong);
}

TEST_F(ChildTest, AReadEndsAtItsDeadline) {
  const Heard heard = Run("echo one; sleep 30", {}, 1000, 50);
  EXPECT_EQ(heard.lines, std::vector<std::string>{"one"});
  EXPECT_EQ(heard.last, LineStatus::kTimeout);
}

TEST_F(ChildTest, AMissingProgramIsNamed) {
  SKIP_WITHOUT_VFORK();
  ChildSpec spec;
  spec.program = "/nowhere/tool";
  EXPECT_EQ(Child::Start(loop_, spec).error().ToString(),
            "/nowhere/tool: cannot be started: No such file or directory");
}

TEST_F(ChildTest, AMissingDirectoryStartsNothing) {
  SKIP_WITHOUT_VFORK();
  auto pair = MakeSocketPair();
  ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"-c", "echo started"};
  spec.descriptors = {{1, pair->second.get()}};
  spec.directory = "/nowhere";
  EXPECT_EQ(Child::Start(loop_, spec).error().ToString(),
            "/bin/sh: cannot be started: chdir: No such file or directory");
  pair->second = Descriptor();
  char byte;
  EXPECT_EQ(read(pair->first.get(), &byte, 1), 0);
}

TEST_F(ChildTest, TheEndOfTheFirstEndsTheGroup) {
  auto pair = MakeSocketPair();
  ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"-c", "sleep 60 & exit 3"};
  spec.descriptors = {{1, pair->second.get()}};
  Result<Child> child = Child::Start(loop_, spec);
  ASSERT_TRUE(child);
  ChildExit exit;
  loop_.Spawn(WaitInto(*child, exit));
  loop_.Run();
  EXPECT_EQ(exit.status, 3);
  pair->second = Descriptor();
  char byte;
  EXPECT_EQ(read(pair->first.get(), &byte, 1), 0);
}

TEST_F(ChildTest, DestructionKillsTheWholeGroup) {
  auto pair = MakeSocketPair();
  {
    ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {"-c", "sleep 60 & sleep 60"};
    spec.descriptors = {{1, pair->second.get()}};
    Result<Child> child = Child::Start(loop_, spec);
    ASSERT_TRUE(child);
    usleep(50'000);
  }
  pair->second = Descriptor();
  char byte;
  EXPECT_EQ(read(pair->first.get(), &byte, 1), 0);  // the end: nobody holds the other side
}

Async<> PassAcross(Loop& loop, Descriptor left, Descriptor right, int passed, std::string& got) {
  LineChannel sender(loop, std::move(left), 100);
  LineChannel receiver(loop, std::move(right), 100);
  std::vector<int> fds{passed};
  const bool sent = co_await sender.Write("take this", 1000, std::move(fds));
  Line line = co_await receiver.Read(1000);
  if (!sent || line.descriptors.size() != 1) co_return;
  char buffer[8] = {};
  if (read(line.descriptors[0].get(), buffer, 5) == 5) got = line.text + ": " + buffer;
}

TEST_F(ChildTest, DestructionLeavesNoZombie) {
  for (int i = 0; i < 20; ++i) {
    ChildSpec spec;
    spec.program = "/bin/sleep";
    spec.arguments = {"60"};
    pid_t pid = 0;
    {
      const Result<Child> child = Child::Start(loop_, spec);
      ASSERT_TRUE(child) << child.error().ToString();
      pid = child->pid();
    }
    EXPECT_EQ(kill(pid, 0), -1);
    EXPECT_EQ(errno, ESRCH);
  }
}

TEST(LineChannel, PassesDescriptors) {
  Loop loop;
  auto pair = MakeSocketPair();
  auto cargo = MakeSocketPair();
  ASSERT_EQ(write(cargo->first.get(), "hello", 5), 5);
  std::string got;
  loop.Spawn(
      PassAcross(loop, std::move(pair->first), std::move(pair->second), cargo->second.get(), got));
  loop.Run();
  EXPECT_EQ(got, "take this: hello");
}

Async<> ReadTwo(LineChannel& channel, std::vector<size_t>& counts) {
  for (int i = 0; i < 2; ++i) {
    const Line line = co_await channel.Read(1000);
    counts.push_back(line.descriptors.size());
  }
}

TEST(LineChannel, DescriptorsStayWithTheirLine) {
  Loop loop;
  auto pair = MakeSocketPair();
  const int passed = pair->first.get();
  std::vector<size_t> counts;
  LineChannel sender(loop, std::move(pair->first), 100);
  LineChannel receiver(loop, std::move(pair->second), 100);
  const auto send_both = [](LineChannel& channel, int fd) -> Async<> {
    co_await channel.Write("plain", 1000);
    std::vector<int> fds{fd};
    co_await channel.Write("with one", 1000, std::move(fds));
  };
  loop.Spawn(send_both(sender, passed));
  loop.Run();
  loop.Spawn(ReadTwo(receiver, counts));
  loop.Run();
  EXPECT_EQ(counts, (std::vector<size_t>{0, 1}));
}

TEST(LineChannel, AWriterThatWaitsLeavesTheReadersDeadlineAlone) {
  Loop loop;
  auto pair = MakeSocketPair();
  LineChannel channel(loop, std::move(pair->first), 100);
  const std::string flood(8 << 20, 'x');  // more than the socket holds; nobody reads it
  bool written = true;
  LineStatus read = LineStatus::kLine;
  const auto write_much = [](LineChannel& c, const std::string& line, bool& result) -> Async<> {
    result = co_await c.Write(line, 300);
  };
  const auto read_one = [](LineChannel& c, LineStatus& result) -> Async<> {
    const Line line = co_await c.Read(50);
    result = line.status;
  };
  loop.Spawn(read_one(channel, read));
  loop.Spawn(write_much(channel, flood, written));
  loop.Run();
  EXPECT_EQ(read, LineStatus::kTimeout);
  EXPECT_FALSE(written);
}

TEST(LineChannel, PassesNoMoreDescriptorsThanOneMessageHolds) {
  Loop loop;
  auto pair = MakeSocketPair();
  LineChannel channel(loop, std::move(pair->first), 100);
  bool written = true;
  const auto write_nine = [](LineChannel& c, bool& result) -> Async<> {
    std::vector<int> fds(9, 0);
    result = co_await c.Write("nine", 1000, std::move(fds));
  };
  loop.Spawn(write_nine(channel, written));
  loop.Run();
  EXPECT_FALSE(written);
}

}  // namespace
}  // namespace axiometer
