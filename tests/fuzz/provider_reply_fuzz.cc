// Replies of the four wire formats, in one piece and as streams: what is understood is sent back as
// JSON, in one piece as in several, and a stream that was cut off says nothing. The first byte says
// which format, 4 a stream of chat completions whatever it begins with.

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/model/anthropic_messages.h"
#include "harness/model/gemini_generate.h"
#include "harness/model/openai_chat.h"
#include "harness/model/openai_responses.h"
#include "harness/model/openai_stream.h"
#include "harness/model/reply_json.h"
#include "harness/scaffold/react_tools.h"
#include "harness/scaffold/reply.h"
#include "harness/store/message_json.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

namespace {

ModelSpec Spec() {
  ModelSpec spec;
  spec.provider = "any";
  spec.name = "m";
  spec.base_url = "http://127.0.0.1:1";
  return spec;
}

const WireFormat& Format(size_t kind) {
  static const std::unique_ptr<WireFormat> formats[] = {MakeOpenAiChat(Spec()), MakeOpenAiResponses(Spec()),
                                                        MakeAnthropicMessages(Spec()), MakeGeminiGenerate(Spec())};
  return *formats[kind];
}

Message Plain(Role role, const std::string& text) {
  Message message;
  message.role = role;
  message.text = text;
  return message;
}

// A conversation that goes on after `reply`.
std::vector<Message> GoingOn(const Message& reply) {
  std::vector<Message> messages = {Plain(Role::kSystem, "s"), Plain(Role::kUser, "u"), reply};
  for (const ToolCall& call : reply.tool_calls) {
    Message result = Plain(Role::kTool, R"({"ok": true})");
    result.tool_call_id = call.id;
    result.tool_name = call.name;
    messages.push_back(std::move(result));
  }
  messages.push_back(Plain(Role::kUser, "and now?"));
  return messages;
}

void RequireSendable(const WireFormat& format, const Message& reply) {
  const std::vector<Message> messages = GoingOn(reply);
  EncodedConversation whole;
  format.Append(messages, whole);
  EncodedConversation grown;
  std::vector<Message> so_far(messages.begin(), messages.begin() + 2);
  format.Append(so_far, grown);
  format.Append(messages, grown);
  Require(grown.bytes == whole.bytes, "a conversation that grows is encoded as in one piece");
  Require(grown.digest.Hex() == whole.digest.Hex(), "and has its digest");
  Request request;
  request.messages = &messages;
  Require(ParseJson(format.head() + whole.bytes + format.Tail(request), "body", 300).has_value(),
          "a request's body is JSON");
}

void RequireStorable(const Message& message) {
  Require(ParseJson(message.raw, "raw").has_value(), "a message's raw form is JSON");
  const std::string stored = RawWithLogprobs(message);
  const Message again = ReadAssistantMessage(stored);
  Require(again.text == message.text, "a stored message has its text");
  Require(again.tool_calls.size() == message.tool_calls.size(), "and its calls");
  Require(RawWithLogprobs(again) == stored, "and is stored the same again");
}

void RequirePlayable(const WireReply& reply) {
  Trajectory trajectory;
  Event event;
  event.id = 1;
  event.step = 1;
  event.kind = EventKind::kReply;
  event.message = reply.message;
  event.finish_reason = reply.finish_reason;
  trajectory.events.push_back(std::move(event));
  Task task;
  task.tool_names = task.known_tools = {"look"};
  for (const char* name : {"react_tools", "single_turn"}) {
    const auto scaffold = MakeScaffold(name, "agent-valuebench", "m");
    const Message entered = (*scaffold)->Enter(reply.message);
    Require((*scaffold)->Enter(entered).raw == entered.raw, "entering is idempotent");
    (*scaffold)->Next(task, trajectory);
  }
  VisibleText(reply.message);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const size_t kind = input.Choose(5);
  const std::string_view body = input.rest();
  const WireFormat& format = Format(kind == 4 ? 0 : kind);
  const WireReply reply = kind == 4 ? DecodeChatStream(body) : format.Decode(body, 1);
  Require(reply.usage.input_tokens >= 0 && reply.usage.output_tokens >= 0, "tokens are not negative");
  if (reply.status == WireReply::Status::kMessage) {
    RequireStorable(reply.message);
    RequireSendable(format, reply.message);
    RequirePlayable(reply);
  } else {
    RequireReadable(reply.problem);
  }
  if (reply.status == WireReply::Status::kCutOff)
    Require(reply.message.raw.empty(), "a stream that was cut off is no message");
  const WireError error = DecodeError(body);
  Require(error.message.size() < 4000, "an error's message is short");
  DecodeModelNames(body);
  return 0;
}
