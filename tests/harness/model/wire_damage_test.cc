#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness/base/json.h"
#include "harness/model/anthropic_messages.h"
#include "harness/model/gemini_generate.h"
#include "harness/model/openai_chat.h"
#include "harness/model/openai_responses.h"
#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

// Changes a body a little, thousands of times: whatever comes of it is a message whose raw form is
// JSON, or a bounded problem.
void ReadDamaged(const WireFormat& format, const std::string& whole) {
  ASSERT_EQ(format.Decode(whole, 1).status, WireReply::Status::kMessage)
      << format.Decode(whole, 1).problem;
  constexpr char kBytes[] = "{}[]\",:\\ud8 0e-null\xff\x01\n";
  std::mt19937 random(5);
  for (int i = 0; i < 10'000; ++i) {
    std::string body = whole;
    for (int changes = 1 + random() % 4; changes > 0; --changes) {
      const size_t at = random() % body.size();
      switch (random() % 3) {
        case 0:
          body[at] = kBytes[random() % (sizeof kBytes - 1)];
          break;
        case 1:
          body.erase(at, 1 + random() % 20);
          break;
        default:
          body.insert(at, body.substr(random() % body.size(), random() % 20));
      }
      if (body.empty()) body = "x";
    }
    const WireReply reply = format.Decode(body, 1);
    EXPECT_LT(reply.problem.size(), 1000u);
    if (reply.status == WireReply::Status::kMessage) {
      EXPECT_TRUE(ParseJson(reply.message.raw, "raw"));
      EncodedConversation encoded;
      format.Append({reply.message}, encoded);
    } else {
      EXPECT_FALSE(reply.problem.empty()) << body;
    }
    DecodeError(body);
  }
}

ModelSpec Spec() {
  ModelSpec spec;
  spec.name = "m";
  spec.base_url = "http://127.0.0.1:1";
  return spec;
}

TEST(DamagedReplies, OfOpenAi) {
  ReadDamaged(
      *MakeOpenAiChat(Spec()),
      R"({"id":"x","choices":[{"message":{"role":"assistant","content":["a\ud83d\ude00",{"text":"b"}],)"
      R"("reasoning_details":[{"text":"t"}],"refusal":null,"tool_calls":[{"id":"c1","function":{"name":"look",)"
      R"("arguments":{"b":[2]}}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e3,)"
      R"("prompt_tokens_details":{"cached_tokens":4}},"error":null})");
}

TEST(DamagedReplies, OfAnthropic) {
  ReadDamaged(
      *MakeAnthropicMessages(Spec()),
      R"({"id":"m","type":"message","content":[{"type":"thinking","thinking":"a\ud83d\ude00","signature":"s"},)"
      R"({"type":"text","text":"b"},{"type":"tool_use","id":"t","name":"look","input":{"b":[2]}}],)"
      R"("stop_reason":"tool_use","usage":{"input_tokens":1e3,"output_tokens":2}})");
}

TEST(DamagedReplies, OfResponses) {
  ReadDamaged(
      *MakeOpenAiResponses(Spec()),
      R"({"id":"r","status":"completed","error":null,"incomplete_details":null,"output":[{"type":"reasoning",)"
      R"("summary":[{"text":"s"}],"encrypted_content":"e"},{"type":"message","content":[{"type":"output_text",)"
      R"("text":"b","logprobs":[{"token":"b"}]},{"type":"refusal","refusal":"n"}]},{"type":"function_call",)"
      R"("call_id":"c","name":"look","arguments":"{}"}],"usage":{"input_tokens":1,"output_tokens":2}})");
}

TEST(DamagedReplies, OfGemini) {
  ReadDamaged(
      *MakeGeminiGenerate(Spec()),
      R"({"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"b"},{"functionCall":{"name":)"
      R"("look","args":{"a":1}},"thoughtSignature":"s"}]},"finishReason":"STOP","logprobsResult":)"
      R"({"chosenCandidates":[{"token":"b","logProbability":-1}],"topCandidates":[{"candidates":[{}]}]}}],)"
      R"("promptFeedback":{},"usageMetadata":{"promptTokenCount":1}})");
}

TEST(DamagedReplies, OfAStream) {
  ReadDamaged(*MakeOpenAiChat(Spec()),
              "data: "
              "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"a\"},\"logprobs\":{"
              "\"content\":[{}]}}]}\n\n"
              "data: "
              "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{"
              "\"name\":\"look\","
              "\"arguments\":\"{}\"}}],\"reasoning_details\":[{\"index\":0,\"text\":\"t\"}]}}]}\n\n"
              "data: "
              "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
              "tokens\":1}}\n\n"
              "data: [DONE]\n\n");
}

}  // namespace
}  // namespace axiometer
