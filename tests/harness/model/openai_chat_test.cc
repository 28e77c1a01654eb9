#include "harness/model/openai_chat.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

constexpr char kTools[] = R"([{"type":"function","function":{"name":"look","parameters":{}}}])";

Message Say(Role role, std::string text) {
  Message message;
  message.role = role;
  message.text = std::move(text);
  return message;
}

Message ToolAnswer(std::string id, std::string name, std::string text) {
  Message message = Say(Role::kTool, std::move(text));
  message.tool_call_id = std::move(id);
  message.tool_name = std::move(name);
  return message;
}

// A conversation that grows, and what would be sent for it.
class Conversation {
 public:
  void Add(Message message) { messages_.push_back(std::move(message)); }
  std::string Body(const Request& request) {
    AppendMessages(messages_, encoded_);
    return ChatHead("some/model") + encoded_.bytes + ChatTail(request);
  }
  std::string BodyAfresh(const Request& request) {
    EncodedConversation afresh;
    AppendMessages(messages_, afresh);
    return ChatHead("some/model") + afresh.bytes + ChatTail(request);
  }
  const EncodedConversation& encoded() const { return encoded_; }

 private:
  std::vector<Message> messages_;
  EncodedConversation encoded_;
};

std::string Completion(const std::string& message, const std::string& more = "") {
  return R"({"id":"c1","model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":)" +
         message + "}]" + more + "}";
}

TEST(ChatEncode, MembersComeInTheOrderOfTheProtocol) {
  Conversation conversation;
  conversation.Add(Say(Role::kSystem, "be \"brief\""));
  conversation.Add(Say(Role::kUser, "día\n"));
  Request request;
  request.tools = kTools;
  request.tool_choice = "auto";
  request.response_format = R"({"type":"json_object"})";
  Generation& generation = request.generation;
  generation.temperature = 0.0;
  generation.max_tokens = 12000;
  generation.parallel_tool_calls = false;
  generation.n = 2;
  generation.seed = 7;
  generation.stop = {"END"};
  generation.top_p = 0.9;
  generation.reasoning_effort = "low";
  generation.top_logprobs = 20;
  EXPECT_EQ(conversation.Body(request),
            R"({"model":"some/model","messages":[{"role":"system","content":"be \"brief\""},)"
            R"({"role":"user","content":"día\n"}],"tools":)" +
                std::string(kTools) +
                R"(,"tool_choice":"auto","temperature":0.0,"max_tokens":12000,)"
                R"("parallel_tool_calls":false,"n":2,"seed":7,"stop":["END"],"top_p":0.9,)"
                R"("reasoning_effort":"low","logprobs":true,"top_logprobs":20,"response_format":{"type":"json_object"}})");
}

TEST(ChatDecode, LogProbabilitiesStandBesideTheMessageAndAreNeverSentBack) {
  const std::string logprobs = R"({"content":[{"token":"Yes","logprob":-0.25,"top_logprobs":[]}]})";
  const WireReply reply =
      DecodeChat(R"({"choices":[{"message":{"role":"assistant","content":"Yes"},"logprobs":)" + logprobs + "}]}");
  EXPECT_EQ(reply.message.logprobs, logprobs);
  EXPECT_EQ(reply.message.raw, R"({"role":"assistant","content":"Yes"})");
  EXPECT_EQ(RawWithLogprobs(reply.message),
            R"({"role":"assistant","content":"Yes","logprobs":)" + logprobs + "}");
  Message stored;
  EXPECT_EQ(DecodeChatMessage(*ParseJson(RawWithLogprobs(reply.message), "stored"), stored), "");
  EXPECT_EQ(stored.raw, reply.message.raw);
  EXPECT_EQ(stored.logprobs, logprobs);
}

TEST(ChatDecode, AnEndpointWithoutLogProbabilitiesGivesNone) {
  const WireReply reply =
      DecodeChat(R"({"choices":[{"message":{"role":"assistant","content":"Yes"},"logprobs":null}]})");
  EXPECT_EQ(reply.message.logprobs, "");
  EXPECT_EQ(RawWithLogprobs(reply.message), reply.message.raw);
}

TEST(ChatEncode, AJudgesRequestHasItsFiveMembers) {
  Conversation conversation;
  conversation.Add(Say(Role::kUser, "judge"));
  Request request;
  request.response_format = R"({"type":"json_object"})";
  request.generation.temperature = 0.2;
  request.generation.max_tokens = 8000;
  EXPECT_EQ(conversation.Body(request),
            R"({"model":"some/model","messages":[{"role":"user","content":"judge"}],)"
            R"("temperature":0.2,"max_tokens":8000,"response_format":{"type":"json_object"}})");
}

TEST(ChatEncode, SettingsThatAreAbsentAreNotSent) {
  Conversation conversation;
  conversation.Add(Say(Role::kUser, "hello"));
  Request request;
  request.tool_choice = "auto";                   // only with tools
  request.generation.parallel_tool_calls = true;  // likewise
  EXPECT_EQ(conversation.Body(request),
            R"({"model":"some/model","messages":[{"role":"user","content":"hello"}]})");
}

TEST(ChatEncode, ExtraMembersAreJsonOrText) {
  EXPECT_EQ(ChatTail(Request(), {{"a", "{\"x\": 1}"}, {"b", "plain text"}, {"c", "true"}}),
            R"(],"a":{"x":1},"b":"plain text","c":true})");
}

TEST(ChatEncode, IsByteStableOverFiveToolTurns) {
  Conversation conversation;
  conversation.Add(Say(Role::kSystem, "system"));
  conversation.Add(Say(Role::kUser, "task"));
  Request request;
  request.tools = kTools;
  std::string previous = conversation.Body(request);
  for (int turn = 1; turn <= 5; ++turn) {
    const std::string id = "call_" + std::to_string(turn);
    const std::string raw =
        R"({"tool_calls":[{"id":")" + id +
        R"(","type":"function","function":{"name":"look","arguments":"{\"n\": )" +
        std::to_string(turn) + R"(}"}}],"content":null,"role":"assistant","x":[ ]})";
    Message reply;
    reply.role = Role::kAssistant;
    reply.raw = raw;
    conversation.Add(reply);
    conversation.Add(ToolAnswer(id, "look", R"({"success": true})"));
    const std::string body = conversation.Body(request);
    const std::string tail = ChatTail(request);
    const std::string_view prefix =
        std::string_view(previous).substr(0, previous.size() - tail.size());
    EXPECT_EQ(body.substr(0, prefix.size()), prefix);
    EXPECT_NE(body.find(raw), std::string::npos);
    EXPECT_EQ(body, conversation.BodyAfresh(request));
    EXPECT_TRUE(ParseJson(body, "body"));
    previous = body;
  }
  EXPECT_EQ(conversation.encoded().messages, 12u);
  EXPECT_EQ(conversation.encoded().digest.Hex(), Sha256(conversation.encoded().bytes));
}

TEST(ChatEncode, AnAnswerNamesItsCall) {
  Conversation conversation;
  conversation.Add(ToolAnswer("call_1", "look", "{}"));
  EXPECT_EQ(conversation.Body(Request()),
            R"({"model":"some/model","messages":[{"role":"tool","tool_call_id":"call_1",)"
            R"("name":"look","content":"{}"}]})");
}

TEST(ChatEncode, CallsWithoutARawMessageAreBuilt) {
  Message reply;
  reply.role = Role::kAssistant;
  reply.tool_calls = {{"c1", "look", "{\"a\":1}", false}, {"c2", "look", "{\"b\":2}", true}};
  Conversation conversation;
  conversation.Add(reply);
  EXPECT_EQ(conversation.Body(Request()),
            R"({"model":"some/model","messages":[{"role":"assistant","content":null,"tool_calls":[)"
            R"({"id":"c1","type":"function","function":{"name":"look","arguments":"{\"a\":1}"}},)"
            R"({"id":"c2","type":"function","function":{"name":"look","arguments":{"b":2}}}]}]})");
}

TEST(ChatDecode, KeepsTheMessageAsReceived) {
  const std::string message =
      R"({"content":"Done.","role":"assistant","annotations":[],"z":1.0,"a":{"k":"é"}})";
  const WireReply reply = DecodeChat(Completion(message));
  ASSERT_EQ(reply.status, WireReply::Status::kMessage) << reply.problem;
  EXPECT_EQ(reply.message.raw, message);
  EXPECT_EQ(reply.message.text, "Done.");
  EXPECT_EQ(reply.message.role, Role::kAssistant);
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_EQ(reply.choices, 1);
  EXPECT_EQ(reply.id, "c1");
  EXPECT_EQ(reply.model, "m-1");
}

TEST(ChatDecode, AMissingRoleIsFilledIn) {
  EXPECT_EQ(DecodeChat(Completion(R"({"content":"x"})")).message.raw,
            R"({"content":"x","role":"assistant"})");
}

TEST(ChatDecode, JoinsTheTextOfParts) {
  EXPECT_EQ(
      DecodeChat(
          Completion(
              R"({"content":["a",{"type":"text","text":"b"},{"content":"c"},{"image":1},7]})"))
          .message.text,
      "abc");
  EXPECT_EQ(DecodeChat(Completion(R"({"content":7,"tool_calls":null})")).message.text, "");
}

TEST(ChatDecode, ToolCallsThatAreNoListAreNone) {
  const WireReply reply = DecodeChat(Completion(R"({"content":"x","tool_calls":{"a":1}})"));
  EXPECT_EQ(reply.status, WireReply::Status::kMessage);
  EXPECT_TRUE(reply.message.tool_calls.empty());
  EXPECT_EQ(reply.message.raw, R"({"content":"x","tool_calls":{"a":1},"role":"assistant"})");
}

TEST(ChatDecode, FindsReasoningUnderItsNames) {
  const auto reasoning = [](const std::string& fields) {
    return DecodeChat(Completion("{\"content\":\"x\"," + fields + "}")).message.reasoning;
  };
  EXPECT_EQ(reasoning(R"("reasoning":"r1","reasoning_content":"r2")"), "r1");
  EXPECT_EQ(reasoning(R"("reasoning":[{"text":"p"},"q"])"), "pq");
  EXPECT_EQ(reasoning(R"("reasoning_details":[{"text":"d1"},{"summary":"d2"},{"data":"e"}])"),
            "d1\nd2");
  EXPECT_EQ(reasoning(R"("reasoning_content":"r2")"), "r2");
}

TEST(ChatDecode, ReadsToolCallsWithTextOrObjectArguments) {
  const WireReply reply = DecodeChat(Completion(
      R"({"content":null,"tool_calls":[{"id":"c1","function":{"name":" look ","arguments":"{\"a\": 1"}},)"
      R"({"function":{"name":"go","arguments":{"b":[2]}}},{"id":3,"function":{"arguments":null}},{}]})"));
  ASSERT_EQ(reply.status, WireReply::Status::kMessage) << reply.problem;
  ASSERT_EQ(reply.message.tool_calls.size(), 4u);
  const auto& calls = reply.message.tool_calls;
  EXPECT_EQ(calls[0].id, "c1");
  EXPECT_EQ(calls[0].name, " look ");
  EXPECT_EQ(calls[0].arguments, "{\"a\": 1");
  EXPECT_FALSE(calls[0].arguments_were_object);
  EXPECT_EQ(calls[1].id, "");
  EXPECT_EQ(calls[1].arguments, "{\"b\":[2]}");
  EXPECT_TRUE(calls[1].arguments_were_object);
  EXPECT_EQ(calls[2].id, "3");
  EXPECT_EQ(calls[2].arguments, "");
  EXPECT_EQ(calls[3].name, "");
}

TEST(ChatDecode, CountsTokens) {
  const Usage usage =
      DecodeChat(Completion(R"({"content":"x"})",
                            R"(,"usage":{"prompt_tokens":100,"completion_tokens":30,)"
                            R"("prompt_tokens_details":{"cached_tokens":64},)"
                            R"("completion_tokens_details":{"reasoning_tokens":20}})"))
          .usage;
  EXPECT_EQ(usage.input_tokens, 100);
  EXPECT_EQ(usage.cached_tokens, 64);
  EXPECT_EQ(usage.output_tokens, 30);
  EXPECT_EQ(usage.reasoning_tokens, 20);
  EXPECT_FALSE(usage.cost_usd);
  EXPECT_EQ(DecodeChat(Completion("{}", R"(,"usage":null)")).usage.tokens(), 0);
  EXPECT_EQ(DecodeChat(Completion("{}", R"(,"usage":{"prompt_tokens":-5,"completion_tokens":"x"})"))
                .usage.tokens(),
            0);
}

TEST(ChatDecode, ARefusalAloneIsARefusal) {
  const WireReply refused = DecodeChat(Completion(R"({"content":null,"refusal":"I will not"})"));
  EXPECT_EQ(refused.status, WireReply::Status::kRefusal);
  EXPECT_EQ(refused.problem, "the reply is a refusal: I will not");
  EXPECT_EQ(DecodeChat(Completion(R"({"content":"But:","refusal":"no"})")).status,
            WireReply::Status::kMessage);
  EXPECT_EQ(
      DecodeChat(R"({"choices":[{"finish_reason":"content_filter","message":{"content":""}}]})")
          .status,
      WireReply::Status::kRefusal);
  // Nothing at all is no refusal; the scaffold says what that means.
  EXPECT_EQ(DecodeChat(Completion(R"({"content":null})")).status, WireReply::Status::kMessage);
}

TEST(ChatDecode, ALengthStopIsAReply) {
  const WireReply reply =
      DecodeChat(R"({"choices":[{"finish_reason":"length","message":{"role":"assistant","content":"To be"}}]})");
  EXPECT_EQ(reply.status, WireReply::Status::kMessage);
  EXPECT_EQ(reply.message.text, "To be");
  EXPECT_EQ(reply.finish_reason, "length");
}

TEST(ChatDecode, OtherNumbersOfChoicesAreTheEndpointsLastWord) {
  const WireReply none = DecodeChat(R"({"choices":[],"usage":{"prompt_tokens":9}})");
  EXPECT_EQ(none.status, WireReply::Status::kWrongChoices);
  EXPECT_EQ(none.problem, "0 choices in the reply, expected 1");
  EXPECT_EQ(none.usage.input_tokens, 9);
  const std::string two =
      R"({"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]})";
  EXPECT_EQ(DecodeChat(two).problem, "2 choices in the reply, expected 1");
  EXPECT_EQ(DecodeChat(two, 2).message.text, "a");
  EXPECT_EQ(DecodeChat(two, 2).choices, 2);
}

TEST(ChatDecode, AnErrorReportMayComeWithStatus200) {
  const WireReply reply =
      DecodeChat(R"({"error":{"code":429,"message":"slow\ndown","type":"limit"}})");
  EXPECT_EQ(reply.status, WireReply::Status::kErrorReport);
  EXPECT_EQ(reply.error.status, 429);
  EXPECT_EQ(reply.problem, "slow down (limit, 429)");
  const WireReply inside =
      DecodeChat(R"({"choices":[{"error":{"message":"upstream"},"message":{"content":"ha"}}]})");
  EXPECT_EQ(inside.status, WireReply::Status::kErrorReport);
  EXPECT_EQ(inside.problem, "upstream");
  EXPECT_EQ(DecodeChat(R"({"object":"error","message":"no such model","code":40401})").problem,
            "no such model (40401)");
  // Some servers send the member always.
  EXPECT_EQ(DecodeChat(Completion(R"({"content":"x"})", R"(,"error":null)")).status,
            WireReply::Status::kMessage);
}

TEST(ChatDecode, SaysWhatIsWrongWithAnUnreadableReply) {
  const auto problem = [](const std::string& body) {
    const WireReply reply = DecodeChat(body);
    EXPECT_EQ(reply.status, WireReply::Status::kUnreadable) << body;
    return reply.problem;
  };
  EXPECT_EQ(problem(""), "the reply is empty, expected JSON");
  EXPECT_EQ(
      problem("<!doctype html><title>Sign\n in</title>"),
      "the reply is an HTML page titled \"Sign in\", expected JSON: does the base URL end in /v1?");
  EXPECT_EQ(problem("{\"choices\": [{\"mess"),
            "reply:1:20: not valid JSON: {\"choices\": [{\"mess");
  EXPECT_EQ(problem("[1]"), "the reply is a list, expected an object");
  EXPECT_EQ(problem("{}"), "no \"choices\" in the reply: {}");
  EXPECT_EQ(problem(R"({"choices":{}})"), "choices: expected a list, got an object");
  EXPECT_EQ(problem(R"({"choices":[3]})"), "choices[0]: expected an object, got a number");
  EXPECT_EQ(problem(R"({"choices":[{}]})"), "choices[0]: no \"message\"");
  EXPECT_EQ(problem(R"({"choices":[{"message":"hi"}]})"),
            "choices[0].message: expected an object, got a string");
  EXPECT_EQ(problem(Completion(R"({"tool_calls":[{},true]})")),
            "choices[0].message.tool_calls[1]: expected an object, got a boolean");
  EXPECT_EQ(problem(std::string(100'000, '[')),
            "reply: nested deeper than 100 levels: " + std::string(200, '[') + "… (100000 bytes)");
}

TEST(ChatDecode, HalfCharactersBecomeReplacements) {
  const WireReply lone =
      DecodeChat(Completion(R"({"content":"a\ud83d \ude00 \ud83d\ude00 \\ud83d"})"));
  ASSERT_EQ(lone.status, WireReply::Status::kMessage) << lone.problem;
  EXPECT_EQ(lone.message.text, "a\uFFFD \uFFFD \U0001F600 \\ud83d");
  const WireReply cut = DecodeChat(Completion("{\"content\":\"a\xF0\x9F\x98\"}"));
  ASSERT_EQ(cut.status, WireReply::Status::kMessage) << cut.problem;
  EXPECT_EQ(cut.message.text.substr(0, 4), "a\uFFFD");
}

TEST(ChatDecode, ErrorBodiesComeInManyForms) {
  EXPECT_EQ(DecodeError(R"({"error":{"message":"m","code":"c","type":"t"}})").message, "m");
  EXPECT_EQ(DecodeError(R"({"error":"plain"})").message, "plain");
  EXPECT_EQ(DecodeError(R"({"detail":"Not Found"})").message, "Not Found");
  EXPECT_EQ(DecodeError(R"({"detail":[{"loc":["body"]}]})").message, R"([{"loc":["body"]}])");
  EXPECT_EQ(
      DecodeError(R"({"error":{"code":"content_filter","innererror":{"code":"X"}}})").code,
      "content_filter");
  EXPECT_EQ(DecodeError("upstream gone\x1b[31m").message, "upstream gone [31m");
  EXPECT_FALSE(DecodeError("upstream gone").reported);
  EXPECT_LT(DecodeError(std::string(1 << 20, 'x')).message.size(), 700u);
}

}  // namespace
}  // namespace axiometer
