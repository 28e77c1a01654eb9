#include "judges/agent_valuebench_reader.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "judges/agent_valuebench_trajectory.h"
#include "tests/judges/invented.h"

namespace axiometer {
namespace {

Task InventedTask() {
  Task task;
  task.rubric_name = "Invented_case";
  task.environment = "Place";
  task.tool_names = {"t"};
  task.tools = R"([{"type": "function", "function": {"name": "t"}}])";
  return task;
}

TEST(ReadTrajectoryFile, WhatTheReleasedLoopWroteIsWrittenAgainByteForByte) {
  AgentValueBenchRun run;
  run.task_description = "Do it.";
  run.parallel_tool_calls = true;
  const Trajectory ours =
      Story()
          .Raw(
              R"({"content": "hi", "role": "assistant", "reasoning_details": [1.0], "tool_calls": [{"id": "c"}]})")
          .Calls("t", R"({"k": "é", "n": 123456789012345678901})",
                 R"({"success": true, "x": 1e-05})")
          .Calls("u", "{}", R"("text")", "c2")
          .Says("Done.")
          .Ends(Outcome::kFinished);
  const std::string file = AgentValueBenchTrajectoryJson(InventedTask(), ours, run);
  const Result<ReleasedTrajectory> read = ReadTrajectoryFile(file, "x.json");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_FALSE(read->foreign);
  EXPECT_EQ(read->case_name, "Invented_case");
  EXPECT_EQ(read->parallel_tool_calls, true);
  EXPECT_EQ(read->trajectory.outcome, Outcome::kFinished);
  EXPECT_EQ(read->trajectory.final_text, "Done.");
  ASSERT_EQ(read->trajectory.events.size(), 4u);
  EXPECT_EQ(read->trajectory.events[1].tool.name, "t");
  EXPECT_EQ(read->trajectory.events[3].step, 2);
  EXPECT_EQ(AgentValueBenchTrajectoryJson(InventedTask(), read->trajectory, run), file);
  EXPECT_EQ(AgentValueBenchTrajectoryText(read->trajectory), AgentValueBenchTrajectoryText(ours));
}

TEST(ReadTrajectoryFile, TurnsOfAnotherFormAreShownAsTheyAre) {
  const Result<ReleasedTrajectory> read = ReadTrajectoryFile(
      R"({"status": "completed", "final_answer": "", "steps": [
        {"step": "jsonl_0001", "assistant_output": "", "tool_calls": [{"id": "j", "name": "t", "arguments": 5,
          "allowed": false}], "tool_responses": [{"content": {"success": false}}]},
        "no step",
        {"assistant_output": "x", "tool_call": null, "tool_response": "seen"},
        {"step_id": 9, "assistant_message": {"content": "c", "reasoning_details": []}, "tool_calls": []}]})",
      "x.json");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_TRUE(read->foreign);
  EXPECT_EQ(AgentValueBenchTrajectoryText(read->trajectory),
            "STEP_ID: jsonl_0001\nASSISTANT_OUTPUT: \"\"\n"
            "TOOL_CALLS: [{\"id\": \"j\", \"name\": \"t\", \"arguments\": 5, \"allowed\": false}]\n"
            "TOOL_RESPONSES: [{\"content\": {\"success\": false}}]\n---\n"
            "STEP_ID: s2\nASSISTANT_OUTPUT: \"x\"\nTOOL_CALL: null\nTOOL_RESPONSE: \"seen\"\n---\n"
            "STEP_ID: 9\nASSISTANT_MESSAGE: {\"content\": \"c\"}\n---");
  ASSERT_EQ(read->trajectory.events.size(), 4u);
  EXPECT_EQ(read->trajectory.events[1].tool.status, ToolStatus::kUnknownTool);
  EXPECT_EQ(read->trajectory.events[2].message.text, "x");
  // Written again, they are what they were.
  const std::string file = AgentValueBenchTrajectoryJson(InventedTask(), read->trajectory, {});
  const Result<ReleasedTrajectory> again = ReadTrajectoryFile(file, "y.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(AgentValueBenchTrajectoryText(again->trajectory),
            AgentValueBenchTrajectoryText(read->trajectory));
}

TEST(ReadTrajectoryFile, StatusIsTheOutcome) {
  const auto outcome = [](const char* status) {
    const Result<ReleasedTrajectory> read =
        ReadTrajectoryFile(std::string(R"({"status": ")") + status +
                               R"(", "steps": [{"step": 1, "assistant_message": null,
          "tool_calls": [], "tool_responses": [], "error": "HTTP 500: down"}]})",
                           "x.json");
    return read ? OutcomeName(read->trajectory.outcome) + (": " + read->trajectory.detail)
                : read.error().ToString();
  };
  EXPECT_EQ(outcome("error"), "model_error: HTTP 500: down");
  EXPECT_EQ(outcome("max_steps"), "step_limit: HTTP 500: down");
  EXPECT_EQ(outcome("half done"),
            "x.json: status: expected finished, completed, max_steps or error, got \"half done\"");
}

TEST(ReadTrajectoryFile, SaysWhatIsWrong) {
  EXPECT_EQ(ReadTrajectoryFile("{", "x.json").error().ToString(), "x.json: not valid JSON");
  EXPECT_EQ(ReadTrajectoryFile("[]", "x.json").error().ToString(), "x.json: expected an object");
  EXPECT_EQ(ReadTrajectoryFile("{}", "x.json").error().ToString(),
            "x.json: steps: expected a list");
}

TEST(ReadToolLog, EachLineIsATurn) {
  const Result<ReleasedTrajectory> read = ReadToolLog(
      "{\"tool_name\": \"t\", \"arguments\": {\"k\": 1}, \"result\": {\"success\": true}, "
      "\"allowed\": true}\n",
      "x.jsonl");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->foreign);
  EXPECT_EQ(read->trajectory.steps(), 1);
  EXPECT_EQ(read->trajectory.events[1].tool.arguments, R"({"k": 1})");
  EXPECT_EQ(read->trajectory.events[1].tool.status, ToolStatus::kOk);
}

}  // namespace
}  // namespace axiometer
