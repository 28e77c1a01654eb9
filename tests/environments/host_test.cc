#include "environments/host.h"

#include <sys/stat.h>
#include <unistd.h>

#include "environments/confined_script.h"
#include "environments/python_worker.h"
#include "environments/sandbox.h"
#include "tests/environments/sandbox_fixture.h"

namespace axiometer {
namespace {

TEST(Host, AnUnknownKindOfSandboxIsRefused) {
  Loop loop;
  const auto host = MakeEnvironmentHost(loop, TestOptions("docker"), {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().ToString(),
            "sandbox: unknown kind \"docker\": one of bubblewrap, landlock");
}

TEST(Host, AMissingFolderIsRefused) {
  Loop loop;
  const auto host = MakeEnvironmentHost(loop, TestOptions(""), {"/nowhere/at/all"});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().ToString(), "/nowhere/at/all: no such folder");
}

TEST(Host, AMissingInterpreterIsRefusedWithTheRemedy) {
  Loop loop;
  HostOptions options = TestOptions("");
  options.python = "/nowhere/python3";
  const auto host = MakeEnvironmentHost(loop, options, {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().kind, ErrorKind::kFailed);
  EXPECT_EQ(ProbeSandbox(options).python_problem,
            "\"/nowhere/python3\" cannot be run: install python3 (3.11 or newer), or name another "
            "interpreter");
}

// An interpreter that cannot be confined, standing for a machine on which neither kind works.
TEST(Host, NothingRunsWhereNothingConfines) {
  TemporaryFolder folder;
  folder.Write("bin/python3", "#!/bin/sh\necho 'no landlock here' >&2\nexit 1\n");
  ASSERT_EQ(chmod((folder.path() + "/bin/python3").c_str(), 0755), 0);
  Loop loop;
  HostOptions options = TestOptions("");
  options.python = folder.path() + "/bin/python3";
  const auto host = MakeEnvironmentHost(loop, options, {});
  ASSERT_FALSE(host);
  const std::string error = host.error().ToString();
  EXPECT_NE(error.find("sandbox: environments run confined or not at all, and nothing here "
                       "confines them (bubblewrap: "),
            std::string::npos)
      << error;
  EXPECT_NE(error.find("landlock: no landlock here"), std::string::npos) << error;
  EXPECT_NE(error.find("install bubblewrap and allow user namespaces"), std::string::npos) << error;
}

TEST(Host, TheStrongestKindThatWorksIsTaken) {
  const SandboxFacts facts = ProbeSandbox(TestOptions(""));
  if (!facts.bubblewrap && !facts.landlock) GTEST_SKIP() << facts.bubblewrap_problem;
  EXPECT_NE(facts.python.find("python3"), std::string::npos);
  Loop loop;
  const auto host = MakeEnvironmentHost(loop, TestOptions(""), {});
  ASSERT_TRUE(host) << host.error().ToString();
  EXPECT_STREQ((*host)->sandbox(), facts.bubblewrap ? "bubblewrap" : "landlock");
}

TEST(Sandbox, BubblewrapGetsAnEmptyEnvironmentAndMountsEachFolderOnce) {
  Sandbox sandbox;
  sandbox.python = "/usr/bin/python3.11";
  sandbox.scripts = "/opt/axiometer/environments/python";
  sandbox.directories = {"/data/set", "/data/set/environment", "/usr/share/x"};
  const auto command = SandboxCommand(sandbox);
  if (!command) GTEST_SKIP() << command.error().ToString();
  EXPECT_TRUE(command->environment.empty());
  std::vector<std::string> mounted;
  for (size_t i = 0; i + 1 < command->arguments.size(); ++i) {
    if (command->arguments[i] == "--ro-bind") mounted.push_back(command->arguments[i + 1]);
  }
  EXPECT_EQ(mounted,
            (std::vector<std::string>{"/usr", "/opt/axiometer/environments/python", "/data/set"}));
}

TEST(Sandbox, RootStepsDownUnlessAFolderIsClosedToOthers) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  TemporaryFolder folder;
  Sandbox sandbox;
  sandbox.python = "/usr/bin/env";
  sandbox.scripts = folder.path();
  EXPECT_TRUE(RunsAsNobody(sandbox));
  folder.Write("closed/file", "");
  ASSERT_EQ(chmod((folder.path() + "/closed").c_str(), 0700), 0);
  sandbox.directories = {folder.path() + "/closed"};
  EXPECT_FALSE(RunsAsNobody(sandbox));
}

TEST(NestingDepth, CountsBracketsOutsideStrings) {
  EXPECT_EQ(NestingDepth("1"), 0);
  EXPECT_EQ(NestingDepth(R"({"a[": [1, {"\"[": []}]})"), 4);
  EXPECT_EQ(NestingDepth(R"(["\\", [])"), 2);
}

class ConfinedScriptTest : public SandboxTest {
 protected:
  Result<std::string> Run(const std::string& script, const std::string& input = "",
                          size_t most = 10'000, int64_t deadline_ms = 10'000) {
    return Wait(RunConfined(Loop(), options_, script, {directory_}, input, most, deadline_ms));
  }
};

TEST_P(ConfinedScriptTest, ReadsItsInputAndTheNamedFolders) {
  Write("checkout/prompt.py", "PROMPT = 'Säge'\n");
  const auto output =
      Run("import sys\nscope = {}\n"
          "exec(open('" +
              directory_ +
              "/checkout/prompt.py', encoding='utf-8').read(), scope)\n"
              "print(scope['PROMPT'], sys.stdin.read(), sep='|')\n",
          "\"quoted\"\nü");
  ASSERT_TRUE(output) << output.error().ToString();
  EXPECT_EQ(*output, "Säge|\"quoted\"\nü\n");
}

TEST_P(ConfinedScriptTest, WhatGoesWrongIsSaid) {
  EXPECT_EQ(Run("1 / 0").error().ToString(),
            "confined script: ZeroDivisionError: division by zero");
  EXPECT_EQ(Run("print('x' * 200)", "", 100).error().ToString(),
            "confined script: an unusable result: 201 bytes, at most 100 are allowed");
  EXPECT_EQ(Run("while True: pass", "", 100, 300).error().ToString(),
            "confined script: no answer within 300 ms; killed");
  EXPECT_EQ(Run("open('/etc/passwd')").error().ToString().substr(0, 17), "confined script: ");
}

INSTANTIATE_TEST_SUITE_P(Kinds, ConfinedScriptTest, testing::Values("bubblewrap", "landlock"),
                         KindName);

}  // namespace
}  // namespace axiometer
