// What hostile environment code tries, and what becomes of it. The table is in
// environments/SANDBOX.md.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "environments/python_worker.h"
#include "tests/environments/sandbox_fixture.h"

namespace axiometer {
namespace {

using Status = CallResult::Status;

class ConfinementTest : public SandboxTest {};

// A list of what each attempt came to: the name of the exception, or "done".
constexpr char kTry[] =
    "def attempt(f):\n"
    "  try: f(); return 'done'\n"
    "  except Exception as e: return type(e).__name__\n";

TEST_P(ConfinementTest, NoEnvironmentVariableIsSeen) {
  setenv("AXIOMETER_TEST_SECRET", "do not tell", 1);
  const CallResult result =
      Act("import os, ctypes\n"
          "environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')\n"
          "names = []\n"
          "while environ and environ[len(names)]: names.append(environ[len(names)].decode())\n"
          "return [dict(os.environ), names]");
  unsetenv("AXIOMETER_TEST_SECRET");
  EXPECT_EQ(result.content, "[{}, []]");
}

TEST_P(ConfinementTest, NoEnvironmentOfAnotherProcessIsSeen) {
  const CallResult result =
      Act(std::string(kTry) +
          "import os\n"
          "return [attempt(lambda n=n: open(f'/proc/{n}/environ', 'rb').read())\n"
          "        for n in ('self', 1, 2, os.getppid(), os.getpid())]");
  EXPECT_EQ(result.content.find("done"), std::string::npos) << result.content;
  EXPECT_EQ(result.status, Status::kAnswered);
}

TEST_P(ConfinementTest, NoDescriptorButTheChannelIsInherited) {
  const int leaked = open("/", O_RDONLY | O_DIRECTORY);  // deliberately not close-on-exec
  const CallResult result =
      Act("import os, stat\n"
          "kinds = {}\n"
          "for fd in range(0, 1000):\n"
          "  try: kinds[fd] = stat.filemode(os.fstat(fd).st_mode)[0]\n"
          "  except OSError: pass\n"
          "return kinds");
  close(leaked);
  EXPECT_EQ(result.content, R"({"0": "c", "1": "c", "2": "c", "3": "s"})");
}

TEST_P(ConfinementTest, FilesOfTheHostCannotBeRead) {
  Write("other/secret", "do not tell");
  const CallResult result =
      Act(std::string(kTry) +
          "return [attempt(lambda p=p: open(p).read()) for p in ('/etc/passwd', '/etc/shadow', '" +
          directory_ + "/other/secret', '" + directory_ +
          "/world/../other/secret', '/usr/bin/env', '/usr/share/doc', '/proc/self/maps', "
          "'/sys/kernel/mm')]");
  EXPECT_EQ(result.content.find("done"), std::string::npos) << result.content;
  EXPECT_EQ(Act(std::string(kTry) + "return attempt(lambda: open(__file__).read())").content,
            "\"done\"");
}

TEST_P(ConfinementTest, NothingOutsideItsOwnFolderCanBeWritten) {
  const CallResult result =
      Act(std::string(kTry) +
          "import os\n"
          "here = os.path.dirname(__file__)\n"
          "return [attempt(f) for f in (lambda: open(here + '/new', 'w'), lambda: open(__file__, "
          "'a'),\n"
          "  lambda: os.unlink(__file__), lambda: os.rename(__file__, here + '/x'), lambda: "
          "os.mkdir('/new'),\n"
          "  lambda: open('/new', 'w'), lambda: open('/tmp/axiometer-escaped', 'w'), lambda: "
          "open('/dev/shm/x', 'w'),\n"
          "  lambda: os.chmod(__file__, 0o777), lambda: os.symlink('/', 'root'), lambda: "
          "os.link(__file__, 'here'),\n"
          "  lambda: os.mkfifo('fifo'), lambda: os.truncate(__file__, 0), lambda: "
          "os.chown(__file__, 1, 1))]");
  EXPECT_EQ(result.content.find("done"), std::string::npos) << result.content;
  EXPECT_EQ(result.status, Status::kAnswered);
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/world/environment.py"));
}

TEST_P(ConfinementTest, ItsOwnFilesAreBounded) {
  const auto world =
      Start(Spec("  def write(self):\n    open('a', 'w').write('x'); return open('a').read()\n"
                 "  def size(self):\n"
                 "    with open('big', 'wb', buffering=0) as f:\n"
                 "      try:\n"
                 "        while f.write(bytes(1 << 20)): pass\n"
                 "      except OSError: return f.tell() <= 17 << 20\n"
                 "  def many(self):\n"
                 "    for n in range(100000):\n"
                 "      try: open(str(n), 'w').close()\n"
                 "      except OSError: return n < 1000\n"));
  if (IsBubblewrap()) {
    EXPECT_EQ(Call(*world, "write").content, "\"x\"");
    EXPECT_EQ(Call(*world, "size").content, "true");
    EXPECT_EQ(Call(*world, "many").content, "true");
  } else {
    EXPECT_EQ(Call(*world, "write").content,
              R"({"error": "OSError: [Errno 30] Read-only file system: 'a'"})");
  }
}

TEST_P(ConfinementTest, TwoInstancesHaveNothingInCommon) {
  const auto spec = Spec(
      "  def act(self):\n"
      "    import os\n"
      "    seen = os.listdir('.')\n"
      "    try: open('mine', 'w').write('x')\n"
      "    except OSError: pass\n"
      "    return seen\n"
      "  def touch(self, pid):\n"
      "    import os, signal, resource\n"
      "    told = []\n"
      "    for f in (lambda: os.kill(pid, 9), lambda: os.kill(1, 9), lambda: os.kill(-1, 9), "
      "lambda: os.killpg(0, 9),\n"
      "              lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)), lambda: "
      "os.pidfd_open(pid),\n"
      "              lambda: os.getpgid(pid), lambda: os.sched_setaffinity(pid, [0])):\n"
      "      try: f(); told.append('done')\n"
      "      except OSError as e: told.append(type(e).__name__)\n"
      "    return told\n"
      "  def pid(self):\n"
      "    import os; return os.getpid()\n");
  const auto one = Start(spec);
  const auto two = Start(spec);
  EXPECT_EQ(Call(*one, "act").content, "[]");
  EXPECT_EQ(Call(*two, "act").content, "[]");
  const std::string pid = Call(*two, "pid").content;
  const CallResult touched = Call(*one, "touch", "{\"pid\": " + pid + "}");
  EXPECT_EQ(touched.content.find("done"), std::string::npos) << touched.content;
  EXPECT_EQ(Call(*two, "pid").content, pid);
}

TEST_P(ConfinementTest, NoProcessNoThreadNoProgram) {
  const CallResult result =
      Act(std::string(kTry) +
          "import os, subprocess, threading, ctypes, mmap\n"
          "def system():\n"
          "  if os.system('true') != 0: raise OSError()\n"
          "def call(*a):\n"
          "  if ctypes.CDLL(None).syscall(*a) < 0: raise OSError()\n"
          "return [attempt(f) for f in (os.fork, lambda: os.execv('/usr/bin/env', ['env']),\n"
          "  lambda: subprocess.run(['/usr/bin/env']), system, lambda: "
          "threading.Thread(target=print).start(),\n"
          "  lambda: os.posix_spawn('/usr/bin/env', ['env'], {}), lambda: os.memfd_create('x'),\n"
          "  lambda: ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 or 1 / 0, lambda: os.setuid(0) ,\n"
          "  lambda: call(425, 8, 0), lambda: call(272, 0x10000000), lambda: call(321, 0, 0, 0), "
          "lambda: call(435, 0, 0))]");
  EXPECT_EQ(result.content.find("done"), std::string::npos) << result.content;
  EXPECT_EQ(result.status, Status::kAnswered);
}

TEST_P(ConfinementTest, NoNetwork) {
  const CallResult result = Act(std::string(kTry) +
                                "import socket\n"
                                "return [attempt(lambda f=f, t=t: socket.socket(f, t)) for f in "
                                "(socket.AF_INET, socket.AF_INET6,\n"
                                "  socket.AF_UNIX, socket.AF_NETLINK, 40) for t in "
                                "(socket.SOCK_STREAM, socket.SOCK_DGRAM)]\\\n"
                                "  + [attempt(lambda: socket.getaddrinfo('localhost', 80)), "
                                "attempt(lambda: socket.socketpair()),\n"
                                "     attempt(lambda: socket.socket(fileno=3).send(b'x'))]");
  EXPECT_EQ(result.content.find("done"), std::string::npos) << result.content;
  EXPECT_EQ(result.status, Status::kAnswered);
}

TEST_P(ConfinementTest, AnotherArchitecturesCallsEndTheInstance) {
#ifndef __x86_64__
  GTEST_SKIP() << "x86-64 has a second one";
#else
  // getpid by the numbers of x32.
  const CallResult result = Act("import ctypes\nreturn ctypes.CDLL(None).syscall(0x40000000 + 39)");
  EXPECT_EQ(result.status, Status::kDied);
  EXPECT_EQ(result.error, "the instance ended by signal 31");
#endif
}

TEST_P(ConfinementTest, MemoryIsBounded) {
  options_.limits.memory_bytes = 200u << 20;
  OwnHost();
  EXPECT_EQ(Act("try:\n"
                "  hoard = []\n"
                "  while True: hoard.append(bytearray(10 << 20))\n"
                "except MemoryError:\n"
                "  return 5 < len(hoard) < 20")
                .content,
            "true");
  const CallResult result = Act("x = []\nwhile True: x.append(bytearray(1 << 20))");
  EXPECT_EQ(result.content, R"({"error": "MemoryError: "})");
}

TEST_P(ConfinementTest, ProcessorTimeIsBounded) {
  options_.limits.cpu_seconds = 1;
  OwnHost();
  const CallResult result = Act("while True: pass");
  EXPECT_EQ(result.status, Status::kDied);
  EXPECT_EQ(result.error,
            "the instance was killed, as after 1 s of processor time or when memory runs out");
}

TEST_P(ConfinementTest, ACallThatDoesNotReturnIsKilled) {
  options_.limits.call_ms = 200;
  OwnHost();
  const auto world =
      Start(Spec("  def act(self):\n"
                 "    import signal, time\n"
                 "    for n in range(1, 65):\n"
                 "      try: signal.signal(n, signal.SIG_IGN)\n"
                 "      except Exception: pass\n"
                 "    while True: time.sleep(100)\n"));
  const CallResult result = Call(*world, "act");
  EXPECT_EQ(result.status, Status::kTimeout);
  EXPECT_EQ(result.error, "no answer within 200 ms; killed");
  EXPECT_EQ(Host().live(), 0);
  EXPECT_EQ(Call(*world, "act").error, "the instance is gone");
}

TEST_P(ConfinementTest, AModuleThatDoesNotLoadIsKilled) {
  options_.limits.start_ms = 1'000;
  OwnHost();
  const auto world = Wait(Host().Start(Spec("  while True: pass\n")));
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().ToString(),
            "environment \"world\": did not start: no answer within 1000 ms; killed");
}

TEST_P(ConfinementTest, AnInstanceThatEndsIsADeath) {
  for (const auto& [body, error] : std::vector<std::pair<std::string, std::string>>{
           {"import sys; sys.exit(3)", "SystemExit: 3"},
           {"import os; os._exit(0)", "the instance ended by itself"},
           {"import os; os.close(3)", "the instance ended by itself"},
           {"import ctypes; ctypes.string_at(0)", "the instance ended by signal 11"},
           {"raise KeyboardInterrupt", "KeyboardInterrupt: "}}) {
    const CallResult result = Act(body);
    EXPECT_EQ(result.status, Status::kDied) << body;
    EXPECT_EQ(result.error, error) << body;
  }
}

TEST_P(ConfinementTest, ForgedAnswersAreNoAnswers) {
  EXPECT_EQ(
      Act("import os\nos.write(3, b'{\"id\": \"0\", \"result\": \"forged\"}\\n')\nreturn 1").error,
      "an answer that was not asked for; killed");
  EXPECT_EQ(Act("import os\nos.write(3, b'garbage\\n')\nreturn 1").error,
            "something that is no answer; killed");
  EXPECT_EQ(Act("import os\nos.write(3, b'{\"ready\": true}\\n')\nreturn 1").error,
            "an answer that was not asked for; killed");
  // Written ahead of the next question, it cannot know that one's number.
  const auto world =
      Start(Spec("  def ahead(self):\n"
                 "    import os, sys\n"
                 "    frame = sys._getframe()\n"
                 "    while 'number' not in frame.f_locals: frame = frame.f_back\n"
                 "    number = frame.f_locals['number']\n"
                 "    os.write(3, b'{\"id\": \"%s\", \"result\": \"1\"}\\n{\"id\": \"%s\", "
                 "\"result\": \"2\"}\\n'\n"
                 "             % (number.encode(), number.encode()))\n"));
  EXPECT_EQ(Call(*world, "ahead").content, "1");
  const CallResult next = Call(*world, "ahead");
  EXPECT_EQ(next.status, Status::kProtocol);
  EXPECT_EQ(next.error, "an answer that was not asked for; killed");
}

TEST_P(ConfinementTest, AFloodIsCutOff) {
  options_.limits.reply_bytes = 100'000;
  OwnHost();
  CallResult result = Act("import os\nwhile True: os.write(3, b'x' * 65536)");
  EXPECT_EQ(result.status, Status::kProtocol);
  EXPECT_EQ(result.error, "an answer of more than 100000 bytes; killed");
  result = Act("return 'x' * 200000");
  EXPECT_EQ(result.status, Status::kProtocol);
  EXPECT_EQ(result.error, "an unusable result: 200002 bytes, at most 100000 are allowed");
  EXPECT_EQ(Act("return '\"' * 40000").content.size(), 80'002u);
}

TEST_P(ConfinementTest, DeepAnswersAreCutOff) {
  const auto nested = [](const char* depth) {
    return std::string("x = []\nfor n in range(") + depth + "): x = [x, '[']\nreturn x";
  };
  EXPECT_EQ(Act(nested("99")).status, Status::kAnswered);
  EXPECT_EQ(Act(nested("100")).error, "an unusable result: nested deeper than 100 levels");
  EXPECT_EQ(Act(nested("100000")).status, Status::kProtocol);
  EXPECT_EQ(Act("x = []\nx.append(x)\nreturn x").error,
            "an unusable result: JSON cannot hold it: Circular reference detected");
  EXPECT_EQ(Act("return {1, 2}").error,
            "an unusable result: JSON cannot hold it: Object of type set is not JSON serializable");
  // The parent counts for itself.
  EXPECT_EQ(
      Act("import os, sys\n"
          "frame = sys._getframe()\n"
          "while 'number' not in frame.f_locals: frame = frame.f_back\n"
          "number = frame.f_locals['number'].encode()\n"
          "os.write(3, b'{\"id\": \"' + number + b'\", \"result\": \"' + b'[' * 101 + b'\"}\\n')")
          .error,
      "an answer nested deeper than 100 levels; killed");
}

TEST_P(ConfinementTest, ADeadSandboxIsReplaced) {
  OwnHost();
  const auto spec = Spec("  def act(self):\n    return 1\n");
  const auto before = Start(spec);
  ASSERT_EQ(Call(*before, "act").content, "1");
  KillZygote();
  CallResult last;  // the kernel takes a moment
  for (int i = 0; i == 0 || (i < 100'000 && last.status == Status::kAnswered); ++i)
    last = Call(*before, "act");
  EXPECT_EQ(last.status, Status::kLost);
  const auto after = Start(spec);
  ASSERT_TRUE(after);
  EXPECT_EQ(Call(*after, "act").content, "1");
}

TEST_P(ConfinementTest, ACancelledStartHarmsNoOther) {
  const auto spec = Spec("  def act(self):\n    return 1\n");
  const auto other = Start(spec);
  const int before = Host().live();
  bool started = true;
  auto start = [](EnvironmentHost& host, const EnvironmentSpec& spec,
                  bool& started) -> Async<void> {
    started = (co_await host.Start(spec)).has_value();
  };
  Loop().Spawn(start(Host(), spec, started), nullptr, 8);
  Loop().Post([] { Loop().Cancel(8); });
  Loop().Run();
  EXPECT_FALSE(started);
  EXPECT_EQ(Host().live(), before);
  EXPECT_EQ(Call(*other, "act").content, "1");
  EXPECT_EQ(Call(*Start(spec), "act").content, "1");
}

TEST_P(ConfinementTest, ACancelledCallSpoilsItsInstance) {
  const auto world = Start(Spec("  def act(self):\n    import time; time.sleep(60)\n"));
  CallResult result;
  auto call = [](Environment& world, CallResult& result) -> Async<void> {
    const std::string tool = "act";
    const std::string arguments = "{}";
    result = co_await world.Call(tool, arguments);
  };
  Loop().Spawn(call(*world, result), nullptr, 7);
  Loop().Post([] { Loop().Cancel(7); });
  Loop().Run();
  EXPECT_EQ(result.status, Status::kCancelled);
  EXPECT_EQ(Host().live(), 0);
  EXPECT_EQ(Call(*world, "act").status, Status::kDied);
}

TEST_P(ConfinementTest, NoMoreInstancesThanAllowedLiveAtOnce) {
  options_.max_instances = 2;
  OwnHost();
  const auto spec = Spec("  def act(self):\n    return 1\n");
  int most = 0;
  int done = 0;
  auto sample = [](EnvironmentHost& host, const EnvironmentSpec& spec, int& most,
                   int& done) -> Async<void> {
    auto world = co_await host.Start(spec);
    EXPECT_TRUE(world) << world.error().ToString();
    most = std::max(most, host.live());
    const std::string tool = "act";
    const std::string arguments = "{}";
    for (int i = 0; i < 3; ++i) {
      const CallResult result = co_await (*world)->Call(tool, arguments);
      EXPECT_EQ(result.content, "1");
    }
    ++done;
  };
  EnvironmentHost& host = Host();
  for (int i = 0; i < 9; ++i) Loop().Spawn(sample(host, spec, most, done));
  Loop().Run();
  EXPECT_EQ(done, 9);
  EXPECT_EQ(most, 2);
  EXPECT_EQ(host.live(), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ConfinementTest, testing::Values("bubblewrap", "landlock"),
                         KindName);

}  // namespace
}  // namespace axiometer
