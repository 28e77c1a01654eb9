#include "harness/model/openai_responses.h"

#include <gtest/gtest.h>

#include "tests/harness/model/endpoint_fixture.h"

namespace axiometer {
namespace {

// Shapes of https://platform.openai.com/docs/api-reference/responses, with content of our own.
std::string Responded(const std::string& items,
                      const std::string& state = R"("status":"completed")") {
  return R"({"id":"resp_1","object":"response",)" + state +
         R"(,"error":null,"model":"gpt-x-1","output":[)" + items +
         R"(],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":64},"output_tokens":30,)"
         R"("output_tokens_details":{"reasoning_tokens":20},"total_tokens":130}})";
}

std::string TextItem(const std::string& text, const std::string& logprobs = "[]") {
  return R"({"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text",)"
         R"("annotations":[],"logprobs":)" +
         logprobs + R"(,"text":")" + text + "\"}]}";
}

class ResponsesTest : public EndpointFixture {
 protected:
  ResponsesTest() { spec_.provider = "openai-responses"; }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeOpenAiResponses(spec_); }
  Reply Read(const std::string& body, int status = 200) {
    Answer({Canned(status, body)});
    return Generate();
  }
};

TEST_F(ResponsesTest, AsksAndReadsText) {
  const Reply reply = Read(Responded(TextItem("Hello")));
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello");
  EXPECT_EQ(reply.message.raw, R"({"role":"assistant","content":"Hello","reasoning_details":[)"
                               R"({"type":"openai-responses.items","items":[)" +
                                   TextItem("Hello") + "]}]}");
  EXPECT_EQ(reply.finish_reason, "completed");
  EXPECT_EQ(reply.response_id, "resp_1");
  EXPECT_EQ(reply.response_model, "gpt-x-1");
  EXPECT_EQ(reply.usage.input_tokens, 100);
  EXPECT_EQ(reply.usage.cached_tokens, 64);
  EXPECT_EQ(reply.usage.output_tokens, 30);
  EXPECT_EQ(reply.usage.reasoning_tokens, 20);
  EXPECT_EQ(requests_[0].target, "/v1/responses");
  EXPECT_EQ(Header(requests_[0], "authorization"), std::string("Bearer ") + kKey);
  EXPECT_EQ(requests_[0].body,
            R"({"model":"m","store":false,"input":[{"role":"user","content":"Hi"}],)"
            R"("include":["reasoning.encrypted_content"]})");
}

TEST_F(ResponsesTest, SettingsHaveItsNames) {
  Request request = Ask();
  request.tools = kLookTool;
  request.tool_choice = "auto";
  request.response_format =
      R"({"type":"json_schema","json_schema":{"name":"v","strict":true,"schema":{}}})";
  request.generation.temperature = 0.5;
  request.generation.top_p = 0.9;
  request.generation.max_tokens = 100;
  request.generation.parallel_tool_calls = true;
  request.generation.reasoning_effort = "low";
  request.generation.top_logprobs = 5;
  spec_.name = "gpt-4o";  // knows no encrypted reasoning
  spec_.arguments = {{"reasoning", R"({"summary":"auto"})"}};
  Answer({Canned(200, Responded(TextItem("Hello")))});
  Generate(request);
  EXPECT_EQ(
      requests_.back().body,
      R"({"model":"gpt-4o","store":false,"input":[{"role":"user","content":"Hi"}],"tools":[{"type":"function",)"
      R"("name":"look","description":"Looks.","parameters":{"type":"object","properties":{"at":)"
      R"({"type":"string"}},"required":["at"]},"strict":false}],"tool_choice":"auto",)"
      R"("parallel_tool_calls":true,"temperature":0.5,"max_output_tokens":100,"top_p":0.9,)"
      R"("reasoning":{"effort":"low","summary":"auto"},"include":["message.output_text.logprobs"],)"
      R"("top_logprobs":5,"text":{"format":{"type":"json_schema","name":"v","strict":true,"schema":{}}}})");
}

TEST_F(ResponsesTest, LogProbabilitiesStandBesideTheMessage) {
  const std::string token = R"([{"token":"Yes","logprob":-0.25,"bytes":[89],"top_logprobs":[]}])";
  const Reply reply = Read(Responded(TextItem("Yes", token)));
  EXPECT_EQ(reply.message.logprobs, R"({"content":)" + token + "}");
  EXPECT_NE(reply.message.raw.find(R"("logprobs":[])"), std::string::npos);
}

TEST_F(ResponsesTest, CarriesReasoningItemsThroughFiveTurns) {
  const auto items = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return TextItem("Done.");
    return R"({"id":"rs_)" + n +
           R"(","type":"reasoning","summary":[{"type":"summary_text","text":"step )" + n +
           R"("}],"encrypted_content":"gAAAA/+)" + n +
           R"(=="},{"id":"fc_a","type":"function_call","status":)" +
           R"("completed","arguments":"{\"at\": 1}","call_id":"a)" + n +
           R"(","name":"look"},{"id":"fc_b",)" +
           R"("type":"function_call","status":"completed","arguments":"{}","call_id":"b)" + n +
           R"(","name":"look"})";
  };
  CarryFiveTurns([&](int turn) { return Responded(items(turn)); },
                 [&](int turn) {
                   const std::string n = std::to_string(turn);
                   const std::string output = R"("output":"{\"seen\": )" + n + R"(}"})";
                   return items(turn) + R"(,{"type":"function_call_output","call_id":"a)" + n +
                          "\"," + output + R"(,{"type":"function_call_output","call_id":"b)" + n +
                          "\"," + output;
                 });
  EXPECT_EQ(messages_[2].reasoning, "step 1");
  EXPECT_EQ(messages_[2].tool_calls[0].arguments, "{\"at\": 1}");
}

TEST_F(ResponsesTest, RepliesOfOthersBecomeItems) {
  Message said;
  said.role = Role::kAssistant;
  said.text = "Let me look.";
  said.tool_calls = {{"c1", "look", R"({"at":"a"})", false}};
  messages_.push_back(said);
  Read(Responded(TextItem("x")));
  EXPECT_NE(requests_.back().body.find(
                R"(,{"role":"assistant","content":"Let me look."},{"type":"function_call",)"
                R"("call_id":"c1","name":"look","arguments":"{\"at\":\"a\"}"}],)"),
            std::string::npos)
      << requests_.back().body;
}

TEST_F(ResponsesTest, ARefusalAloneIsARefusal) {
  const Reply reply = Read(Responded(
      R"({"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"I will not"}]})"));
  EXPECT_EQ(reply.status, CallStatus::kRefused);
  EXPECT_EQ(reply.error, "endpoint \"openai-responses/m\": the reply is a refusal: I will not");
  EXPECT_NE(reply.message.raw.find(R"("refusal":"I will not")"), std::string::npos);
}

TEST_F(ResponsesTest, SaysWhyAReplyIsIncomplete) {
  const std::string length =
      R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})";
  const Reply cut = Read(Responded(TextItem("To be"), length));
  EXPECT_EQ(cut.status, CallStatus::kOk);
  EXPECT_EQ(cut.finish_reason, "max_output_tokens");
  const std::string filter =
      R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})";
  const Reply filtered = Read(Responded("", filter));
  EXPECT_EQ(filtered.status, CallStatus::kRefused);
  EXPECT_EQ(filtered.error, "endpoint \"openai-responses/m\": the content filter ended the reply");
}

TEST_F(ResponsesTest, ErrorsAreFinalOrNot) {
  const struct {
    int http;
    const char* body;
    CallStatus status;
    int tries;
  } cases[] = {
      {400, R"({"error":{"message":"no","type":"invalid_request_error","code":null}})",
       CallStatus::kError, 1},
      {401, R"({"error":{"message":"who?","code":"invalid_api_key"}})", CallStatus::kAuth, 1},
      {429, R"({"error":{"message":"slow","code":"rate_limit_exceeded"}})",
       CallStatus::kRateLimited, 4},
      {429, R"({"error":{"message":"pay","code":"insufficient_quota"}})", CallStatus::kQuota, 1},
      {200, R"({"status":"failed","output":[],"error":{"code":"server_error","message":"oops"}})",
       CallStatus::kError, 4},
      {200,
       R"({"status":"failed","output":[],"error":{"code":"rate_limit_exceeded","message":"slow"}})",
       CallStatus::kRateLimited, 4},
  };
  for (const auto& one : cases) {
    const Reply reply = Read(one.body, one.http);
    EXPECT_EQ(reply.status, one.status) << one.body << reply.error;
    EXPECT_EQ(reply.tries, one.tries) << one.body;
  }
}

TEST_F(ResponsesTest, SaysWhatIsWrongWithAnUnreadableReply) {
  EXPECT_EQ(Problem("{}"), "no \"output\" in the reply: {}");
  EXPECT_EQ(Problem(R"({"output":{}})"), "output: expected a list, got an object");
  EXPECT_EQ(Problem(R"({"output":[3]})"), "output[0]: expected an object, got a number");
  EXPECT_EQ(Problem(R"({"status":"queued","output":[]})"),
            "the response's status is \"queued\", expected \"completed\"");
}

TEST_F(ResponsesTest, AReplyCutInTheMiddleIsAskedForAgain) {
  EXPECT_EQ(GenerateFromCut("{\"output\":[{\"type\":").tries, 2);
}

TEST_F(ResponsesTest, WhatItDoesNotHaveIsNotAskedFor) {
  Generation generation;
  generation.top_logprobs = 5;
  EXPECT_EQ(MakeFormat()->Lacks(generation), "");
  generation.stop = {"END"};
  EXPECT_EQ(MakeFormat()->Lacks(generation), "--stop");
  generation.seed = 1;
  EXPECT_EQ(MakeFormat()->Lacks(generation), "--seed");
}

}  // namespace
}  // namespace axiometer
