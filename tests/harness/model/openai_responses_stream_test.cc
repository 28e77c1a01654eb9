#include "harness/model/openai_responses_stream.h"

#include <gtest/gtest.h>

#include "harness/model/openai_responses.h"
#include "tests/harness/model/endpoint_fixture.h"
#include "tests/harness/model/streamed_shapes.h"

namespace axiometer {
namespace {

// The events that the API has for a response in one piece, whose status says which is the last.
std::string ResponseEvents(const std::string& whole) {
  const Json response = Json::parse(whole);
  int number = 0;
  std::string out;
  const auto add = [&](const std::string& type, Json members) {
    Json event = {{"type", type}, {"sequence_number", number++}};
    for (const auto& [name, value] : members.items()) event[name] = value;
    out += Event(type, event);
  };
  Json begun = response;
  begun["status"] = "in_progress";
  begun["error"] = nullptr;
  begun["output"] = Json::array();
  begun["usage"] = nullptr;
  add("response.created", {{"response", begun}});
  add("response.in_progress", {{"response", begun}});
  for (size_t i = 0; i < response["output"].size(); ++i) {
    const Json& item = response["output"][i];
    const Json at = {{"output_index", i}, {"item_id", item.value("id", "")}};
    Json first = item;
    first["status"] = "in_progress";
    add("response.output_item.added", {{"output_index", i}, {"item", first}});
    const auto add_pieces = [&](const char* type, const std::string& text) {
      for (const std::string& piece : Pieces(text)) {
        Json members = at;
        members["delta"] = piece;
        add(type, members);
      }
    };
    if (item["type"] == "function_call")
      add_pieces("response.function_call_arguments.delta", item["arguments"]);
    if (item["type"] == "reasoning") {
      for (const Json& one : item["summary"])
        add_pieces("response.reasoning_summary_text.delta", one["text"]);
    }
    if (item["type"] == "message") {
      for (const Json& part : item["content"]) {
        const bool refusal = part["type"] == "refusal";
        add_pieces(refusal ? "response.refusal.delta" : "response.output_text.delta",
                   part[refusal ? "refusal" : "text"]);
      }
    }
    add("response.output_item.done", {{"output_index", i}, {"item", item}});
  }
  add("response." + std::string(response["status"]), {{"response", response}});
  return out;
}

std::string WholeResponse(const std::string& items,
                          const std::string& state = R"("status":"completed")") {
  return R"({"id":"resp_1","object":"response",)" + state +
         R"(,"error":null,"model":"gpt-x-1","output":[)" + items +
         R"(],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":64},"output_tokens":30,)" +
         R"("output_tokens_details":{"reasoning_tokens":20},"total_tokens":130}})";
}

std::string MessageItem(const std::string& part) {
  return R"({"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[)" +
         part + "]}";
}

const char* const kTextPart =
    R"({"type":"output_text","annotations":[],"logprobs":[],"text":"Hello é"})";
const char* const kReasoningItem =
    R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"gAAA/+=="})";
const char* const kCallItems =
    R"({"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"at\": \"é\"}","call_id":"c1","name":"look"},)"
    R"({"id":"fc_2","type":"function_call","status":"completed","arguments":"{}","call_id":"c2","name":"look"})";

class ResponsesStreamTest : public EndpointFixture {
 protected:
  ResponsesStreamTest() {
    spec_.provider = "openai-responses";
    spec_.arguments = {{"stream", "true"}};
  }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeOpenAiResponses(spec_); }
  WireReply Decode(const std::string& body) const { return MakeFormat()->Decode(body, 1); }
};

TEST_F(ResponsesStreamTest, IsAskedForAndRead) {
  Answer({Canned(200, ResponseEvents(WholeResponse(MessageItem(kTextPart))))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello é");
  EXPECT_EQ(reply.usage.input_tokens, 100);
  EXPECT_EQ(reply.usage.output_tokens, 30);
  EXPECT_EQ(requests_[0].body,
            R"({"model":"m","store":false,"input":[{"role":"user","content":"Hi"}],)"
            R"("include":["reasoning.encrypted_content"],"stream":true})");
}

TEST_F(ResponsesStreamTest, ReadsAsInOnePiece) {
  const std::string likely =
      R"({"type":"output_text","annotations":[],"logprobs":[{"token":"Yes","logprob":-0.25,"top_logprobs":[]}],"text":"Yes"})";
  for (
      const std::string& whole : {
          WholeResponse(MessageItem(kTextPart)),
          WholeResponse(MessageItem(likely)),
          WholeResponse(std::string(kReasoningItem) + "," + kCallItems),
          WholeResponse(std::string(kReasoningItem) + "," + MessageItem(kTextPart)),
          WholeResponse(MessageItem(R"({"type":"refusal","refusal":"I will not"})")),
          WholeResponse(
              MessageItem(kTextPart),
              R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"),
          WholeResponse(
              "", R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"),
          WholeResponse(""),
          WholeResponse("", R"("status":"cancelled")"),
          std::string(
              R"({"id":"r","status":"failed","model":"x","output":[],"error":{"code":"rate_limit_exceeded","message":"slow"}})"),
      }) {
    SCOPED_TRACE(whole);
    ExpectSame(Decode(ResponseEvents(whole)), Decode(whole));
    ExpectSame(Decode(ResponseEvents(whole) + "data: [DONE]\n\n"),
               Decode(whole));  // as some servers end
  }
}

TEST_F(ResponsesStreamTest, ItemsStandInForAnOutputThatIsLeftOut) {
  const std::string whole = WholeResponse(std::string(kReasoningItem) + "," + kCallItems);
  std::string stream = ResponseEvents(whole);
  const size_t last = stream.find("event: response.completed");
  Json response = Json::parse(whole);
  response["output"] = Json::array();
  stream.resize(last);
  ExpectSame(Decode(stream + Event("", {{"type", "response.completed"}, {"response", response}})),
             Decode(whole));
}

TEST_F(ResponsesStreamTest, CarriesReasoningItemsThroughFiveTurns) {
  const auto items = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return MessageItem(kTextPart);
    return R"({"id":"rs_)" + n +
           R"(","type":"reasoning","summary":[],"encrypted_content":"gAAAA/+)" + n +
           R"(=="},{"id":"fc_a","type":"function_call","status":"completed","arguments":"{\"at\": 1}","call_id":"a)" +
           n +
           R"(","name":"look"},{"id":"fc_b","type":"function_call","status":"completed","arguments":"{}","call_id":"b)" +
           n + R"(","name":"look"})";
  };
  CarryFiveTurns([&](int turn) { return ResponseEvents(WholeResponse(items(turn))); }, items);
}

TEST_F(ResponsesStreamTest, CutAnywhereItIsNoReply) {
  ExpectCutAnywhere(*MakeFormat(),
                    ResponseEvents(WholeResponse(std::string(kReasoningItem) + "," + kCallItems)),
                    "event: response.completed");
  EXPECT_EQ(Decode("data: [DONE]\n\n").status, WireReply::Status::kCutOff);
}

TEST_F(ResponsesStreamTest, CutInTheMiddleItIsAskedForAgainWhateverCameBefore) {
  std::string half = ResponseEvents(WholeResponse(MessageItem(kTextPart)));
  half.resize(half.find("event: response.completed"));
  Answer({Canned(200, half), Canned(200, half), Canned(200, half),
          Canned(200, ResponseEvents(WholeResponse(MessageItem(kTextPart))))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.tries, 4);
}

TEST_F(ResponsesStreamTest, AnErrorInItIsTheErrorThatItNames) {
  std::string half = ResponseEvents(WholeResponse(MessageItem(kTextPart)));
  half.resize(half.find("event: response.output_item.done"));
  const struct {
    const char* event;
    CallStatus status;
    int tries;
  } cases[] = {
      {R"({"type":"error","code":"rate_limit_exceeded","message":"why","param":null,"sequence_number":9})",
       CallStatus::kRateLimited, 4},
      {R"({"type":"error","code":"server_error","message":"why","param":null})", CallStatus::kError,
       4},
      {R"({"type":"error","code":"insufficient_quota","message":"why"})", CallStatus::kQuota, 1},
      {R"({"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"why"}})",
       CallStatus::kQuota, 1},
      {R"({"error":{"code":400,"message":"why"}})", CallStatus::kError, 1},
      {R"({"type":"response.failed","response":{"status":"failed","output":[],"error":{"code":"server_error","message":"why"}}})",
       CallStatus::kError, 4},
  };
  for (const auto& one : cases) {
    Answer({Canned(200, half + "data: " + one.event + "\n\n")});
    const Reply reply = Generate();
    EXPECT_EQ(reply.status, one.status) << one.event << reply.error;
    EXPECT_EQ(reply.tries, one.tries) << one.event;
    EXPECT_NE(reply.error.find("why"), std::string::npos) << reply.error;
    EXPECT_EQ(reply.error.find("(error"), std::string::npos) << reply.error;
  }
}

TEST_F(ResponsesStreamTest, WhereItIsDemandedTheErrorSaysSo) {
  spec_.arguments.clear();
  Answer({Canned(400, R"({"detail":"Stream must be set to true"})")});
  EXPECT_EQ(
      Generate().error,
      "endpoint \"openai-responses/m\": HTTP 400: Stream must be set to true: give -M stream=true");
}

}  // namespace
}  // namespace axiometer
