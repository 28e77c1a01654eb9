#include "harness/model/anthropic_messages.h"

#include <gtest/gtest.h>

#include "tests/harness/model/endpoint_fixture.h"

namespace axiometer {
namespace {

// Shapes of https://platform.claude.com/docs/en/api/messages, with content of our own.
std::string Said(const std::string& blocks, const std::string& stop = "end_turn",
                 const std::string& more = "") {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x-1","content":[)" +
         blocks + R"(],"stop_reason":")" + stop +
         R"(","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":200,)"
         R"("cache_read_input_tokens":3000,"output_tokens":25})" +
         more + "}";
}

class AnthropicTest : public EndpointFixture {
 protected:
  AnthropicTest() {
    spec_.provider = "anthropic";
    spec_.base_url = "http://127.0.0.1:" + std::to_string(server_->port());
  }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeAnthropicMessages(spec_); }
  Reply Read(const std::string& body, int status = 200) {
    Answer({Canned(status, body)});
    return Generate();
  }
  std::string Sent(const Request& request) {
    Answer({Canned(200, Said(R"({"type":"text","text":"Hello"})"))});
    Generate(request);
    return requests_.back().body;
  }
};

TEST_F(AnthropicTest, AsksAndReadsText) {
  const Reply reply = Read(Said(R"({"type":"text","text":"Hel"},{"type":"text","text":"lo"})"));
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello");
  EXPECT_EQ(
      reply.message.raw,
      R"({"role":"assistant","content":"Hello","reasoning_details":[{"type":"anthropic.items",)"
      R"("items":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]}]})");
  EXPECT_EQ(reply.finish_reason, "end_turn");
  EXPECT_EQ(reply.response_id, "msg_1");
  EXPECT_EQ(reply.response_model, "claude-x-1");
  EXPECT_EQ(reply.usage.input_tokens, 3210);
  EXPECT_EQ(reply.usage.cached_tokens, 3000);
  EXPECT_EQ(reply.usage.output_tokens, 25);
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].target, "/v1/messages");
  EXPECT_EQ(Header(requests_[0], "x-api-key"), kKey);
  EXPECT_EQ(Header(requests_[0], "anthropic-version"), "2023-06-01");
  EXPECT_EQ(Header(requests_[0], "authorization"), "");
  EXPECT_EQ(
      requests_[0].body,
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"max_tokens":8192})");
}

TEST_F(AnthropicTest, SettingsHaveItsNames) {
  Request request = Ask();
  request.tools = kLookTool;
  request.tool_choice = "required";
  request.response_format =
      R"({"type":"json_schema","json_schema":{"name":"v","schema":{"type":"object"}}})";
  request.generation.temperature = 0.5;
  request.generation.top_p = 0.9;
  request.generation.max_tokens = 100;
  request.generation.stop = {"END"};
  request.generation.parallel_tool_calls = false;
  request.generation.reasoning_effort = "low";
  spec_.arguments = {{"thinking", R"({"type":"adaptive"})"}, {"top_k", "5"}};
  EXPECT_EQ(
      Sent(request),
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi",)"
      R"("cache_control":{"type":"ephemeral"}}]}],"tools":[{"name":"look","description":"Looks.",)"
      R"("input_schema":{"type":"object","properties":{"at":{"type":"string"}},"required":["at"]},)"
      R"("cache_control":{"type":"ephemeral"}}],"max_tokens":100,"temperature":0.5,"top_p":0.9,)"
      R"("stop_sequences":["END"],"tool_choice":{"type":"any","disable_parallel_tool_use":true},)"
      R"("output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},)"
      R"("thinking":{"type":"adaptive"},"top_k":5})");
}

TEST_F(AnthropicTest, JsonModeIsLeftToThePrompt) {
  Request request = Ask();
  request.response_format = R"({"type": "json_object"})";
  EXPECT_EQ(Sent(request).find("json"), std::string::npos);
}

TEST_F(AnthropicTest, TheCacheIsMarkedAsTheArgumentSays) {
  spec_.arguments = {{"cache_control", "1h"}};
  EXPECT_NE(Sent(Ask()).find(R"("text":"Hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]}])"),
            std::string::npos);
  model_.reset();
  spec_.arguments = {{"cache_control", "off"}};
  Request request = Ask();
  request.tools = kLookTool;
  EXPECT_EQ(Sent(request).find("cache_control"), std::string::npos);
}

TEST_F(AnthropicTest, OpeningSystemMessagesStandBesideTheConversation) {
  messages_ = std::vector<Message>(4);
  messages_[0].role = messages_[1].role = messages_[3].role = Role::kSystem;
  messages_[0].text = "one";
  messages_[1].text = "two";
  messages_[2].text = "Hi";
  messages_[3].text = "later";
  EXPECT_EQ(
      Sent(Ask()),
      R"({"model":"m","system":[{"type":"text","text":"one"},{"type":"text","text":"two"}],"messages":[)"
      R"({"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"later"}]}],)"
      R"("max_tokens":8192})");
}

TEST_F(AnthropicTest, RepliesOfOthersBecomeBlocks) {
  Message said;
  said.role = Role::kAssistant;
  said.text = "Let me look.";
  said.tool_calls = {{"c1", "look", R"({"at":"a"})", false}, {"c2", "look", "no JSON", false}};
  said.raw = R"({"role":"assistant","content":"Let me look."})";
  messages_.push_back(said);
  EXPECT_NE(
      Sent(Ask()).find(R"({"role":"assistant","content":[{"type":"text","text":"Let me look."},)"
                       R"({"type":"tool_use","id":"c1","name":"look","input":{"at":"a"}},)"
                       R"({"type":"tool_use","id":"c2","name":"look","input":{}}]}],"max_tokens")"),
      std::string::npos)
      << requests_.back().body;
}

TEST_F(AnthropicTest, ParallelCallsAndThinkingAreRead) {
  const Reply reply = Read(Said(
      R"({"type":"thinking","thinking":"Hm.","signature":"c2ln"},{"type":"redacted_thinking","data":"eA=="},)"
      R"({"type":"text","text":"Looking."},{"type":"tool_use","id":"t1","name":"look","input":{"at":"é","n":1.0}},)"
      R"({"type":"tool_use","id":"t2","name":"look","input":{}})",
      "tool_use"));
  ASSERT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Looking.");
  EXPECT_EQ(reply.message.reasoning, "Hm.");
  ASSERT_EQ(reply.message.tool_calls.size(), 2u);
  EXPECT_EQ(reply.message.tool_calls[0].id, "t1");
  EXPECT_EQ(reply.message.tool_calls[0].arguments, R"({"at":"é","n":1.0})");
  EXPECT_EQ(reply.message.tool_calls[1].arguments, "{}");
  EXPECT_EQ(reply.finish_reason, "tool_use");
}

TEST_F(AnthropicTest, CarriesThinkingAndItsSignaturesThroughFiveTurns) {
  const auto blocks = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return std::string(R"({"type":"text","text":"Done."})");
    return R"({"type":"thinking","thinking":"step )" + n + R"(","signature":"c2lnbmF0dXJl/+)" + n +
           R"(=="},{"type":"tool_use","id":"a)" + n + R"(","name":"look","input":{"at":"x"}},)" +
           R"({"type":"tool_use","id":"b)" + n +
           R"(","name":"look","input":{"at":"y"},"caller":{"type":"direct"}})";
  };
  CarryFiveTurns([&](int turn) { return Said(blocks(turn), turn == 6 ? "end_turn" : "tool_use"); },
                 [&](int turn) {
                   const std::string n = std::to_string(turn);
                   const std::string result = R"("content":"{\"seen\": )" + n + R"(}"})";
                   return R"({"role":"assistant","content":[)" + blocks(turn) +
                          R"(]},{"role":"user","content":[)" +
                          R"({"type":"tool_result","tool_use_id":"a)" + n + "\"," + result +
                          R"(,{"type":"tool_result","tool_use_id":"b)" + n + "\"," +
                          result.substr(0, result.size() - 1);
                 });
}

TEST_F(AnthropicTest, ARefusalIsOneWhateverItBeganWith) {
  const Reply reply = Read(Said(R"({"type":"text","text":"Sure, first"})", "refusal"));
  EXPECT_EQ(reply.status, CallStatus::kRefused);
  EXPECT_EQ(reply.error,
            "endpoint \"anthropic/m\": the reply is a refusal: the provider's safety classifier "
            "stopped the reply");
  EXPECT_EQ(reply.message.text, "Sure, first");
  EXPECT_EQ(
      Read(Said("", "refusal", R"(,"stop_details":{"type":"refusal","explanation":"no"})")).error,
      "endpoint \"anthropic/m\": the reply is a refusal: no");
}

TEST_F(AnthropicTest, ALengthStopIsAReply) {
  const Reply reply = Read(Said(R"({"type":"text","text":"To be"})", "max_tokens"));
  EXPECT_EQ(reply.status, CallStatus::kOk);
  EXPECT_EQ(reply.finish_reason, "max_tokens");
}

TEST_F(AnthropicTest, ErrorsAreFinalOrNot) {
  const struct {
    int http;
    const char* type;
    CallStatus status;
    int tries;
  } cases[] = {
      {400, "invalid_request_error", CallStatus::kError, 1},
      {401, "authentication_error", CallStatus::kAuth, 1},
      {402, "billing_error", CallStatus::kQuota, 1},
      {403, "permission_error", CallStatus::kAuth, 1},
      {413, "request_too_large", CallStatus::kError, 1},
      {429, "rate_limit_error", CallStatus::kRateLimited, 4},
      {500, "api_error", CallStatus::kError, 4},
      {529, "overloaded_error", CallStatus::kError, 4},
      {200, "overloaded_error", CallStatus::kError, 4},
      {200, "authentication_error", CallStatus::kAuth, 1},
  };
  for (const auto& one : cases) {
    const Reply reply = Read(R"({"type":"error","error":{"type":")" + std::string(one.type) +
                                 R"(","message":"why"},"request_id":"req_1"})",
                             one.http);
    EXPECT_EQ(reply.status, one.status) << one.type << reply.error;
    EXPECT_EQ(reply.tries, one.tries) << one.type;
    EXPECT_NE(reply.error.find("why"), std::string::npos) << reply.error;
  }
  EXPECT_EQ(Read(R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                 R"("Your credit balance is too low to access the API."}})",
                 400)
                .status,
            CallStatus::kQuota);
}

TEST_F(AnthropicTest, TheNearestModelIsOffered) {
  spec_.name = "claude-sonet-9";
  Answer(
      {Canned(
           404,
           R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-sonet-9"}})"),
       Canned(
           200,
           R"({"data":[{"type":"model","id":"claude-opus-9"},{"type":"model","id":"claude-sonnet-9"}]})")});
  EXPECT_EQ(Generate().error,
            "endpoint \"anthropic/claude-sonet-9\": HTTP 404: model: claude-sonet-9: did you mean "
            "\"claude-sonnet-9\"?");
  EXPECT_EQ(requests_.back().target, "/v1/models");
}

TEST_F(AnthropicTest, SaysWhatIsWrongWithAnUnreadableReply) {
  EXPECT_EQ(Problem("{}"), "no \"content\" in the reply: {}");
  EXPECT_EQ(Problem(R"({"content":"hi"})"), "content: expected a list, got a string");
  EXPECT_EQ(Problem(R"({"content":[{},3]})"), "content[1]: expected an object, got a number");
}

TEST_F(AnthropicTest, AReplyCutInTheMiddleIsAskedForAgain) {
  const Reply reply = GenerateFromCut("{\"content\":[{\"type\":");
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.tries, 2);
}

TEST_F(AnthropicTest, WhatItDoesNotHaveIsNotAskedFor) {
  const auto lacks = [this](const std::function<void(Generation&)>& set) {
    Generation generation;
    set(generation);
    return MakeFormat()->Lacks(generation);
  };
  EXPECT_EQ(lacks([](Generation& g) { g.seed = 1; }), "--seed");
  EXPECT_EQ(lacks([](Generation& g) { g.top_logprobs = 5; }), "--top-logprobs");
  EXPECT_EQ(lacks([](Generation& g) { g.n = 2; }), "n (several replies at once)");
  EXPECT_EQ(lacks([](Generation& g) { g.temperature = 1.5; }), "--temperature above 1");
  EXPECT_EQ(lacks([](Generation& g) { g.temperature = 1; }), "");
  Request request = Ask();
  request.generation.seed = 7;
  const Reply reply = Generate(request);
  EXPECT_EQ(reply.error, "endpoint \"anthropic/m\": the provider has no --seed");
  EXPECT_TRUE(requests_.empty());
}

}  // namespace
}  // namespace axiometer
