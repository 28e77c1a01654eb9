#include "harness/scaffold/react_tools.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

class ReactToolsTest : public testing::Test {
 protected:
  ReactToolsTest() {
    task_.known_tools = {"look", "act"};
    AddMessage(Role::kSystem, "You act.");
    AddMessage(Role::kUser, "Decide.");
  }

  Event& Add(EventKind kind) {
    Event event;
    event.id = static_cast<int>(trajectory_.events.size()) + 1;
    event.kind = kind;
    trajectory_.events.push_back(event);
    return trajectory_.events.back();
  }

  void AddMessage(Role role, const std::string& text) {
    Event& event = Add(EventKind::kMessage);
    event.message.role = role;
    event.message.text = text;
  }

  void Reply(const std::string& raw, const std::string& finish_reason = "stop") {
    Event& event = Add(EventKind::kReply);
    event.message.role = Role::kAssistant;
    event.message.raw = raw;
    event.finish_reason = finish_reason;
  }

  void Answer(const std::string& name) { Add(EventKind::kTool).tool.name = name; }

  Step Next() { return ReactTools(ArgumentRule::kRepair).Next(task_, trajectory_); }
  std::vector<PlannedCall> Calls() { return std::get<CallToolsStep>(Next()).calls; }
  FinishStep Finish() { return std::get<FinishStep>(Next()); }
  bool Generates() { return std::holds_alternative<GenerateStep>(Next()); }

  static std::string Enter(const std::string& raw, ArgumentRule rule = ArgumentRule::kRepair) {
    Message reply;
    reply.role = Role::kAssistant;
    reply.raw = raw;
    return ReactTools(rule).Enter(reply).raw;
  }

  Task task_;
  Trajectory trajectory_;
};

TEST_F(ReactToolsTest, AfterTheOpeningTheModelIsAsked) { EXPECT_TRUE(Generates()); }

TEST_F(ReactToolsTest, TextAloneFinishesAndIsTheLastWord) {
  Reply(R"({"role": "assistant", "content": " Done.\n"})");
  EXPECT_EQ(Finish().outcome, Outcome::kFinished);
  EXPECT_EQ(Finish().final_text, " Done.\n");
}

TEST_F(ReactToolsTest, PartsOfAListAreOneText) {
  Reply(
      R"({"content": ["a", {"type": "text", "text": "b"}, {"content": "c"}, 7, {"text": 1, "content": "d"}]})");
  EXPECT_EQ(Finish().final_text, "abcd");
}

TEST_F(ReactToolsTest, NeitherTextNorCallsIsAnEmptyReply) {
  Reply("{\"content\": \" \xC2\xA0\\n\", \"tool_calls\": []}");
  EXPECT_EQ(Finish().outcome, Outcome::kEmptyReply);
  EXPECT_EQ(Finish().final_text, "");
  EXPECT_EQ(Finish().detail, "the reply has neither text nor tool calls");
}

TEST_F(ReactToolsTest, ReasoningAloneDoesNotCount) {
  Reply(R"({"content": null, "reasoning": "I could say something."})");
  EXPECT_EQ(Finish().outcome, Outcome::kEmptyReply);
}

TEST_F(ReactToolsTest, TheProvidersRefusalIsNoAnswer) {
  Reply(R"({"content": null, "refusal": "I cannot help with that."})");
  EXPECT_EQ(Finish().outcome, Outcome::kRefused);
  EXPECT_EQ(Finish().detail, "I cannot help with that.");
}

TEST_F(ReactToolsTest, ARemovedReplyIsRefused) {
  Reply(R"({"content": ""})", "content_filter");
  EXPECT_EQ(Finish().outcome, Outcome::kRefused);
  EXPECT_EQ(Finish().detail, "the endpoint's content filter removed the reply");
}

TEST_F(ReactToolsTest, CallsRunInOrderThenTheModelIsAskedAgain) {
  Reply(R"({"content": "first", "tool_calls": [
      {"id": "c1", "type": "function", "function": {"name": " look ", "arguments": "{\"at\":1}"}},
      {"id": "c2", "type": "function", "function": {"name": "act", "arguments": "{}"}}]})");
  ASSERT_EQ(Calls().size(), 2u);
  EXPECT_EQ(Calls()[0].id, "c1");
  EXPECT_EQ(Calls()[0].name, "look");
  EXPECT_EQ(Calls()[0].arguments, R"({"at": 1})");
  EXPECT_EQ(Calls()[0].status, ToolStatus::kOk);
  EXPECT_EQ(Calls()[1].name, "act");
  Answer("look");
  ASSERT_EQ(Calls().size(), 1u);
  EXPECT_EQ(Calls()[0].id, "c2");
  Answer("act");
  EXPECT_TRUE(Generates());
}

TEST_F(ReactToolsTest, AnUnknownToolIsAnsweredAsTheProtocolSays) {
  Reply(R"({"tool_calls": [{"id": "c", "function": {"name": "fly \"é\"", "arguments": "{}"}}]})");
  EXPECT_EQ(Calls()[0].status, ToolStatus::kUnknownTool);
  EXPECT_EQ(Calls()[0].answer,
            R"({"success": false, "error": "ValueError: Unknown tool call: fly \"é\""})");
}

TEST_F(ReactToolsTest, IdsAndNamesBecomeText) {
  Reply(
      R"({"tool_calls": [{"id": 7, "function": {"name": "act"}}, {"function": {}}, null, "act"]})");
  ASSERT_EQ(Calls().size(), 4u);
  EXPECT_EQ(Calls()[0].id, "7");
  EXPECT_EQ(Calls()[0].arguments, "{}");
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(Calls()[i].id, "");
    EXPECT_EQ(Calls()[i].answer,
              R"({"success": false, "error": "ValueError: Unknown tool call: "})");
  }
}

TEST_F(ReactToolsTest, CallsThatAreNoListAreNoCalls) {
  Reply(R"({"content": "Done.", "tool_calls": {"id": "c"}})");
  EXPECT_EQ(Finish().outcome, Outcome::kFinished);
}

TEST_F(ReactToolsTest, AReplyWithoutItsRawFormIsReadFromItsParsedCalls) {
  Event& event = Add(EventKind::kReply);
  event.message.role = Role::kAssistant;
  event.message.tool_calls = {{"c1", "look ", "{\"at\": {\"x\": 1}", false},
                              {"", "act", R"({"b":2})", true}};
  ASSERT_EQ(Calls().size(), 2u);
  EXPECT_EQ(Calls()[0].name, "look");
  EXPECT_EQ(Calls()[0].arguments, R"({"at": {"x": 1}})");
  EXPECT_EQ(Calls()[1].arguments, R"({"b": 2})");
}

TEST_F(ReactToolsTest, AReplyThatNeedsNothingEntersByteForByte) {
  const std::string raw =
      R"({"content":null,"role":"assistant","tool_calls":[{"id":"c","function":{"name":" x ","arguments":"{\"a\":1}"}}],"x":[1.0]})";
  EXPECT_EQ(Enter(raw), raw);
}

TEST_F(ReactToolsTest, OnlyArgumentTextsAndAMissingRoleChangeOnEntering) {
  EXPECT_EQ(
      Enter(
          R"({"content": "é", "tool_calls": [{"function": {"name": "x", "arguments": "{\"a\":1"}, "id": 3}], "z": 1})"),
      R"({"content": "é", "tool_calls": [{"function": {"name": "x", "arguments": "{\"a\":1}"}, "id": 3}], "z": 1, "role": "assistant"})");
  EXPECT_EQ(
      Enter(R"({"role": " ", "tool_calls": [{"function": {"name": "x"}}, 5]})"),
      R"({"role": "assistant", "tool_calls": [{"function": {"name": "x", "arguments": null}}, 5]})");
}

TEST_F(ReactToolsTest, EnteringRepairsTheParsedCallsToo) {
  Message reply;
  reply.tool_calls = {{"c", "x", "{\"a\":1", false}};
  EXPECT_EQ(ReactTools(ArgumentRule::kRepair).Enter(reply).tool_calls[0].arguments, "{\"a\":1}");
}

TEST_F(ReactToolsTest, EnteringTwiceIsEnteringOnce) {
  const std::string once =
      Enter(R"({"tool_calls": [{"function": {"arguments": "{\"a\": \" 魏 \""}}]})",
            ArgumentRule::kRepairWithoutCjk);
  EXPECT_EQ(
      once,
      R"({"tool_calls": [{"function": {"arguments": "{\"a\": \"\"}"}}], "role": "assistant"})");
  EXPECT_EQ(Enter(once, ArgumentRule::kRepairWithoutCjk), once);
}

TEST_F(ReactToolsTest, AResultEntersTheConversationAsAToolMessage) {
  const Message answer =
      ReactTools(ArgumentRule::kRepair).Answer({"c", "look", "{}", R"({"success": true})", ToolStatus::kOk, 0});
  EXPECT_EQ(answer.role, Role::kTool);
  EXPECT_EQ(answer.text, R"({"success": true})");
  EXPECT_EQ(answer.tool_call_id, "c");
  EXPECT_EQ(answer.tool_name, "look");
}

TEST(MakeScaffold, AnUnknownNameIsAUsageError) {
  EXPECT_EQ(MakeScaffold("react").error().ToString(),
            "--scaffold: unknown scaffold \"react\": choose react_tools, react_json, react_text or single_turn");
  EXPECT_EQ(MakeScaffold("single-turn").error().ToString(),
            "--scaffold: unknown scaffold \"single-turn\": did you mean \"single_turn\"?");
  EXPECT_EQ(MakeScaffold("react").error().kind, ErrorKind::kUsage);
}

TEST(MakeScaffold, TheFamilyRuleBelongsToItsProtocolAlone) {
  Message reply;
  reply.raw =
      R"({"role": "assistant", "tool_calls": [{"function": {"arguments": "{\"a\": \"魏\"}"}}]})";
  const std::string model = "gemini-3-flash-preview";
  EXPECT_NE((*MakeScaffold("react_tools", "agent-valuebench", model))->Enter(reply).raw, reply.raw);
  EXPECT_EQ((*MakeScaffold("react_tools", "axiometer", model))->Enter(reply).raw, reply.raw);
}

TEST(SingleTurn, AsksOnceAndFinishes) {
  const auto scaffold = *MakeScaffold("single_turn");
  Trajectory trajectory;
  EXPECT_TRUE(std::holds_alternative<GenerateStep>(scaffold->Next(Task(), trajectory)));
  Event reply;
  reply.kind = EventKind::kReply;
  reply.message.text = "B";
  trajectory.events = {reply};
  EXPECT_EQ(std::get<FinishStep>(scaffold->Next(Task(), trajectory)).final_text, "B");
  trajectory.events[0].message.text = "";
  EXPECT_EQ(std::get<FinishStep>(scaffold->Next(Task(), trajectory)).outcome, Outcome::kEmptyReply);
  EXPECT_FALSE(scaffold->acts());
}

}  // namespace
}  // namespace axiometer
