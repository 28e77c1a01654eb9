#include "harness/model/openai_stream.h"

#include <gtest/gtest.h>

#include "harness/model/event_stream.h"
#include "tests/fakes/raw_server.h"
#include "tests/harness/model/endpoint_fixture.h"
#include "tests/harness/model/streamed_shapes.h"

namespace axiometer {
namespace {

std::string Chunk(const std::string& delta, const std::string& finish = "null",
                  const std::string& more = "") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":)" +
         delta + R"(,"finish_reason":)" + finish + "}]" + more + "}\n\n";
}

constexpr char kDone[] = "data: [DONE]\n\n";

TEST(ChatStream, JoinsTextAndUsage) {
  const std::string body =
      ": keep-alive\r\n\r\n" + Chunk(R"({"role":"assistant","content":""})") +
      Chunk(R"({"content":"Hel"})") + Chunk(R"({"content":"lo é","reasoning_content":"Hm"})") +
      Chunk("{}", "\"stop\"") +
      R"(data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}})" + "\n\n" + kDone;
  ASSERT_TRUE(IsEventStream(body));
  const WireReply reply = DecodeChatStream(body);
  ASSERT_EQ(reply.status, WireReply::Status::kMessage) << reply.problem;
  EXPECT_EQ(reply.message.raw,
            R"({"role":"assistant","content":"Hello é","reasoning_content":"Hm"})");
  EXPECT_EQ(reply.message.text, "Hello é");
  EXPECT_EQ(reply.message.reasoning, "Hm");
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_EQ(reply.usage.tokens(), 15);
  EXPECT_EQ(reply.id, "c1");
  EXPECT_EQ(reply.model, "m-1");
}

// The chunks that endpoints have for a reply in one piece.
std::string ChatChunks(const std::string& whole) {
  const Json reply = Json::parse(whole);
  const Json& choice = reply["choices"][0];
  const Json& message = choice["message"];
  std::string out = Chunk(R"({"role":"assistant","content":null})");
  for (const char* name : {"content", "reasoning_content", "refusal"}) {
    if (!message.contains(name) || !message[name].is_string()) continue;
    for (const std::string& piece : Pieces(message[name]))
      out += Chunk(DumpJson(Json{{name, piece}}));
  }
  if (message.contains("tool_calls")) {
    for (size_t i = 0; i < message["tool_calls"].size(); ++i) {
      Json call = message["tool_calls"][i];
      const std::string arguments = call["function"]["arguments"];
      call["function"]["arguments"] = "";
      call["index"] = i;
      out += Chunk(DumpJson(Json{{"tool_calls", {call}}}));
      for (const std::string& piece : Pieces(arguments)) {
        out += Chunk(
            DumpJson(Json{{"tool_calls", {{{"index", i}, {"function", {{"arguments", piece}}}}}}}));
      }
    }
  }
  out += Chunk("{}", DumpJson(choice["finish_reason"]));
  return out + Event("", {{"id", "c1"}, {"choices", Json::array()}, {"usage", reply["usage"]}}) +
         kDone;
}

std::string WholeChat(const std::string& message, const std::string& finish = "stop") {
  return R"({"id":"c1","model":"m-1","choices":[{"index":0,"message":{"role":"assistant",)" +
         message + R"(},"finish_reason":")" + finish +
         R"("}],"usage":{"prompt_tokens":100,"completion_tokens":30,)" +
         R"("prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":20}}})";
}

const char* const kChatCalls =
    R"("content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"at\": \"é\"}"}},)"
    R"({"id":"c2","type":"function","function":{"name":"look","arguments":"{}"}}])";

TEST(ChatStream, ReadsAsInOnePiece) {
  for (const std::string& whole : {
           WholeChat(R"("content":"Hello é")"),
           WholeChat(R"("content":"Hello","reasoning_content":"Hm.")"),
           WholeChat(kChatCalls, "tool_calls"),
           WholeChat(R"("content":"To be")", "length"),
           WholeChat(R"("content":null,"refusal":"I will not")"),
           WholeChat(R"("content":null)", "content_filter"),
       }) {
    SCOPED_TRACE(whole);
    ExpectSame(DecodeChatStream(ChatChunks(whole)), DecodeChat(whole));
  }
}

TEST(ChatStream, JoinsParallelCallsByTheirIndex) {
  const WireReply reply = DecodeChatStream(
      Chunk(
          R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":""}}]})") +
      Chunk(
          R"({"tool_calls":[{"index":0,"id":"","function":{"name":"look","arguments":"{\"a\":"}}]})") +
      Chunk(
          R"({"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"go","arguments":"{}"}}]})") +
      Chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":" 1}"}}]})") +
      Chunk("{}", "\"tool_calls\"") + kDone);
  ASSERT_EQ(reply.message.tool_calls.size(), 2u) << reply.problem;
  EXPECT_EQ(reply.message.tool_calls[0].id, "c1");
  EXPECT_EQ(reply.message.tool_calls[0].name, "look");
  EXPECT_EQ(reply.message.tool_calls[0].arguments, "{\"a\": 1}");
  EXPECT_EQ(reply.message.tool_calls[1].name, "go");
  EXPECT_EQ(reply.finish_reason, "tool_calls");
}

TEST(ChatStream, JoinsReasoningDetails) {
  const WireReply reply = DecodeChatStream(
      Chunk(R"({"reasoning_details":[{"type":"reasoning.text","index":0,"text":"a"}]})") +
      Chunk(
          R"({"reasoning_details":[{"type":"reasoning.text","index":0,"text":"b","signature":"c2ln"}]})") +
      Chunk(R"({"content":"x"})", "\"stop\""));
  EXPECT_NE(
      reply.message.raw.find(
          R"("reasoning_details":[{"type":"reasoning.text","index":0,"text":"ab","signature":"c2ln"}])"),
      std::string::npos)
      << reply.message.raw;
}

TEST(ChatStream, AStreamThatWasCutOffIsNoReply) {
  const WireReply cut = DecodeChatStream(Chunk(R"({"content":"Hel"})"));
  EXPECT_EQ(cut.status, WireReply::Status::kCutOff);
  EXPECT_TRUE(cut.problem.starts_with("the stream ended before the reply did: ")) << cut.problem;
  EXPECT_EQ(DecodeChatStream("data: [DONE]\n\n").status, WireReply::Status::kCutOff);
  EXPECT_EQ(DecodeChatStream("data: {\"id\":\"c1\",\"choi").status, WireReply::Status::kCutOff);
  // Not every endpoint says that it is done.
  EXPECT_EQ(DecodeChatStream(Chunk(R"({"content":"x"})", "\"stop\"")).status,
            WireReply::Status::kMessage);
}

TEST(ChatStream, AnErrorInItIsReported) {
  const WireReply reply =
      DecodeChatStream(Chunk(R"({"content":"Hel"})") +
                       "data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n");
  EXPECT_EQ(reply.status, WireReply::Status::kErrorReport);
  EXPECT_EQ(reply.error.status, 503);
}

TEST(ChatStream, JoinsLogProbabilities) {
  const auto token = [](const std::string& name) {
    return R"({"token":")" + name + R"(","logprob":-0.5})";
  };
  const auto chunk = [&](const std::string& name) {
    return R"(data: {"choices":[{"index":0,"delta":{"content":")" + name +
           R"("},"logprobs":{"content":[)" + token(name) + "]}}]}\n\n";
  };
  EXPECT_EQ(DecodeChatStream(chunk("A") + chunk("B") + kDone).message.logprobs,
            R"({"content":[)" + token("A") + "," + token("B") + "]}");
}

class StreamTest : public EndpointFixture {
 protected:
  StreamTest() {
    spec_.provider = "openai";
    spec_.arguments = {{"stream", "true"}};
  }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeOpenAiChat(spec_); }
};

TEST_F(StreamTest, IsAskedForAndRead) {
  Answer({Canned(200, Chunk(R"({"content":"Hello"})", "\"stop\"") + kDone)});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello");
  EXPECT_EQ(requests_[0].body,
            R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,)"
            R"("stream_options":{"include_usage":true}})");
}

TEST_F(StreamTest, CutAnywhereItIsNoReply) {
  ExpectCutAnywhere(*MakeFormat(), ChatChunks(WholeChat(kChatCalls, "tool_calls")),
                    R"("finish_reason":"tool_calls")");
}

TEST_F(StreamTest, IsByteStableOverFiveToolTurns) {
  const auto message = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return std::string(R"("content":"Done.")");
    return R"("content":null,"reasoning_content":"step )" + n + R"(","tool_calls":[{"id":"a)" + n +
           R"(","type":"function","function":{"name":"look","arguments":"{\"at\": 1}"}},{"id":"b)" +
           n + R"(","type":"function","function":{"name":"look","arguments":"{}"}}])";
  };
  CarryFiveTurns(
      [&](int turn) {
        return ChatChunks(WholeChat(message(turn), turn == 6 ? "stop" : "tool_calls"));
      },
      [&](int turn) { return R"({"role":"assistant",)" + message(turn) + "}"; });
}

TEST_F(StreamTest, WhereItIsDemandedTheErrorSaysSo) {
  spec_.arguments.clear();
  Answer({Canned(400, R"({"error":{"message":"This model only support stream mode"}})")});
  EXPECT_EQ(
      Generate().error,
      "endpoint \"openai/m\": HTTP 400: This model only support stream mode: give -M stream=true");
}

TEST_F(StreamTest, CutInTheMiddleItIsAskedForAgain) {
  const std::string half = Chunk(R"({"content":"Hel"})");
  char size[16];
  std::snprintf(size, sizeof size, "%zx", half.size());
  const RawServer raw(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
      std::string(size) + "\r\n" + half + "\r\n");
  Serving(raw.port());
  spec_.max_retries = 2;
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.tries, 3);
  EXPECT_EQ(reply.message.text, "");
}

}  // namespace
}  // namespace axiometer
