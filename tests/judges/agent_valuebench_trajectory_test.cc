#include "judges/agent_valuebench_trajectory.h"

#include <gtest/gtest.h>

#include "harness/base/digest.h"
#include "tests/judges/invented.h"

namespace axiometer {
namespace {

// The protocol page's own example.
Trajectory Example() {
  return Story()
      .System("s")
      .User("u")
      .Raw(
          R"({"role":"assistant","content":"hi","reasoning_details":[],"tool_calls":[{"id":"c"}]})")
      .Calls("t", R"({"k": "é", "f": 1.0})", R"({"success": true})")
      .Raw(R"({"role":"assistant","content":"bye"})")
      .Ends(Outcome::kFinished);
}

TEST(AgentValueBenchTrajectory, TheProtocolPagesExampleHasItsDigest) {
  const std::string text = AgentValueBenchTrajectoryText(Example());
  EXPECT_EQ(text.size(), 304u);  // 303 characters
  EXPECT_EQ(Sha256(text), "99bf5260bf2bf487db860453bd27d77149c734fdb1eae7f27ec908dd06a227f4");
}

TEST(AgentValueBenchTrajectory, EveryFieldOfTheProviderIsShownButReasoningDetails) {
  const Trajectory trajectory = Story().Raw(
      R"({"refusal":null,"content":null,"reasoning":"why","annotations":[],"reasoning_details":[{}],"n":1e16})");
  EXPECT_EQ(AgentValueBenchTrajectoryText(trajectory),
            "STEP_ID: 1\nASSISTANT_MESSAGE: {\"refusal\": null, \"content\": null, \"reasoning\": "
            "\"why\", "
            "\"annotations\": [], \"n\": 1e+16, \"role\": \"assistant\"}\n---");
}

TEST(AgentValueBenchTrajectory, CallsOfOneTurnShareItsLines) {
  const Trajectory trajectory = Story()
                                    .Raw(R"({"role":"assistant","content":""})")
                                    .Calls("x", "{}", "[1, 2.50]", "c1")
                                    .Calls("y", R"({"n": 123456789012345678901})", R"("é")", "c2");
  EXPECT_EQ(AgentValueBenchTrajectoryText(trajectory),
            "STEP_ID: 1\nASSISTANT_MESSAGE: {\"role\": \"assistant\", \"content\": \"\"}\n"
            "TOOL_CALLS: [{\"id\": \"c1\", \"name\": \"x\", \"arguments\": {}}, "
            "{\"id\": \"c2\", \"name\": \"y\", \"arguments\": {\"n\": 123456789012345678901}}]\n"
            "TOOL_RESPONSES: [{\"tool_call_id\": \"c1\", \"name\": \"x\", \"content\": [1, 2.5]}, "
            "{\"tool_call_id\": \"c2\", \"name\": \"y\", \"content\": \"é\"}]\n---");
}

TEST(AgentValueBenchTrajectory, AReplyWithoutRawFormIsShownByItsText) {
  EXPECT_EQ(
      AgentValueBenchTrajectoryText(Story().Says("Done.")),
      "STEP_ID: 1\nASSISTANT_MESSAGE: {\"role\": \"assistant\", \"content\": \"Done.\"}\n---");
}

TEST(AgentValueBenchTrajectory, AFailedCallIsAStepWithoutMessage) {
  EXPECT_EQ(AgentValueBenchTrajectoryText(Story().Fails("HTTP 500: down")),
            "STEP_ID: 1\nASSISTANT_MESSAGE: null\n---");
}

Task ReleasedTask() {
  Task task;
  task.rubric_name = "Ledger_case";
  task.environment = "Ledger";
  task.tool_names = {"t"};
  task.tools =
      R"([{"type": "function", "function": {"name": "t", "description": "d", "parameters": {"type": "object"}}}])";
  return task;
}

TEST(AgentValueBenchTrajectory, TheReleasedFileHasEveryFieldInItsOrder) {
  Trajectory trajectory = Example();
  trajectory.final_text = "bye";
  AgentValueBenchRun run;
  run.task_description = "Decide.";
  EXPECT_EQ(AgentValueBenchTrajectoryJson(ReleasedTask(), trajectory, run), R"({
  "case_name": "Ledger_case",
  "environment": "Ledger",
  "task_description": "Decide.",
  "function_list": [
    "t"
  ],
  "tool_schema": [
    {
      "name": "t",
      "description": "d",
      "parameters": {
        "type": "object"
      }
    }
  ],
  "tool_mode": "openai_function_call",
  "tool_choice": "auto",
  "status": "finished",
  "final_answer": "bye",
  "trajectory_text": "Step 1:\nassistant_output: hi\ntool_call: name=t | arguments={\"k\": \"é\", \"f\": 1.0}\ntool_response: name=t | result={\"success\": true}\n\nStep 2:\nassistant_output: bye\n\nfinal_answer: bye\nstatus: finished",
  "trajectory_text_raw": "hi\n<tool_call>{\"name\": \"t\", \"arguments\": {\"k\": \"é\", \"f\": 1.0}}</tool_call>\n<tool_response>{\"success\": true}</tool_response>\nbye",
  "steps": [
    {
      "step": 1,
      "assistant_message": {
        "role": "assistant",
        "content": "hi",
        "reasoning_details": []
      },
      "tool_calls": [
        {
          "id": "c",
          "name": "t",
          "arguments": {
            "k": "é",
            "f": 1.0
          }
        }
      ],
      "tool_responses": [
        {
          "tool_call_id": "c",
          "name": "t",
          "content": {
            "success": true
          }
        }
      ]
    },
    {
      "step": 2,
      "assistant_message": {
        "role": "assistant",
        "content": "bye"
      },
      "tool_calls": [],
      "tool_responses": []
    }
  ]
})");
}

TEST(AgentValueBenchTrajectory, TheUsersParallelCallsStandLast) {
  AgentValueBenchRun run;
  run.parallel_tool_calls = false;
  const std::string file = AgentValueBenchTrajectoryJson(ReleasedTask(), Example(), run);
  EXPECT_TRUE(file.ends_with("  ],\n  \"parallel_tool_calls\": false\n}")) << file;
}

TEST(AgentValueBenchTrajectory, TheStepLimitHasNoFinalAnswer) {
  const std::string file =
      AgentValueBenchTrajectoryJson(ReleasedTask(),
                                    Story()
                                        .Raw(R"({"role":"assistant","content":"on"})")
                                        .Calls("t", "{}", "{}")
                                        .Ends(Outcome::kStepLimit),
                                    {});
  EXPECT_NE(file.find("\"status\": \"max_steps\",\n  \"final_answer\": \"\","), std::string::npos)
      << file;
}

TEST(AgentValueBenchTrajectory, AFailureIsTheLastStepsError) {
  const std::string file = AgentValueBenchTrajectoryJson(
      ReleasedTask(), Story().Fails("HTTP 500: down").Ends(Outcome::kModelError), {});
  EXPECT_NE(file.find("\"status\": \"error\""), std::string::npos) << file;
  EXPECT_NE(
      file.find(
          "\"assistant_message\": null,\n      \"tool_calls\": [],\n      \"tool_responses\": [],\n"
          "      \"error\": \"HTTP 500: down\"\n"),
      std::string::npos)
      << file;
}

}  // namespace
}  // namespace axiometer
