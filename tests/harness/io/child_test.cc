#include "harness/io/child.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "harness/io/line_channel.h"

namespace axiometer {
namespace {

// Runs a shell script and reads its lines until it closes standard output.
class ChildTest : public testing::Test {
 protected:
  struct Heard {
    std::vector<std::string> lines;
    LineStatus last = LineStatus::kLine;
    ChildExit exit;
  };

  Heard Run(const std::string& script, std::vector<std::string> environment = {}, size_t max_line = 1000,
            int64_t deadline_ms = 10'000) {
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

  Loop loop_;
};

TEST_F(ChildTest, InheritsNothingThatWasNotNamed) {
  setenv("AXIOMETER_TEST_SECRET", "marker", 1);
  std::ifstream held("/etc/passwd");
  const Heard heard = Run("/bin/ls /proc/self/fd; /usr/bin/env", {"NAME=value", "PATH=/nowhere"});
  // 3 is ls's own reading of the folder.
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"0", "1", "2", "3", "NAME=value", "PATH=/nowhere", "PWD=/"}));
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
  const Heard stopped = Run("kill -TERM $$");
  EXPECT_EQ(stopped.exit.signal, SIGTERM);
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
  ChildSpec spec;
  spec.program = "/nowhere/tool";
  EXPECT_EQ(Child::Start(loop_, spec).error().ToString(),
            "/nowhere/tool: cannot be started: No such file or directory");
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

TEST(LineChannel, PassesDescriptors) {
  Loop loop;
  auto pair = MakeSocketPair();
  auto cargo = MakeSocketPair();
  ASSERT_EQ(write(cargo->first.get(), "hello", 5), 5);
  std::string got;
  loop.Spawn(PassAcross(loop, std::move(pair->first), std::move(pair->second), cargo->second.get(), got));
  loop.Run();
  EXPECT_EQ(got, "take this: hello");
}

}  // namespace
}  // namespace axiometer
