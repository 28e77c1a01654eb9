#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/json.h"
#include "harness/model/openai_chat.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

// Agent-ValueBench, TrajGen: text of a string, or of a list's elements: strings, and of objects the
// `text`, else the `content`.
std::string PartsText(const Json* content) {
  if (content == nullptr) return "";
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) return "";
  std::string out;
  for (const Json& part : *content) {
    if (part.is_string()) {
      out += part.get_ref<const std::string&>();
      continue;
    }
    for (const char* name : {"text", "content"}) {
      const Json* text = FindMember(part, name);
      if (text != nullptr && text->is_string()) {
        out += text->get_ref<const std::string&>();
        break;
      }
    }
  }
  return out;
}

std::string Reasoning(const Json& message) {
  std::string out = PartsText(FindMember(message, "reasoning"));
  if (!out.empty()) return out;
  const Json* details = FindMember(message, "reasoning_details");
  if (details != nullptr && details->is_array()) {
    for (const Json& detail : *details) {
      std::string text = TextOf(FindMember(detail, "text"));
      if (text.empty()) text = TextOf(FindMember(detail, "summary"));
      if (text.empty()) continue;
      if (!out.empty()) out += '\n';
      out += text;
    }
  }
  if (!out.empty()) return out;
  return PartsText(FindMember(message, "reasoning_content"));
}

Usage ReadUsage(const Json& body) {
  Usage usage;
  const Json* given = FindMember(body, "usage");
  if (given == nullptr || !given->is_object()) return usage;
  usage.input_tokens = CountOf(*given, "prompt_tokens");
  usage.output_tokens = CountOf(*given, "completion_tokens");
  if (const Json* details = FindMember(*given, "prompt_tokens_details")) {
    usage.cached_tokens = std::min(CountOf(*details, "cached_tokens"), usage.input_tokens);
  }
  if (const Json* details = FindMember(*given, "completion_tokens_details")) {
    usage.reasoning_tokens = CountOf(*details, "reasoning_tokens");
  }
  return usage;
}

// Fills `calls` from the message; returns what is wrong with it, or nothing.
std::string ReadToolCalls(const Json& message, std::vector<ToolCall>& calls) {
  const Json* given = FindMember(message, "tool_calls");
  // No list, no calls: so reads Agent-ValueBench's loop, and the message is kept as received anyway.
  if (given == nullptr || !given->is_array()) return "";
  for (size_t i = 0; i < given->size(); ++i) {
    const Json& call = (*given)[i];
    if (!call.is_object()) {
      return "tool_calls[" + std::to_string(i) + "]: expected an object, got " + JsonTypeName(call);
    }
    ToolCall read;
    read.id = TextOf(FindMember(call, "id"));
    const Json* function = FindMember(call, "function");
    if (function != nullptr && function->is_object()) {
      read.name = TextOf(FindMember(*function, "name"));
      const Json* arguments = FindMember(*function, "arguments");
      if (arguments != nullptr && arguments->is_string()) {
        read.arguments = arguments->get<std::string>();
      } else if (arguments != nullptr && !arguments->is_null()) {
        read.arguments = DumpJson(*arguments);
        read.arguments_were_object = true;
      }
    }
    calls.push_back(std::move(read));
  }
  return "";
}

}  // namespace

std::string DecodeChatMessage(const Json& json, Message& message) {
  if (!json.is_object()) return std::string(": expected an object, got ") + JsonTypeName(json);
  message.role = Role::kAssistant;
  message.text = PartsText(FindMember(json, "content"));
  message.reasoning = Reasoning(json);
  const std::string problem = ReadToolCalls(json, message.tool_calls);
  if (!problem.empty()) return "." + problem;
  const Json* logprobs = FindMember(json, "logprobs");
  const bool has_logprobs = logprobs != nullptr && logprobs->is_object();
  if (FindMember(json, "role") != nullptr && !has_logprobs) {
    message.raw = DumpJson(json);
    return "";
  }
  Json kept = json;
  if (FindMember(json, "role") == nullptr) kept["role"] = "assistant";
  if (has_logprobs) {
    message.logprobs = DumpJson(*logprobs);
    kept.erase("logprobs");
  }
  message.raw = DumpJson(kept);
  return "";
}

WireReply DecodeChat(std::string_view body, int wanted_choices) {
  WireReply reply;
  const std::optional<Json> json = ReplyObject(body, reply);
  if (!json) return reply;
  reply.usage = ReadUsage(*json);
  reply.id = OneLine(TextOf(FindMember(*json, "id")), 200);
  reply.model = OneLine(TextOf(FindMember(*json, "model")), 200);
  const Json* choices = FindMember(*json, "choices");
  const bool has_choices = choices != nullptr && choices->is_array() && !choices->empty();
  if (!has_choices && ReportsError(*json)) return Reported(reply, ReadError(*json));
  if (choices == nullptr || choices->is_null()) {
    return Unreadable(reply, "no \"choices\" in the reply: " + OneLine(body, 200));
  }
  if (!choices->is_array()) {
    return Unreadable(reply, std::string("choices: expected a list, got ") + JsonTypeName(*choices));
  }
  reply.choices = static_cast<int>(std::min<size_t>(choices->size(), 1'000'000));
  if (reply.choices == 0 || reply.choices > std::max(1, wanted_choices)) {
    reply.status = WireReply::Status::kWrongChoices;
    reply.problem = std::to_string(reply.choices) + " choices in the reply, expected " +
                    std::to_string(std::max(1, wanted_choices));
    return reply;
  }
  const Json& choice = choices->front();
  if (!choice.is_object()) {
    return Unreadable(reply,
                      std::string("choices[0]: expected an object, got ") + JsonTypeName(choice));
  }
  reply.finish_reason = OneLine(TextOf(FindMember(choice, "finish_reason")), 100);
  if (ReportsError(choice)) return Reported(reply, ReadError(choice));
  const Json* message = FindMember(choice, "message");
  if (message == nullptr) return Unreadable(reply, "choices[0]: no \"message\"");
  const std::string problem = DecodeChatMessage(*message, reply.message);
  if (!problem.empty()) return Unreadable(reply, "choices[0].message" + problem);
  const Json* logprobs = FindMember(choice, "logprobs");
  if (logprobs != nullptr && logprobs->is_object()) reply.message.logprobs = DumpJson(*logprobs);
  reply.status = WireReply::Status::kMessage;
  if (BlankText(reply.message.text) && reply.message.tool_calls.empty()) {
    const std::string refusal = TextOf(FindMember(*message, "refusal"));
    if (!BlankText(refusal) || reply.finish_reason == "content_filter") {
      reply.status = WireReply::Status::kRefusal;
      reply.problem = BlankText(refusal)
                          ? "the content filter ended the reply"
                          : "the reply is a refusal: " + OneLine(refusal, kMaxProblemBytes);
    }
  }
  return reply;
}

}  // namespace axiometer
