#include "environments/mcp_environment.h"

#include "environments/tool_discovery.h"
#include "tests/environments/sandbox_fixture.h"

namespace axiometer {
namespace {

// Each case is a mode of tests/fakes/mcp_server.py, run in bubblewrap.
class McpEnvironmentTest : public SandboxTest {
 protected:
  CatalogEnvironment Describe(const std::string& mode, const std::string& more = "",
                              const std::string& last = "") {
    std::ifstream fake(AXIOMETER_TEST_DIR "/fakes/mcp_server.py");
    Write("desk/server.py", std::string(std::istreambuf_iterator<char>(fake), {}));
    Write(
        "desk/environment.yaml",
        "name: desk\ndescription: A desk.\nmcp:\n  command: [python3, \"{{FOLDER}}/server.py\", " +
            mode + "]\n" + more + last);
    auto described = ReadCatalogEnvironment(directory_ + "/desk");
    EXPECT_TRUE(described) << described.error().ToString();
    return described ? std::move(*described) : CatalogEnvironment();
  }

  std::unique_ptr<Environment> StartServer(const std::string& mode, const std::string& more = "",
                                           const std::string& last = "") {
    return Start(SpecOf(Describe(mode, more, last)));
  }

  // The error of a start, without the place, which is always the environment.
  std::string Refusal(const std::string& mode, const std::string& more = "") {
    const auto started = Wait(Host().Start(SpecOf(Describe(mode, more))));
    EXPECT_FALSE(started);
    if (started) return "";
    const std::string text = started.error().ToString();
    const std::string place = "environment \"desk\": ";
    EXPECT_TRUE(text.starts_with(place)) << text;
    return text.substr(std::min(text.size(), place.size()));
  }

  // What one call comes to: the content, or the error.
  std::string Echo(const std::string& mode, const std::string& tool = "echo",
                   const std::string& more = "") {
    const auto server = StartServer(mode, more);
    if (!server) return "";
    const CallResult result = Call(*server, tool, R"({"text": "abc"})");
    return result.status == CallResult::Status::kAnswered ? result.content
                                                          : "failed: " + result.error;
  }
};

TEST_P(McpEnvironmentTest, ACallIsAnswered) { EXPECT_EQ(Echo("sound"), "\"abc\""); }

TEST_P(McpEnvironmentTest, AnOlderVersionOfTheProtocolThatWeSpeakWillDo) {
  EXPECT_EQ(Echo("older_of_ours"), "\"abc\"");
}

TEST_P(McpEnvironmentTest, AStartThatFailsSaysWhatAndTheServersLastWords) {
  const std::string by_hand =
      ": start its command by hand: it has to answer on standard output, without a network";
  EXPECT_EQ(Refusal("exits"),
            "initialize: did not start: it ended with status 3; its last words: \"no licence\"" +
                by_hand);
  EXPECT_EQ(
      Refusal("hangs", "  start_timeout_s: 3\n"),
      "initialize: did not start: no answer to initialize within 3000 ms; killed; its last words: "
      "\"waiting for the moon\"" +
          by_hand);
  EXPECT_EQ(Refusal("prints"),
            "initialize: did not start: a line on standard output that is no message: "
            "\"Welcome!\"; a server logs "
            "to standard error" +
                by_hand);
  EXPECT_EQ(Refusal("old"),
            "initialize: did not start: the server speaks version \"2024-10-07\" of the protocol: "
            "use a release of it "
            "that speaks one of 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05");
  EXPECT_EQ(Refusal("no_tools"),
            "initialize: did not start: the server has no tools: an environment is what its tools "
            "do: use another server");
}

TEST_P(McpEnvironmentTest, AListThatCannotBeOfferedIsRefused) {
  EXPECT_EQ(Refusal("circle"),
            "tools/list: did not start: the cursor \"again\" comes again: its pages have no end");
  EXPECT_EQ(Refusal("endless_pages"), "tools/list: did not start: more than 100 pages");
  EXPECT_EQ(Refusal("twice"),
            "tools/list: did not start: a second tool \"echo\": each needs a name of its own");
  EXPECT_EQ(Refusal("bad_schema"),
            "tool \"echo\": its inputSchema: required: \"text\" is no property: mend the server, "
            "or name the other "
            "tools in mcp.offered");
  EXPECT_EQ(Refusal("bad_name"),
            "tool \"say/again\": endpoints take letters, digits, \"_\" and \"-\" in the name of a "
            "function, at most 64: "
            "leave it out: name the others in mcp.offered");
  EXPECT_EQ(Echo("bad_name", "echo", "  offered: [echo]\n"), "\"abc\"");
  EXPECT_EQ(Refusal("sound", "  offered: [ecko]\n"),
            "mcp.offered: the server has no tool \"ecko\": did you mean \"echo\"?");
}

TEST_P(McpEnvironmentTest, EveryPageIsRead) {
  CatalogEnvironment desk = Describe("pages");
  const std::string before = desk.digest;
  const auto found = DiscoverTools(desk, options_);
  ASSERT_TRUE(found) << found.error().ToString();
  ASSERT_EQ(desk.tools.size(), 7u);
  EXPECT_EQ(desk.tools[6].name, "tool6");
  EXPECT_NE(desk.digest, before);
  EXPECT_EQ(desk.digest, DigestWithTools(before, desk.tools));
}

TEST_P(McpEnvironmentTest, OtherToolsThanWhenTheSuiteWasOpenedAreAFailure) {
  CatalogEnvironment desk = Describe("other_tools");
  ASSERT_TRUE(DiscoverTools(desk, options_));
  const auto started = Wait(Host().Start(SpecOf(desk)));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().ToString(),
            "environment \"desk\": its files, or the tools that the server lists, are others than "
            "when the suite was opened: "
            "pin its version, and "
            "give it nothing that changes");
}

TEST_P(McpEnvironmentTest, WhatToolsAnswerBecomesOneJsonText) {
  EXPECT_EQ(Echo("structured", "measure"), "{\"length\": 3}");
  EXPECT_EQ(Echo("fails"), "{\"error\": \"there is no ink\"}");
  EXPECT_EQ(Echo("refuses"), "{\"error\": \"unknown tool\"}");
  EXPECT_EQ(Echo("media"),
            "\"Look:\\n\\n[image, image/png, 6 bytes]\\n\\n[resource, a, file:///a]\\n\\nthe text "
            "of b\"");
  EXPECT_EQ(Echo("asks"), "\"[{}, -32601, -32601, -32601]\"");
  EXPECT_EQ(Echo("complains"), "\"done\"");
}

TEST_P(McpEnvironmentTest, AServerThatFailsACallIsKilledAndTheErrorSaysWhy) {
  EXPECT_EQ(Echo("exits_in_a_call"),
            "failed: the server: it ended with status 5; its last words: \"Traceback: out of paper\"");
  EXPECT_EQ(Echo("hangs_in_a_call", "echo", "  call_timeout_s: 0.3\n"),
            "failed: the server: no answer to tools/call within 300 ms; killed");
  EXPECT_EQ(Echo("floods"),
            "failed: the server: more than 1000 lines, requests and notifications, or 8 MiB of them, "
            "before an answer to tools/call; killed");
  EXPECT_EQ(Echo("floods_a_line"),
            "failed: the server: an answer of more than 4194304 bytes; killed");
  EXPECT_EQ(Echo("wrong_id"), "failed: the server: an answer that was not asked for; killed");
  EXPECT_EQ(Echo("structured_lie", "measure"),
            "failed: the server: tool \"measure\": its structured content is not what its output "
            "schema says: length: "
            "not of type \"integer\"");
  EXPECT_EQ(Echo("structured_missing", "measure"),
            "failed: the server: tool \"measure\": it declares an output schema and gave no "
            "structured content");
}

TEST_P(McpEnvironmentTest, AtTheDeadlineItIsToldThatTheCallIsCancelled) {
  const std::string what = Echo("waits_in_a_call", "echo", "  call_timeout_s: 0.5\n");
  EXPECT_EQ(what.find("failed: the server: no answer to tools/call within 500 ms; killed"), 0u)
      << what;
}

TEST_P(McpEnvironmentTest, ItsWorkingDirectoryIsItsState) {
  const auto server = StartServer("writes", "", "state: {files: {rota.txt: \"Monday\\n\"}}\n");
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(Wait(server->State()).content, "{\"files\": {\"rota.txt\": \"Monday\\n\"}}");
  EXPECT_EQ(Call(*server, "echo", R"({"text": "ä\n"})").content, "\"written\"");
  EXPECT_EQ(Wait(server->State()).content,
            "{\"files\": {\"bytes\": {\"bytes\": 2, \"sha256\": "
            "\"b3d510ef04275ca8e698e5b3cbb0ece3949ef9252f0cdc839e9ee347409a2209\"}, "
            "\"kept/a.txt\": \"ä\\n\", "
            "\"rota.txt\": \"Monday\\n\"}}");
}

TEST_P(McpEnvironmentTest, ATaskGivesItFilesAndNothingElse) {
  EnvironmentSpec spec = SpecOf(Describe("sound"));
  spec.state = R"({"files": {"../out": "x"}})";
  EXPECT_NE(Wait(Host().Start(spec))
                .error()
                .what.find("not a path below the working directory: '../out'"),
            std::string::npos);
  spec.state = R"({"files": {"a": 1}})";
  EXPECT_EQ(Wait(Host().Start(spec)).error().what, "state.files: \"a\" is no text");
}

TEST_P(McpEnvironmentTest, AToolsAnswerMayBePartOfTheState) {
  const auto server = StartServer("sound", "  snapshot: echo\n");
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(Wait(server->State()).content, "{\"files\": {}, \"snapshot\": \"nothing\"}");
}

TEST_P(McpEnvironmentTest, NothingOfTheHostIsReached) { EXPECT_EQ(Echo("attacks"), "\"nothing\""); }

TEST_P(McpEnvironmentTest, EachInstanceHasAServerOfItsOwnThatEndsWithIt) {
  OwnHost();
  {
    const auto one = StartServer("writes");
    const auto other = StartServer("writes");
    ASSERT_NE(one, nullptr);
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(Host().live(), 2);
    Call(*one, "echo", R"({"text": "mine"})");
    EXPECT_EQ(Wait(other->State()).content, "{\"files\": {}}");
  }
  EXPECT_EQ(Host().live(), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, McpEnvironmentTest, testing::Values("bubblewrap"), KindName);

class McpUnderLandlock : public SandboxTest {};

TEST_P(McpUnderLandlock, IsRefused) {
  Write("desk/environment.yaml",
        "name: desk\ndescription: A desk.\nmcp: {command: [python3, x]}\n");
  const auto described = ReadCatalogEnvironment(directory_ + "/desk");
  ASSERT_TRUE(described) << described.error().ToString();
  const auto started = Wait(Host().Start(SpecOf(*described)));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().ToString(),
            "environment \"desk\": an MCP server runs in bubblewrap or not at all: landlock alone "
            "bounds neither its "
            "files nor its processes: `axiometer doctor` says what to enable");
}

INSTANTIATE_TEST_SUITE_P(Kinds, McpUnderLandlock, testing::Values("landlock"), KindName);

}  // namespace
}  // namespace axiometer
