#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/scaffold/react_json.h"
#include "harness/scaffold/react_text.h"

namespace axiometer {
namespace {

class WrittenStepsTest : public testing::Test {
 protected:
  WrittenStepsTest() {
    task_.known_tools = {"look", "act"};
    task_.tool_names = {"look"};
    task_.tools =
        R"([{"type":"function","function":{"name":"look","description":"Looks.","parameters":)"
        R"({"type":"object","properties":{"where":{"type":"string"}},"required":["where"]}}}])";
    Message user;
    user.text = "Decide.";
    task_.opening = {user};
  }

  Event& Add(EventKind kind) {
    Event event;
    event.id = static_cast<int>(trajectory_.events.size()) + 1;
    event.kind = kind;
    event.step = trajectory_.steps() + (kind == EventKind::kReply ? 1 : 0);
    trajectory_.events.push_back(event);
    return trajectory_.events.back();
  }
  void Reply(const std::string& text, const std::string& finish_reason = "stop") {
    Event& event = Add(EventKind::kReply);
    event.message.role = Role::kAssistant;
    event.message.raw = DumpJson(Json{{"role", "assistant"}, {"content", text}});
    event.finish_reason = finish_reason;
  }
  void Answered(const PlannedCall& call, const std::string& result = "{}") {
    Event& event = Add(EventKind::kTool);
    event.tool = {call.id,        call.name,
                  call.arguments, call.answer.empty() ? result : call.answer,
                  call.status,    0};
  }
  PlannedCall OneCall(const Scaffold& scaffold) {
    const Step step = scaffold.Next(task_, trajectory_);
    const auto* calls = std::get_if<CallToolsStep>(&step);
    if (calls == nullptr || calls->calls.size() != 1) {
      ADD_FAILURE() << "no single call";
      return {};
    }
    return calls->calls.front();
  }
  FinishStep Finish(const Scaffold& scaffold) {
    const Step step = scaffold.Next(task_, trajectory_);
    const auto* finish = std::get_if<FinishStep>(&step);
    if (finish != nullptr) return *finish;
    ADD_FAILURE() << "no end";
    return {};
  }
  bool Asks(const Scaffold& scaffold) {
    return std::holds_alternative<GenerateStep>(scaffold.Next(task_, trajectory_));
  }

  const ReactJson json_{ArgumentRule::kRepair};
  const ReactText text_{ArgumentRule::kRepair};
  Task task_;
  Trajectory trajectory_;
};

TEST_F(WrittenStepsTest, TheConventionAndTheToolsStandInTheSystemMessage) {
  std::vector<Message> opening = json_.Open(task_);
  ASSERT_EQ(opening.size(), 2u);
  EXPECT_EQ(opening[0].role, Role::kSystem);
  EXPECT_NE(opening[0].text.find("\"final\""), std::string::npos);
  EXPECT_NE(
      opening[0].text.find(R"({"name":"look","description":"Looks.","arguments":{"type":"object")"),
      std::string::npos);
  EXPECT_EQ(opening[1].text, "Decide.");

  Message system;
  system.role = Role::kSystem;
  system.text = "You act.";
  task_.opening.insert(task_.opening.begin(), system);
  opening = text_.Open(task_);
  ASSERT_EQ(opening.size(), 2u);
  EXPECT_TRUE(opening[0].text.starts_with("You act.\n\nHow you act:"));
  EXPECT_NE(json_.prompt_digest(), text_.prompt_digest());
}

TEST_F(WrittenStepsTest, AStepOfJsonIsAskedForByASchema) {
  const Json format = *ParseJson(json_.Frame(task_).response_format, "format");
  EXPECT_EQ(format["type"], "json_schema");
  const Json& steps = format["json_schema"]["schema"]["anyOf"];
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0]["properties"]["tool"]["const"], "look");
  EXPECT_EQ(steps[0]["properties"]["arguments"]["required"][0], "where");
  EXPECT_EQ(steps[1]["required"][0], "final");
  EXPECT_EQ(json_.Frame(task_).tools, "");
  EXPECT_EQ(text_.Frame(task_).response_format, "");
}

TEST_F(WrittenStepsTest, AnObjectIsACallOrTheEnd) {
  EXPECT_TRUE(Asks(json_));
  Reply(R"({"tool": "look", "arguments": {"where": "in"}})");
  const PlannedCall call = OneCall(json_);
  EXPECT_EQ(call.name, "look");
  EXPECT_EQ(call.arguments, R"({"where": "in"})");
  EXPECT_EQ(call.status, ToolStatus::kOk);
  EXPECT_EQ(call.id, "step_1");
  Answered(call, R"({"success": true})");
  EXPECT_TRUE(Asks(json_));
  const Message answer = json_.Answer(trajectory_.events.back().tool);
  EXPECT_EQ(answer.role, Role::kUser);
  EXPECT_EQ(answer.text, R"({"tool":"look","result":{"success":true}})");
  Reply(R"({"final": "Done."})");
  EXPECT_EQ(Finish(json_).final_text, "Done.");
  EXPECT_EQ(Finish(json_).outcome, Outcome::kFinished);
}

TEST_F(WrittenStepsTest, AnObjectIsFoundInProseAndArgumentsInText) {
  Reply(
      "<think>{\"final\": \"no\"}</think>I look first.\n```json\n{\"tool\": \"look\", "
      "\"arguments\": \"{\\\"where\\\": \\\"in\\\"\"}\n```");
  EXPECT_EQ(OneCall(json_).arguments, R"({"where": "in"})");
}

TEST_F(WrittenStepsTest, AToolThatIsNotThereIsAnsweredAsEverywhere) {
  Reply(R"({"tool": "fly", "arguments": {}})");
  EXPECT_EQ(OneCall(json_).status, ToolStatus::kUnknownTool);
  EXPECT_EQ(OneCall(json_).answer,
            R"({"success": false, "error": "ValueError: Unknown tool call: fly"})");
}

TEST_F(WrittenStepsTest, WhatIsNoStepIsAnsweredAndTheThirdInARowEndsIt) {
  for (const char* reply : {"I look.", R"({"tool": "look", "final": "x"})"}) {
    Reply(reply);
    const PlannedCall call = OneCall(json_);
    EXPECT_EQ(call.status, ToolStatus::kBadCall);
    EXPECT_EQ(call.name, "");
    Answered(call);
    EXPECT_TRUE(Asks(json_));
  }
  EXPECT_EQ(json_.Answer(trajectory_.events.back().tool).text,
            R"({"error":"The message was no step: it has both \"tool\" and \"final\"."})");
  Reply(R"({"tool": "look", "arguments": {"wh)", "length");
  const FinishStep end = Finish(json_);
  EXPECT_EQ(end.outcome, Outcome::kUnusableReply);
  EXPECT_EQ(end.detail,
            "3 replies in a row were no step of react_json, the last because it was cut at the "
            "limit of tokens (it is no "
            "JSON object)");
}

TEST_F(WrittenStepsTest, AStepBetweenStartsTheCountAnew) {
  for (const char* reply : {"no", "no", R"({"tool": "look", "arguments": {}})", "no", "no"}) {
    Reply(reply);
    Answered(OneCall(json_));
  }
  EXPECT_TRUE(Asks(json_));
}

TEST_F(WrittenStepsTest, ABlankReplyEndsItAsElsewhere) {
  Reply(" \n");
  EXPECT_EQ(Finish(json_).outcome, Outcome::kEmptyReply);
  EXPECT_EQ(Finish(text_).outcome, Outcome::kEmptyReply);
}

TEST_F(WrittenStepsTest, LinesOfTextAreACallOrTheEnd) {
  Reply(
      "I should look.\nAction: look\nAction Input: {\"where\": \"in\"}\nObservation: all "
      "fine\nFinal Answer: Done.");
  const PlannedCall call = OneCall(text_);
  EXPECT_EQ(call.name, "look");
  EXPECT_EQ(call.arguments, R"({"where": "in"})");
  Answered(call, R"({"success": true})");
  EXPECT_EQ(text_.Answer(trajectory_.events.back().tool).text, R"(Observation: {"success": true})");
  Reply("final answer: It is\ndone.");
  EXPECT_EQ(Finish(text_).final_text, "It is\ndone.");
}

TEST_F(WrittenStepsTest, AnInventedResultIsNotReplayed) {
  Message reply;
  reply.role = Role::kAssistant;
  reply.text = "Action: look\nObservation: {}\nFinal Answer: x";
  reply.raw =
      R"({"role": "assistant", "content": "Action: look\nObservation: {}\nFinal Answer: x", "z": 1})";
  const Message entered = text_.Enter(reply);
  EXPECT_EQ(entered.raw, R"({"role": "assistant", "content": "Action: look\n", "z": 1})");
  EXPECT_EQ(entered.text, "Action: look\n");
  EXPECT_EQ(text_.Enter(entered).raw, entered.raw);
}

TEST_F(WrittenStepsTest, NamesAreReadAsModelsDecorateThemAndArgumentsMayBeAbsent) {
  Reply("**Action:** `look()`");
  EXPECT_EQ(OneCall(text_).name, "look");
  EXPECT_EQ(OneCall(text_).arguments, "{}");
  Reply(
      "Action: look\nAction Input:\n```json\n{\"where\": \"out\"}\n```\nAction: act\nAction Input: "
      "{\"b\": 1}");
  EXPECT_EQ(OneCall(text_).arguments, R"({"where": "out"})");
}

TEST_F(WrittenStepsTest, TextWithoutAStepIsTheClosingMessage) {
  Reply("I leave it as it is.");
  EXPECT_EQ(Finish(text_).final_text, "I leave it as it is.");
}

TEST_F(WrittenStepsTest, ArgumentsThatAreNoObjectAreUnusable) {
  Reply("Action: look\nAction Input: inside");
  EXPECT_EQ(OneCall(text_).status, ToolStatus::kBadCall);
  EXPECT_NE(OneCall(text_).answer.find("the arguments of look are no JSON object"),
            std::string::npos);
  Reply(R"({"tool": "look", "arguments": [1]})");
  EXPECT_EQ(OneCall(json_).status, ToolStatus::kBadCall);
}

}  // namespace
}  // namespace axiometer
