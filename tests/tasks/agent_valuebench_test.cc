#include "tasks/agent_valuebench.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

// A made-up checkout of the same shape: two cases, one environment.
class AgentValueBenchTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* file : {"environment/BaseEnv.py", "environment/EnvManager.py", "environment/__init__.py",
                             "configs/value_systems.json", "TrajGen/tir_agent_eval_openai.py", "ValueEval/prompts.py",
                             "ValueEval/rubric_trajectory_judge.py", "core/__init__.py"}) {
      folder_.Write(file, "x");
    }
    folder_.Write("environment/Shop.py", "import json\n");
    folder_.Write("environment/Shop.json", R"({"env_name": "Shop", "description": "d",
      "default_initial_parameters": {"stock": {"tea": {"n": 1.0, "p": 2}}, "log": [1]},
      "tools": [{"name": "list", "description": "é", "parameters": {"type": "object", "properties": {}, "anyOf": [1]}},
                {"name": "buy", "description": "", "parameters": {"properties": {"n": {"type": "number"}}}}]})");
    WriteCase("case_00002", "tea_again", "[\"buy\"]");
    WriteCase("case_00003", "tea", "[\"buy\", \"list\"]");
    texts_.cases = {"case_00002", "case_00003"};
    texts_.system = {"s2", "s3"};
    texts_.user = {"u2", "u3"};
    texts_.judge_system = "js";
    texts_.judge_template = "jt";
  }
  void WriteCase(const std::string& stem, const std::string& name, const std::string& functions,
                 const std::string& environment = "Shop") {
    folder_.Write("case/" + stem + ".json",
                  R"({"case_name": ")" + name + R"(", "environment": ")" + environment +
                      R"(", "value_system": "vs", "value_items": ["Thrift", "Care"], "task_description": "t",
                      "env_initial_parameters": {"log": [], "stock": {"tea": {"p": 3, "q": null}}}, "function_list": )" +
                      functions + "}");
    WriteRubric(stem, name, "3");
  }
  void WriteRubric(const std::string& stem, const std::string& name, const std::string& weight) {
    const std::string rest = R"("QUESTION": "q", "SCORE_2": "two", "SCORE_1": "one", "SCORE_0": "none", "LOOK_FOR": "l"})";
    folder_.Write("rubric/" + stem + "_rubric.json",
                  R"({"CASE_NAME": ")" + name + R"(", "STATUS": "OK", "VALUE_A_ITEMS": [{"ITEM_ID": "A_ITEM_1",
                  "SOURCE_CHECKPOINT": "a_cp1", "WEIGHT": )" + weight + ", " + rest +
                      R"(], "VALUE_B_ITEMS": [{"ITEM_ID": "B_ITEM_2a", "SOURCE_CHECKPOINT": "b", "WEIGHT": 5, )" + rest + "]}");
  }
  Result<std::unique_ptr<AgentValueBench>> Open(ToolSchemaFamily family = ToolSchemaFamily::kAsReleased) const {
    return AgentValueBench::Open(folder_.path(), family, texts_);
  }
  // Errors without the folder.
  std::string WithoutFolder(std::string message) const {
    const std::string prefix = std::filesystem::canonical(folder_.path()).string();
    if (message.rfind(prefix, 0) == 0) message.erase(0, prefix.size());
    return message;
  }
  std::string OpenError() const {
    const auto source = Open();
    return source ? "no error" : WithoutFolder(source.error().ToString());
  }
  std::string LoadError(size_t index) const {
    const auto source = Open();
    if (!source) return source.error().ToString();
    const auto task = (*source)->Load(index);
    return task ? "no error" : WithoutFolder(task.error().ToString());
  }

  TemporaryFolder folder_;
  AgentValueBenchTexts texts_;
};

TEST_F(AgentValueBenchTest, ACaseIsReadWhole) {
  const auto source = Open();
  ASSERT_TRUE(source) << source.error().ToString();
  ASSERT_EQ((*source)->refs().size(), 2u);
  EXPECT_EQ((*source)->refs()[1].id, "agent-valuebench/case_00003");
  const auto task = *(*source)->Load(1);
  EXPECT_EQ(task->digest, (*source)->refs()[1].digest);
  EXPECT_EQ(task->title, "tea");
  EXPECT_EQ(task->pole_b, "Care");
  EXPECT_EQ(task->tool_names, (std::vector<std::string>{"buy", "list"}));
  EXPECT_EQ(task->known_tools, (std::vector<std::string>{"list", "buy"}));
  EXPECT_EQ(task->state, R"({"stock": {"tea": {"n": 1.0, "p": 3, "q": null}}, "log": []})");
  EXPECT_EQ(task->tools,
            R"([{"type": "function", "function": {"name": "buy", "description": "", "parameters": {"properties": )"
            R"({"n": {"type": "number"}}}}}, {"type": "function", "function": {"name": "list", "description": "é", )"
            R"("parameters": {"type": "object", "properties": {}, "anyOf": [1]}}}])");
  EXPECT_EQ(task->opening[0].text, "s3");
  EXPECT_EQ(task->opening[1].text, "u3");
  ASSERT_EQ(task->rubric.size(), 2u);
  EXPECT_EQ(task->rubric[0].weight, 3);
  EXPECT_EQ(task->rubric[1].id, "B_ITEM_2a");
  EXPECT_EQ(task->rubric[1].anchors[2], "two");
  EXPECT_EQ(task->rubric_source.substr(0, 40), "{\n  \"CASE_NAME\": \"tea\",\n  \"STATUS\": \"OK\"");
  EXPECT_EQ(task->tags.at("environment"), "Shop");
}

TEST_F(AgentValueBenchTest, RootCombinatorsGoForSomeFamiliesOnly) {
  EXPECT_EQ(ToolSchemaFamilyOf("openai/GPT-4o"), ToolSchemaFamily::kWithoutRootCombinators);
  EXPECT_EQ(ToolSchemaFamilyOf("claude-3"), ToolSchemaFamily::kWithoutRootCombinators);
  EXPECT_EQ(ToolSchemaFamilyOf("moonshot/kimi-k2.5"), ToolSchemaFamily::kWithoutRootCombinators);
  EXPECT_EQ(ToolSchemaFamilyOf("gpt/llama-3"), ToolSchemaFamily::kAsReleased);
  EXPECT_EQ(ToolSchemaFamilyOf("chatgpt"), ToolSchemaFamily::kAsReleased);
  const auto source = Open(ToolSchemaFamily::kWithoutRootCombinators);
  EXPECT_EQ((*(*source)->Load(1))->tools.find("anyOf"), std::string::npos);
  EXPECT_EQ((*source)->refs()[1].digest, (*Open())->refs()[1].digest);
}

TEST_F(AgentValueBenchTest, OneModelIsNeverAskedForParallelCalls) {
  EXPECT_EQ(ForcedParallelToolCalls("qwen/Qwen3-30B-A3B"), false);
  EXPECT_EQ(ForcedParallelToolCalls("qwen3-30b-a3b-instruct"), std::nullopt);
}

TEST_F(AgentValueBenchTest, TheDigestFollowsEveryFileOfATask) {
  const auto digest = [&](size_t index) { return (*Open())->refs()[index].digest; };
  const std::string before = digest(1);
  WriteCase("case_00002", "changed", "[\"buy\"]");
  EXPECT_EQ(digest(1), before);
  WriteRubric("case_00003", "tea", "4");
  const std::string with_rubric = digest(1);
  EXPECT_NE(with_rubric, before);
  folder_.Write("environment/Shop.py", "import json  # changed\n");
  const std::string with_python = digest(1);
  EXPECT_NE(with_python, with_rubric);
  texts_.user[1] = "other";
  EXPECT_NE(digest(1), with_python);
}

TEST_F(AgentValueBenchTest, DateutilIsSeenInTheEnvironment) {
  EXPECT_FALSE((*Open())->needs_dateutil(0));
  folder_.Write("environment/Shop.py", "from dateutil.parser import parse\n");
  EXPECT_TRUE((*Open())->needs_dateutil(0));
}

TEST_F(AgentValueBenchTest, AFolderThatIsNoCheckoutIsNamed) {
  const std::string hint = ": expected a checkout of https://github.com/ValueByte-AI/Agent-ValueBench";
  EXPECT_EQ(AgentValueBench::Open("/nonexistent", ToolSchemaFamily::kAsReleased, {}).error().ToString(),
            "/nonexistent: no such folder" + hint);
  std::filesystem::remove(folder_.path() + "/ValueEval/prompts.py");
  EXPECT_EQ(OpenError(), ": no file \"ValueEval/prompts.py\"" + hint);
  std::filesystem::remove_all(folder_.path() + "/rubric");
  EXPECT_EQ(OpenError(), ": no folder \"rubric\"" + hint);
}

TEST_F(AgentValueBenchTest, BrokenFilesAreNamed) {
  WriteRubric("case_00002", "tea_again", "\"high\"");
  EXPECT_EQ(LoadError(0), "/rubric/case_00002_rubric.json: VALUE_A_ITEMS[0].WEIGHT: expected 1 to 5, got \"high\"");
  WriteRubric("case_00002", "tea", "1");
  EXPECT_EQ(LoadError(0), "/rubric/case_00002_rubric.json: CASE_NAME: the case is called \"tea_again\", not \"tea\"");
  WriteCase("case_00002", "x", "[\"sell\"]");
  EXPECT_EQ(LoadError(0), "/case/case_00002.json: function_list: environment \"Shop\" has no tool \"sell\"");
  folder_.Write("environment/Shop.json", "{\"tools\": [");
  EXPECT_EQ(LoadError(0).substr(0, 24), "/environment/Shop.json:1");
  WriteCase("case_00002", "x", "[]", "../etc");
  EXPECT_EQ(OpenError(), "/case/case_00002.json: environment: no pair \"../etc.json\" and \"../etc.py\" in the folder \"environment\"");
  folder_.Write("case/case_00002.json", "oops");
  EXPECT_EQ(OpenError(), "/case/case_00002.json: \"environment\" is missing or not text");
  std::filesystem::remove(folder_.path() + "/rubric/case_00002_rubric.json");
  EXPECT_EQ(OpenError(), "/rubric/case_00002_rubric.json: cannot be read: No such file or directory");
  texts_.cases.pop_back();
  EXPECT_EQ(OpenError(), ": its runner rendered 1 cases, the folder \"case\" holds 2");
}

TEST_F(AgentValueBenchTest, ADifferenceIsRefusedOrNoted) {
  auto source = std::move(*Open());
  EXPECT_EQ(source->CheckDigests(false).error().ToString(),
            std::filesystem::canonical(folder_.path()).string() +
                ": the judge's system message differs from the release: SHA-256 " + Sha256("js").substr(0, 16) +
                "…, released 3c2a09722be4e5a7…: use an unmodified checkout, or --allow-modified-data (scores are then "
                "not official)");
  EXPECT_TRUE(source->CheckDigests(true));
  EXPECT_EQ(source->notes().size(), 4u);  // licence, subset, two differences
  EXPECT_EQ(source->notes()[1], "2 cases are there, not the released 4,335");
}

TEST(AgentValueBenchTexts, AreReadLineByLine) {
  const auto texts = ParseAgentValueBenchTexts(
      "{\"judge_system\": \"a\", \"judge_template\": \"b\"}\n{\"case\": \"case_1\", \"system\": \"s\", \"user\": \"u\\n\"}\n");
  ASSERT_TRUE(texts);
  EXPECT_EQ(texts->judge_template, "b");
  EXPECT_EQ(texts->user, std::vector<std::string>{"u\n"});
  EXPECT_EQ(ParseAgentValueBenchTexts("").error().ToString(), "texts of Agent-ValueBench: empty");
  EXPECT_EQ(ParseAgentValueBenchTexts("{}\n").error().ToString(),
            "texts of Agent-ValueBench, line 1: \"judge_system\" is missing");
}

// The released data, where AXIOMETER_AVB_DATA names a checkout. The renderer runs unconfined here:
// this is our own test machine and the released code.
TEST(ReleasedAgentValueBench, HasTheCountsAndDigestsOfTheProtocol) {
  const char* directory = std::getenv("AXIOMETER_AVB_DATA");
  if (directory == nullptr) GTEST_SKIP() << "AXIOMETER_AVB_DATA names no checkout";
  const std::string root = std::filesystem::path(AXIOMETER_TEST_DIR).parent_path().string();
  const TemporaryFolder folder;
  folder.Write("input", "{\"directory\": \"" + std::string(directory) + "\"}");
  const std::string command = "python3 -I " + root + "/tasks/python/render_agent_valuebench.py < " + folder.path() +
                              "/input > " + folder.path() + "/output";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(folder.path() + "/output");
  const std::string output((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());

  Result<AgentValueBenchTexts> texts = ParseAgentValueBenchTexts(output);
  ASSERT_TRUE(texts) << texts.error().ToString();
  for (const ToolSchemaFamily family : {ToolSchemaFamily::kAsReleased, ToolSchemaFamily::kWithoutRootCombinators}) {
    auto source = AgentValueBench::Open(directory, family, *texts);
    ASSERT_TRUE(source) << source.error().ToString();
    EXPECT_TRUE((*source)->is_whole());
    const Result<void> checked = (*source)->CheckDigests(false);
    EXPECT_TRUE(checked) << checked.error().ToString();
    EXPECT_TRUE((*source)->has_released_files());
    const Result<std::vector<std::string>> rendered = (*source)->RenderedDifferences();
    ASSERT_TRUE(rendered) << rendered.error().ToString();
    EXPECT_EQ(*rendered, std::vector<std::string>());
    if (family != ToolSchemaFamily::kAsReleased) continue;
    size_t items = 0;
    size_t with_dateutil = 0;
    size_t with_combinator = 0;
    std::map<std::string, int> systems;
    std::map<std::string, int> environments;
    std::map<size_t, int> tools;
    for (size_t i = 0; i < (*source)->refs().size(); ++i) {
      const auto task = (*source)->Load(i);
      ASSERT_TRUE(task) << task.error().ToString();
      items += (*task)->rubric.size();
      with_dateutil += (*source)->needs_dateutil(i) ? 1 : 0;
      ++systems[(*task)->value_system];
      ++environments[(*task)->environment];
      ++tools[(*task)->tool_names.size()];
      bool combinator = false;
      const Json offered = *ParseJson((*task)->tools, "tools");
      for (const Json& tool : offered) {
        for (const char* key : {"anyOf", "oneOf", "allOf"}) {
          combinator = combinator || tool["function"]["parameters"].contains(key);
        }
      }
      with_combinator += combinator ? 1 : 0;
    }
    EXPECT_EQ(items, 24'598u);
    EXPECT_EQ(with_dateutil, 13u);
    EXPECT_EQ(with_combinator, 147u);
    EXPECT_EQ(systems.size(), 28u);
    EXPECT_EQ(systems["svs"], 2110);
    EXPECT_EQ(environments.size(), 394u);
    EXPECT_EQ(tools[2], 26);
    EXPECT_EQ(tools[5], 1430);
    EXPECT_EQ(tools[11], 1);
  }
}

}  // namespace
}  // namespace axiometer
