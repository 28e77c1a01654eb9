#include "harness/model/anthropic_stream.h"

#include <gtest/gtest.h>

#include "harness/model/anthropic_messages.h"
#include "harness/model/event_stream.h"
#include "tests/harness/model/endpoint_fixture.h"
#include "tests/harness/model/streamed_shapes.h"

namespace axiometer {
namespace {

std::string BlockDelta(int index, const Json& delta) {
  return Event("content_block_delta",
               {{"type", "content_block_delta"}, {"index", index}, {"delta", delta}});
}

// The events that the API has for a reply in one piece.
std::string AnthropicEvents(const std::string& whole) {
  Json message = Json::parse(whole);
  const Json content = message["content"];
  const Json stop = {{"stop_reason", message["stop_reason"]},
                     {"stop_sequence", nullptr},
                     {"stop_details", message.value("stop_details", Json())}};
  const Json usage = message["usage"];
  message["content"] = Json::array();
  message["stop_reason"] = nullptr;
  message.erase("stop_details");
  message["usage"]["output_tokens"] = 1;
  std::string out = Event("message_start", {{"type", "message_start"}, {"message", message}});
  out += Event("ping", {{"type", "ping"}});
  for (int i = 0; i < static_cast<int>(content.size()); ++i) {
    Json block = content[i];
    std::string deltas;
    for (const char* name : {"text", "thinking"}) {
      if (!block.contains(name)) continue;
      for (const std::string& piece : Pieces(block[name])) {
        deltas += BlockDelta(i, {{"type", std::string(name) + "_delta"}, {name, piece}});
      }
      block[name] = "";
    }
    if (block.contains("signature")) {
      deltas += BlockDelta(i, {{"type", "signature_delta"}, {"signature", block["signature"]}});
      block["signature"] = "";
    }
    if (block.contains("citations")) {
      for (const Json& one : block["citations"])
        deltas += BlockDelta(i, {{"type", "citations_delta"}, {"citation", one}});
      block["citations"] = Json::array();
    }
    if (block.contains("input")) {
      deltas = BlockDelta(i, {{"type", "input_json_delta"}, {"partial_json", ""}});
      for (const std::string& piece :
           Pieces(block["input"].empty() ? "" : DumpJson(block["input"]))) {
        deltas += BlockDelta(i, {{"type", "input_json_delta"}, {"partial_json", piece}});
      }
      block["input"] = Json::object();
    }
    out += Event("content_block_start",
                 {{"type", "content_block_start"}, {"index", i}, {"content_block", block}});
    out += deltas + Event("content_block_stop", {{"type", "content_block_stop"}, {"index", i}});
  }
  out += Event("message_delta", {{"type", "message_delta"},
                                 {"delta", stop},
                                 {"usage", {{"output_tokens", usage["output_tokens"]}}}});
  return out + Event("message_stop", {{"type", "message_stop"}});
}

std::string WholeMessage(const std::string& blocks, const std::string& stop = "end_turn",
                         const std::string& more = "") {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x-1","content":[)" +
         blocks + R"(],"stop_reason":")" + stop +
         R"(","stop_sequence":null,"usage":{"input_tokens":10,)" +
         R"("cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":25})" +
         more + "}";
}

const char* const kThinkingBlock =
    R"({"type":"thinking","thinking":"Hm. é","signature":"c2lnbmF0dXJl/+=="})";
const char* const kToolUses =
    R"({"type":"tool_use","id":"t1","name":"look","input":{"at":"é","n":1.0}},)"
    R"({"type":"tool_use","id":"t2","name":"look","input":{},"caller":{"type":"direct"}})";

class AnthropicStreamTest : public EndpointFixture {
 protected:
  AnthropicStreamTest() {
    spec_.provider = "anthropic";
    spec_.base_url = "http://127.0.0.1:" + std::to_string(server_->port());
    spec_.arguments = {{"stream", "true"}};
  }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeAnthropicMessages(spec_); }
  WireReply Decode(const std::string& body) const { return MakeFormat()->Decode(body, 1); }
};

TEST_F(AnthropicStreamTest, IsAskedForAndRead) {
  Answer({Canned(200, AnthropicEvents(WholeMessage(R"({"type":"text","text":"Hello"})")))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello");
  EXPECT_EQ(reply.usage.input_tokens, 3210);
  EXPECT_EQ(reply.usage.output_tokens, 25);
  EXPECT_EQ(requests_[0].target, "/v1/messages");
  EXPECT_EQ(requests_[0].body,
            R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],)"
            R"("max_tokens":8192,"stream":true})");
}

TEST_F(AnthropicStreamTest, ReadsAsInOnePiece) {
  const std::string text = R"({"type":"text","text":"Look: é"})";
  for (const std::string& whole : {
           WholeMessage(text),
           WholeMessage(R"({"type":"text","text":"a"},{"type":"text","text":"b"})"),
           WholeMessage(
               R"({"type":"text","text":"a","citations":[{"cited_text":"x"},{"cited_text":"y"}]})"),
           WholeMessage(std::string(kThinkingBlock) +
                            ",{\"type\":\"redacted_thinking\",\"data\":\"eA==\"}," + text + "," +
                            kToolUses,
                        "tool_use"),
           WholeMessage(R"({"type":"text","text":"Sure, first"})", "refusal"),
           WholeMessage("", "refusal", R"(,"stop_details":{"type":"refusal","explanation":"no"})"),
           WholeMessage(R"({"type":"text","text":"To be"})", "max_tokens"),
           WholeMessage(""),
       }) {
    SCOPED_TRACE(whole);
    ASSERT_FALSE(IsEventStream(whole));
    ExpectSame(Decode(AnthropicEvents(whole)), Decode(whole));
  }
}

TEST_F(AnthropicStreamTest, CarriesThinkingAndItsSignaturesThroughFiveTurns) {
  const auto blocks = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return std::string(R"({"type":"text","text":"Done."})");
    return R"({"type":"thinking","thinking":"step )" + n + R"(","signature":"c2ln)" + n +
           R"(=="},{"type":"tool_use","id":"a)" + n + R"(","name":"look","input":{"at":"x"}},)" +
           R"({"type":"tool_use","id":"b)" + n + R"(","name":"look","input":{"at":"y"}})";
  };
  CarryFiveTurns(
      [&](int turn) {
        return AnthropicEvents(WholeMessage(blocks(turn), turn == 6 ? "end_turn" : "tool_use"));
      },
      [&](int turn) { return R"({"role":"assistant","content":[)" + blocks(turn) + "]}"; });
}

TEST_F(AnthropicStreamTest, CutAnywhereItIsNoReply) {
  ExpectCutAnywhere(
      *MakeFormat(),
      AnthropicEvents(WholeMessage(std::string(kThinkingBlock) + "," + kToolUses, "tool_use")),
      "event: message_delta");
  EXPECT_EQ(Decode(Event("message_stop", {{"type", "message_stop"}})).status,
            WireReply::Status::kCutOff);
}

TEST_F(AnthropicStreamTest, CutInTheMiddleItIsAskedForAgainWhateverCameBefore) {
  std::string half = AnthropicEvents(WholeMessage(kThinkingBlock));
  half.resize(half.find("event: message_delta"));
  Answer({Canned(200, half), Canned(200, half), Canned(200, half),
          Canned(200, AnthropicEvents(WholeMessage(R"({"type":"text","text":"x"})")))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.tries, 4);
  EXPECT_EQ(reply.usage.input_tokens, 4 * 3210);  // the provider counts them too
}

TEST_F(AnthropicStreamTest, AnErrorInItIsTheErrorThatItNames) {
  std::string half = AnthropicEvents(WholeMessage(kThinkingBlock));
  half.resize(half.find("event: content_block_stop"));
  const auto error = [&](const std::string& type) {
    return half +
           Event("error", {{"type", "error"}, {"error", {{"type", type}, {"message", "why"}}}});
  };
  const struct {
    const char* type;
    CallStatus status;
    int tries;
  } cases[] = {{"overloaded_error", CallStatus::kError, 4},
               {"api_error", CallStatus::kError, 4},
               {"timeout_error", CallStatus::kTimeout, 4},
               {"rate_limit_error", CallStatus::kRateLimited, 4},
               {"invalid_request_error", CallStatus::kError, 1},
               {"authentication_error", CallStatus::kAuth, 1},
               {"billing_error", CallStatus::kQuota, 1}};
  for (const auto& one : cases) {
    Answer({Canned(200, error(one.type))});
    const Reply reply = Generate();
    EXPECT_EQ(reply.status, one.status) << one.type;
    EXPECT_EQ(reply.tries, one.tries) << one.type;
    EXPECT_NE(reply.error.find("why (" + std::string(one.type) + ")"), std::string::npos)
        << reply.error;
  }
}

TEST_F(AnthropicStreamTest, ArgumentsThatALengthStopLeftBehindAreKept) {
  std::string stream = AnthropicEvents(WholeMessage(kToolUses, "max_tokens"));
  const std::string last = R"("partial_json":"0}")";
  stream.replace(stream.find(last), last.size(), R"("partial_json":"")");
  const WireReply reply = Decode(stream);
  ASSERT_EQ(reply.message.tool_calls.size(), 2u) << reply.problem;
  EXPECT_EQ(reply.message.tool_calls[0].arguments, R"({"INVALID_JSON":"{\"at\":\"é\",\"n\":1."})");
  EXPECT_EQ(reply.finish_reason, "max_tokens");
}

TEST_F(AnthropicStreamTest, NewEventsAndDeltasArePassedOverOrKept) {
  const WireReply reply = Decode(
      Event("message_start",
            {{"type", "message_start"},
             {"message", {{"id", "m"}, {"usage", {{"input_tokens", 7}, {"output_tokens", 1}}}}}}) +
      Event("weather", {{"type", "weather"}, {"rain", true}}) + ": still there\n\nretry: 10\n\n" +
      Event("", {{"type", "content_block_start"},
                 {"index", 4},
                 {"content_block", {{"type", "compaction"}, {"content", nullptr}}}}) +
      BlockDelta(4, {{"type", "compaction_delta"}, {"content", "so far"}}) +
      Event("",
            {{"type", "message_delta"},
             {"delta", {{"stop_reason", "compaction"}}},
             {"usage",
              {{"input_tokens", 9}, {"output_tokens", 5}, {"cache_read_input_tokens", nullptr}}}}));
  EXPECT_EQ(reply.status, WireReply::Status::kMessage) << reply.problem;
  EXPECT_NE(reply.message.raw.find(R"("items":[{"type":"compaction","content":"so far"}])"),
            std::string::npos)
      << reply.message.raw;
  EXPECT_EQ(reply.usage.input_tokens, 9);
  EXPECT_EQ(reply.usage.output_tokens, 5);
}

TEST_F(AnthropicStreamTest, SaysWhatIsWrongWithAnUnreadableStream) {
  const std::string start =
      Event("message_start", {{"type", "message_start"}, {"message", Json::object()}});
  EXPECT_EQ(
      Decode(start + BlockDelta(2, {{"type", "text_delta"}, {"text", "x"}})).problem,
      R"(a delta of content block 2, which has not begun: {"type":"content_block_delta","index":2,)"
      R"("delta":{"type":"text_delta","text":"x"}})");
  EXPECT_EQ(Decode(start + "data: 5\n\n").problem, "the reply is a number, expected an object");
}

TEST_F(AnthropicStreamTest, WhereItIsDemandedTheErrorSaysSo) {
  spec_.arguments.clear();
  Answer({Canned(
      400,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"stream: must be true"}})")});
  EXPECT_EQ(Generate().error,
            "endpoint \"anthropic/m\": HTTP 400: stream: must be true: give -M stream=true");
}

TEST_F(AnthropicStreamTest, AKeyInPiecesDoesNotGetThrough) {
  const std::string key = kKey;
  Answer({Canned(200, AnthropicEvents(WholeMessage(
                          R"({"type":"text","text":"It is )" + key +
                          R"(!"},{"type":"tool_use","id":"t","name":"look","input":{"at":")" + key +
                          "\"}}")))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  for (const std::string& text :
       {reply.message.text, reply.message.raw, reply.message.tool_calls.at(0).arguments}) {
    EXPECT_EQ(text.find(key), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace axiometer
