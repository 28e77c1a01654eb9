#include "environments/catalog.h"

#include "tests/environments/sandbox_fixture.h"

namespace axiometer {
namespace {

class CatalogTest : public testing::Test {
 protected:
  Result<CatalogEnvironment> Read(const std::string& yaml) {
    folder_.Write("desk/environment.yaml", yaml);
    folder_.Write("desk/environment.py", "");
    return ReadCatalogEnvironment(folder_.path() + "/desk");
  }
  std::string Wrong(const std::string& yaml) {
    const auto environment = Read(yaml);
    if (environment) return "";
    const std::string text = environment.error().ToString();
    const std::string start = folder_.path() + "/desk/";
    return text.starts_with(start) ? text.substr(start.size()) : text;
  }

  TemporaryFolder folder_;
};

constexpr char kHead[] = "name: desk\ndescription: A desk.\n";
constexpr char kTools[] =
    "tools:\n"
    "  - name: open_drawer\n"
    "    description: Opens a drawer.\n"
    "    parameters: {type: object, properties: {number: {type: integer}}, required: [number]}\n";

TEST_F(CatalogTest, AFolderIsRead) {
  const auto desk = Read(std::string(kHead) + kTools +
                         "state: {drawers: {1: key}, now: \"2026-01-01T08:00:00\"}\n");
  ASSERT_TRUE(desk) << desk.error().ToString();
  EXPECT_EQ(desk->name, "desk");
  EXPECT_EQ(desk->title, "desk");
  EXPECT_EQ(desk->directory, folder_.path() + "/desk");
  ASSERT_EQ(desk->tools.size(), 1u);
  EXPECT_EQ(desk->tools[0].name, "open_drawer");
  EXPECT_EQ(desk->tools[0].description, "Opens a drawer.");
  EXPECT_EQ(
      desk->tools[0].parameters,
      R"({"type":"object","properties":{"number":{"type":"integer"}},"required":["number"]})");
  EXPECT_EQ(desk->state, R"({"drawers":{"1":"key"},"now":"2026-01-01T08:00:00"})");
  EXPECT_EQ(desk->digest.size(), 64u);
}

TEST_F(CatalogTest, TheDigestCoversTheCode) {
  const std::string yaml = std::string(kHead) + kTools + "state: {}\n";
  const std::string before = Read(yaml)->digest;
  EXPECT_EQ(Read(yaml)->digest, before);
  folder_.Write("desk/environment.py", "x = 1\n");
  EXPECT_NE(ReadCatalogEnvironment(folder_.path() + "/desk")->digest, before);
}

TEST_F(CatalogTest, MistakesAreToldWithTheirPlace) {
  const std::string state = "state: {}\n";
  EXPECT_EQ(Wrong("name: table\ndescription: A desk.\n" + std::string(kTools) + state),
            "environment.yaml:1:7: name: \"table\" is not the folder's name \"desk\"");
  EXPECT_EQ(Wrong(std::string(kHead) + "tools: []\n" + state),
            "environment.yaml:3:8: tools: no tools");
  EXPECT_EQ(Wrong(std::string(kHead) + kTools + std::string(kTools).substr(7) + state),
            "environment.yaml:7:5: tools[1]: a second tool \"open_drawer\"");
  EXPECT_EQ(Wrong(std::string(kHead) +
                  "tools:\n  - {name: Open, description: x, parameters: {type: object}}\n" + state),
            "environment.yaml:4:12: tools[0].name: not a tool's name: \"Open\": "
            "lower case letters, digits and _, a letter first, at most 64");
  EXPECT_EQ(Wrong(std::string(kHead) +
                  "tools:\n  - {name: open, description: x, parameters: {type: array}}\n" + state),
            "environment.yaml:4:46: tools[0].parameters: expected a JSON schema of type object");
  EXPECT_NE(
      Wrong(std::string(kHead) + kTools + "state: [1]\n").find("environment.yaml:7:8: state: "),
      std::string::npos);
  EXPECT_NE(Wrong(std::string(kHead) + kTools).find("state"), std::string::npos);
}

TEST_F(CatalogTest, AMissingFileIsNamed) {
  folder_.Write("desk/environment.yaml", std::string(kHead) + kTools + "state: {}\n");
  const auto desk = ReadCatalogEnvironment(folder_.path() + "/desk");
  ASSERT_FALSE(desk);
  EXPECT_NE(desk.error().ToString().find("environment.py"), std::string::npos)
      << desk.error().ToString();
}

TEST_F(CatalogTest, AnUnknownNameGetsTheNearest) {
  ASSERT_TRUE(Read(std::string(kHead) + kTools + "state: {}\n"));
  folder_.Write("notes/readme", "");
  EXPECT_EQ(ListCatalog(folder_.path()), std::vector<std::string>{"desk"});
  EXPECT_TRUE(FindCatalogEnvironment(folder_.path(), "desk"));
  EXPECT_EQ(FindCatalogEnvironment(folder_.path(), "dekk").error().ToString(),
            "unknown environment \"dekk\": did you mean \"desk\"?");
  EXPECT_EQ(FindCatalogEnvironment(folder_.path(), "../desk").error().kind, ErrorKind::kBadInput);
}

TEST_F(CatalogTest, AnMcpServerIsDescribed) {
  folder_.Write("desk/node_modules/a.js", "");
  folder_.Write("desk/files/notes/a.txt", "a");
  folder_.Write("desk/files/b.txt", "b");
  const std::string mcp =
      "mcp:\n"
      "  command: [python3, \"{{FOLDER}}/server.py\", \"{{FILES}}\"]\n"
      "  read_only: [node_modules]\n"
      "  variables: {PLACE: \"{{FILES}}/x\"}\n"
      "  snapshot: look\n"
      "  call_timeout_s: 1.5\n"
      "state: {files: {b.txt: c}}\n";
  const auto desk = Read(kHead + mcp);
  ASSERT_TRUE(desk) << desk.error().ToString();
  ASSERT_TRUE(desk->mcp);
  const std::string folder = folder_.path() + "/desk";
  EXPECT_EQ(desk->flavour(), std::string("mcp"));
  EXPECT_EQ(desk->mcp->command,
            (std::vector<std::string>{"/usr/bin/python3", folder + "/server.py", "/files"}));
  EXPECT_EQ(desk->mcp->readable, (std::vector<std::string>{folder, folder + "/node_modules"}));
  EXPECT_EQ(desk->mcp->variables.at("PLACE"), "/files/x");
  EXPECT_EQ(desk->mcp->call_ms, 1500);
  EXPECT_FALSE(desk->mcp->start_ms);
  EXPECT_EQ(desk->state, R"({"files":{"b.txt":"c","notes/a.txt":"a"},"snapshot":null})");
  EXPECT_TRUE(desk->tools.empty());
  // What is beside the server counts, what it only reads does not.
  folder_.Write("desk/node_modules/a.js", "x");
  EXPECT_EQ(Read(kHead + mcp)->digest, desk->digest);
  folder_.Write("desk/server.py", "x");
  EXPECT_NE(Read(kHead + mcp)->digest, desk->digest);
}

TEST_F(CatalogTest, MistakesOfAnMcpServerAreToldWithTheirPlace) {
  const auto wrong = [this](const std::string& mcp) { return Wrong(std::string(kHead) + "mcp: " + mcp + "\n"); };
  EXPECT_EQ(wrong("{command: []}"),
            "environment.yaml:3:16: mcp.command: no program: a list: the program and its arguments");
  EXPECT_EQ(wrong("{command: [nodee]}"),
            "environment.yaml:3:17: mcp.command[0]: no program \"nodee\" in /usr/local/bin or /usr/bin: install it, or "
            "give its path, with its folder in read_only");
  EXPECT_EQ(wrong("{command: [/bin/sh]}"),
            "environment.yaml:3:17: mcp.command[0]: \"/bin/sh\" does not exist in the sandbox: name its folder in "
            "read_only");
  EXPECT_EQ(wrong("{command: [python3, \"{{FOLDR}}/x\"]}"),
            "environment.yaml:3:26: mcp.command[1]: unknown place {{FOLDR}}: did you mean \"FOLDER\"?");
  EXPECT_EQ(wrong("{command: [python3], read_only: [node_modules]}"),
            "environment.yaml:3:39: mcp.read_only[0]: no folder \"node_modules\" in " + folder_.path() +
                "/desk: make it (npm install --prefix FOLDER PACKAGE@VERSION), or name another");
  EXPECT_EQ(wrong("{command: [python3], comand: x}"),
            "environment.yaml:3:27: mcp: unknown key \"comand\": did you mean \"command\"?");
  EXPECT_EQ(Wrong(std::string(kHead) + kTools + "mcp: {command: [python3]}\n"),
            "environment.yaml:4:3: tools: an MCP server lists its tools itself: take \"tools\" out; mcp.offered picks "
            "some");
  folder_.Write("desk/files/a", "\xff");
  EXPECT_EQ(wrong("{command: [python3]}"),
            "files/a: not UTF-8 text: what a server only reads goes into a folder of read_only");
}

// The built-in ones: every one starts, and every tool is a method.
TEST(BuiltInCatalog, EveryEnvironmentStartsAndHasItsTools) {
  const std::string catalog = AXIOMETER_TEST_DIR "/../environments/catalog";
  const std::vector<std::string> names = ListCatalog(catalog);
  if (names.empty()) GTEST_SKIP() << "no environments in " << catalog;
  Loop loop;
  const auto host = MakeEnvironmentHost(loop, TestOptions(""), {catalog});
  if (!host) GTEST_SKIP() << host.error().ToString();
  auto visit = [](EnvironmentHost& host, const CatalogEnvironment& described) -> Async<void> {
    EnvironmentSpec spec;
    spec.directory = described.directory;
    spec.name = described.name;
    spec.state = described.state;
    auto environment = co_await host.Start(spec);
    EXPECT_TRUE(environment) << environment.error().ToString();
    if (!environment) co_return;
    for (const CatalogTool& tool : described.tools) {
      const std::string arguments = "{}";
      const CallResult result = co_await (*environment)->Call(tool.name, arguments);
      EXPECT_EQ(result.status, CallResult::Status::kAnswered) << tool.name << ": " << result.error;
      EXPECT_EQ(result.content.find("unknown tool"), std::string::npos)
          << described.name << ": " << tool.name;
    }
  };
  for (const std::string& name : names) {
    const auto described = ReadCatalogEnvironment(catalog + "/" + name);
    ASSERT_TRUE(described) << described.error().ToString();
    loop.Spawn(visit(**host, *described));
    loop.Run();
  }
}

}  // namespace
}  // namespace axiometer
