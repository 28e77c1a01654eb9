#include "judges/agent_valuebench_harness.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/python_json.h"

namespace axiometer {
namespace {

using Words = std::vector<std::string>;

TEST(ShellWords, SplitsAsPythonsShlexDoes) {
  EXPECT_EQ(ShellWords(R"(a 'b c' "d \" e\n" f\ g)"), (Words{"a", "b c", "d \" e\\n", "f g"}));
  EXPECT_EQ(ShellWords("'' x"), (Words{"", "x"}));
  EXPECT_EQ(ShellWords("a\"b\"'c'"), Words{"abc"});
  EXPECT_EQ(ShellWords("a\\\nb"), Words{"a\nb"});
  EXPECT_EQ(ShellWords(R"(x "\$y\\")"), (Words{"x", "\\$y\\"}));
  EXPECT_EQ(ShellWords("a\t#b\r\nc"), (Words{"a", "#b", "c"}));
  EXPECT_TRUE(ShellWords("open 'quote").empty());
  EXPECT_TRUE(ShellWords("end\\").empty());
}

TEST(PythonRepr, QuotesAsPythonDoes) {
  const Json value = {"bash", "it's",  "say \"x\"", "both ' \"", "tab\t\x07é",
                      1.0,    nullptr, true,        {{"k", {1}}}};
  EXPECT_EQ(
      PythonRepr(value),
      R"(['bash', "it's", 'say "x"', 'both \' "', 'tab\t\x07é', 1.0, None, True, {'k': [1]}])");
}

TEST(HarnessToolLog, EachObjectIsAStepNumberedByItsLine) {
  const Result<Json> log = NormalizedToolLog(
      "{\"timestamp\": 1.5, \"tool_name\": \"look\", \"arguments\": {\"a\": 1}, \"result\": "
      "{\"success\": true}, "
      "\"allowed\": true}\n\n[1]\n{\"tool_name\": null}\n",
      "x.jsonl");
  ASSERT_TRUE(log) << log.error().ToString();
  EXPECT_EQ(
      DumpJson(*log),
      R"({"final_answer":"","steps":[{"step":"jsonl_0001","assistant_output":"","tool_calls":[{"id":"jsonl_0001",)"
      R"("name":"look","arguments":{"a":1},"allowed":true,"timestamp":1.5}],"tool_responses":[{"tool_call_id":)"
      R"("jsonl_0001","name":"look","content":{"success":true}}]},{"step":"jsonl_0004","assistant_output":"",)"
      R"("tool_calls":[{"id":"jsonl_0004","name":"","arguments":null,"allowed":null,"timestamp":null}],)"
      R"("tool_responses":[{"tool_call_id":"jsonl_0004","name":"","content":null}]}]})");
  const Result<Json> broken = NormalizedToolLog("{}\n{", "x.jsonl");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().ToString(), "x.jsonl:2: not valid JSON");
}

Json Steps(const char* steps) {
  const std::optional<Json> parsed = ParsePythonJson(steps);
  return NormalizedHarbor({{"schema_version", "ATIF-v1.2"}, {"steps", *parsed}});
}

TEST(HarborFile, CommandsBecomeTheCallsWithinThem) {
  const Json file = Steps(R"([
    {"source": "System", "message": "s"},
    {"step_id": 2, "source": "agent", "message": "Looking.", "reasoning_content": "hm",
     "tool_calls": [{"tool_call_id": "c", "function_name": "shell", "arguments":
       {"command": "cd /app && python3 /app/tool_harness.py look '{\"a\": 1}' && python3 tool_harness.py list; python3 tool_harness.py take bad"}}],
     "observation": {"results": [{"content": "Exit code: 0\nOutput:\n{\"x\": 1}\n---\n{\"y\": 2}\n---\n{}\n[stdout]\nrest"}]}}])");
  ASSERT_EQ(file["steps"].size(), 1u);
  const Json& step = file["steps"][0];
  EXPECT_EQ(step["step"], 2);
  EXPECT_EQ(step["assistant_output"], "Looking.\n\n[REASONING_CONTENT]\nhm");
  ASSERT_EQ(step["tool_calls"].size(), 3u);
  EXPECT_EQ(step["tool_calls"][0]["id"], "c:1");
  EXPECT_EQ(step["tool_calls"][0]["name"], "look");
  EXPECT_EQ(step["tool_calls"][0]["arguments"]["a"], 1);
  EXPECT_EQ(step["tool_calls"][0]["harness_wrapper_tool"], "shell");
  // The semicolon is part of its word, as shlex has it.
  EXPECT_EQ(step["tool_calls"][1]["name"], "list;");
  EXPECT_EQ(step["tool_calls"][1]["arguments"], "python3");
  EXPECT_EQ(step["tool_calls"][2]["arguments"], "bad");
  ASSERT_EQ(step["tool_responses"].size(), 3u);
  EXPECT_EQ(step["tool_responses"][1]["content"], "{\"y\": 2}");
  EXPECT_EQ(file["final_answer"], "Looking.");
}

TEST(HarborFile, AnObservationThatCannotBeDividedBelongsToAllCalls) {
  const Json file =
      Steps(R"([{"source": "agent", "message": "", "tool_calls": [{"id": "a", "name": "x"},
    {"id": "b", "name": "y", "arguments": "no object"}], "observation": {"results": [{"content": "one"}, 2, 3]}}])");
  const Json& step = file["steps"][0];
  EXPECT_EQ(step["step"], "s1");
  EXPECT_EQ(DumpJson(step["tool_calls"]),
            R"([{"id":"a","name":"x","arguments":{}},{"id":"b","name":"y","arguments":{}}])");
  EXPECT_EQ(DumpJson(step["tool_responses"]),
            R"([{"tool_call_id":"a,b","tool_call_ids":["a","b"],"name":"combined_harness_output",)"
            R"("content":["one",2,3]}])");
}

TEST(HarborFile, StepsWithNothingAreDroppedAndOthersKeepWhatTheyHave) {
  const Json file = Steps(R"([{"source": "agent", "message": null}, {"message": "  Done. "}, 7,
    {"step": "last", "observation": "seen"}])");
  EXPECT_EQ(DumpJson(file["steps"]),
            R"([{"step":"s2","assistant_output":"  Done. "},)"
            R"({"step":"last","assistant_output":"","tool_call":null,"tool_response":"seen"}])");
  EXPECT_EQ(file["final_answer"], "Done.");
}

}  // namespace
}  // namespace axiometer
