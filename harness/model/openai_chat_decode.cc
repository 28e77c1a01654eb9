#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/base/utf8.h"
#include "harness/model/openai_chat.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr int kMaxDepth = 100;
constexpr size_t kMaxProblemBytes = 600;

Result<Json> ParseBody(std::string_view body) {
  Result<Json> json = ParseJson(body, "reply", kMaxDepth);
  if (json) return json;
  const std::string repaired = WithWholeCharacters(body);
  if (repaired == body) return json;
  Result<Json> again = ParseJson(repaired, "reply", kMaxDepth);
  return again ? std::move(again) : std::move(json);
}

const Json* Member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string Text(const Json* value) {
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number() || value->is_boolean()) return value->dump();
  return "";
}

int64_t Count(const Json& object, const char* name) {
  const Json* value = Member(object, name);
  if (value == nullptr || !value->is_number()) return 0;
  const double count = value->get<double>();
  return count > 0 && count < 1e15 ? static_cast<int64_t>(count) : 0;
}

const char* TypeName(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

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
      const Json* text = Member(part, name);
      if (text != nullptr && text->is_string()) {
        out += text->get_ref<const std::string&>();
        break;
      }
    }
  }
  return out;
}

std::string Reasoning(const Json& message) {
  std::string out = PartsText(Member(message, "reasoning"));
  if (!out.empty()) return out;
  const Json* details = Member(message, "reasoning_details");
  if (details != nullptr && details->is_array()) {
    for (const Json& detail : *details) {
      std::string text = Text(Member(detail, "text"));
      if (text.empty()) text = Text(Member(detail, "summary"));
      if (text.empty()) continue;
      if (!out.empty()) out += '\n';
      out += text;
    }
  }
  if (!out.empty()) return out;
  return PartsText(Member(message, "reasoning_content"));
}

Usage ReadUsage(const Json& body) {
  Usage usage;
  const Json* given = Member(body, "usage");
  if (given == nullptr || !given->is_object()) return usage;
  usage.input_tokens = Count(*given, "prompt_tokens");
  usage.output_tokens = Count(*given, "completion_tokens");
  if (const Json* details = Member(*given, "prompt_tokens_details")) {
    usage.cached_tokens = std::min(Count(*details, "cached_tokens"), usage.input_tokens);
  }
  if (const Json* details = Member(*given, "completion_tokens_details")) {
    usage.reasoning_tokens = Count(*details, "reasoning_tokens");
  }
  return usage;
}

bool LooksLikeHtml(std::string_view body) {
  const size_t start = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return start != std::string_view::npos && body[start] == '<';
}

std::string HtmlTitle(std::string_view body) {
  const std::string head = LowerAscii(body.substr(0, 64 << 10));
  const size_t tag = head.find("<title");
  const size_t start = tag == std::string::npos ? tag : head.find('>', tag);
  const size_t end = start == std::string::npos ? start : head.find("</title", start);
  if (end == std::string::npos) return "";
  return OneLine(body.substr(start + 1, end - start - 1), 200);
}

ChatError ReadError(const Json& json) {
  ChatError error;
  error.reported = true;
  const Json* inner = Member(json, "error");
  const Json& given = inner != nullptr && !inner->is_null() ? *inner : json;
  if (given.is_string()) {
    error.message = given.get<std::string>();
  } else {
    error.message = Text(Member(given, "message"));
    error.code = Text(Member(given, "code"));
    error.type = Text(Member(given, "type"));
    if (error.type.empty()) error.type = Text(Member(given, "status"));
    if (error.message.empty()) {
      const Json* detail = Member(given, "detail");
      if (detail != nullptr) {
        error.message = detail->is_string() ? detail->get<std::string>() : DumpJson(*detail);
      }
    }
    if (const Json* code = Member(given, "code"); code != nullptr && code->is_number_integer()) {
      const auto status = code->get<int64_t>();
      if (status >= 400 && status < 600) error.status = static_cast<int>(status);
    }
    // Azure names its filter one level further down.
    if (const Json* cause = Member(given, "innererror")) {
      if (error.type.empty()) error.type = Text(Member(*cause, "code"));
    }
  }
  error.message = OneLine(error.message, kMaxProblemBytes);
  error.code = OneLine(error.code, 100);
  error.type = OneLine(error.type, 100);
  return error;
}

bool ReportsError(const Json& body) {
  const Json* error = Member(body, "error");
  if (error != nullptr && !error->is_null() && !(error->is_object() && error->empty())) return true;
  return Text(Member(body, "object")) == "error";
}

std::string Describe(const ChatError& error) {
  std::string out = error.message.empty() ? "no message" : error.message;
  std::string kind = error.type;
  if (!error.code.empty() && error.code != error.type) {
    if (!kind.empty()) kind += ", ";
    kind += error.code;
  }
  if (!kind.empty()) out += " (" + kind + ")";
  return out;
}

// Fills `calls` from the message; returns what is wrong with it, or nothing.
std::string ReadToolCalls(const Json& message, std::vector<ToolCall>& calls) {
  const Json* given = Member(message, "tool_calls");
  // No list, no calls: so reads Agent-ValueBench's loop, and the message is kept as received anyway.
  if (given == nullptr || !given->is_array()) return "";
  for (size_t i = 0; i < given->size(); ++i) {
    const Json& call = (*given)[i];
    if (!call.is_object()) {
      return "tool_calls[" + std::to_string(i) + "]: expected an object, got " + TypeName(call);
    }
    ToolCall read;
    read.id = Text(Member(call, "id"));
    const Json* function = Member(call, "function");
    if (function != nullptr && function->is_object()) {
      read.name = Text(Member(*function, "name"));
      const Json* arguments = Member(*function, "arguments");
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

ChatReply& Unreadable(ChatReply& reply, std::string problem) {
  reply.status = ChatReply::Status::kUnreadable;
  reply.problem = OneLine(problem, kMaxProblemBytes);
  return reply;
}

ChatReply& Reported(ChatReply& reply, const Json& json) {
  reply.status = ChatReply::Status::kErrorReport;
  reply.error = ReadError(json);
  reply.problem = Describe(reply.error);
  return reply;
}

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

std::string DecodeChatMessage(const Json& json, Message& message) {
  if (!json.is_object()) return std::string(": expected an object, got ") + TypeName(json);
  message.role = Role::kAssistant;
  message.text = PartsText(Member(json, "content"));
  message.reasoning = Reasoning(json);
  const std::string problem = ReadToolCalls(json, message.tool_calls);
  if (!problem.empty()) return "." + problem;
  const Json* logprobs = Member(json, "logprobs");
  const bool has_logprobs = logprobs != nullptr && logprobs->is_object();
  if (Member(json, "role") != nullptr && !has_logprobs) {
    message.raw = DumpJson(json);
    return "";
  }
  Json kept = json;
  if (Member(json, "role") == nullptr) kept["role"] = "assistant";
  if (has_logprobs) {
    message.logprobs = DumpJson(*logprobs);
    kept.erase("logprobs");
  }
  message.raw = DumpJson(kept);
  return "";
}

ChatError DecodeChatError(std::string_view body) {
  ChatError error;
  if (const Result<Json> json = ParseBody(body)) {
    error = ReadError(*json);
    if (error.message.empty()) error.message = OneLine(body, kMaxProblemBytes);
    return error;
  }
  if (LooksLikeHtml(body)) {
    const std::string title = HtmlTitle(body);
    error.message = title.empty() ? "an HTML page" : "an HTML page titled \"" + title + "\"";
    return error;
  }
  error.message = OneLine(body, kMaxProblemBytes);
  return error;
}

ChatReply DecodeChat(std::string_view body, int wanted_choices) {
  ChatReply reply;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Unreadable(reply, "the reply is empty, expected JSON");
  }
  const Result<Json> json = ParseBody(body);
  if (!json) {
    if (LooksLikeHtml(body)) {
      return Unreadable(reply, "the reply is " + DecodeChatError(body).message +
                                   ", expected JSON: does the base URL end in /v1?");
    }
    return Unreadable(reply, json.error().ToString() + ": " + OneLine(body, 200));
  }
  if (!json->is_object()) {
    return Unreadable(reply,
                      std::string("the reply is ") + TypeName(*json) + ", expected an object");
  }
  reply.usage = ReadUsage(*json);
  reply.id = OneLine(Text(Member(*json, "id")), 200);
  reply.model = OneLine(Text(Member(*json, "model")), 200);
  const Json* choices = Member(*json, "choices");
  const bool has_choices = choices != nullptr && choices->is_array() && !choices->empty();
  if (!has_choices && ReportsError(*json)) return Reported(reply, *json);
  if (choices == nullptr || choices->is_null()) {
    return Unreadable(reply, "no \"choices\" in the reply: " + OneLine(body, 200));
  }
  if (!choices->is_array()) {
    return Unreadable(reply, std::string("choices: expected a list, got ") + TypeName(*choices));
  }
  reply.choices = static_cast<int>(std::min<size_t>(choices->size(), 1'000'000));
  if (reply.choices == 0 || reply.choices > std::max(1, wanted_choices)) {
    reply.status = ChatReply::Status::kWrongChoices;
    reply.problem = std::to_string(reply.choices) + " choices in the reply, expected " +
                    std::to_string(std::max(1, wanted_choices));
    return reply;
  }
  const Json& choice = choices->front();
  if (!choice.is_object()) {
    return Unreadable(reply,
                      std::string("choices[0]: expected an object, got ") + TypeName(choice));
  }
  reply.finish_reason = OneLine(Text(Member(choice, "finish_reason")), 100);
  if (ReportsError(choice)) return Reported(reply, choice);
  const Json* message = Member(choice, "message");
  if (message == nullptr) return Unreadable(reply, "choices[0]: no \"message\"");
  const std::string problem = DecodeChatMessage(*message, reply.message);
  if (!problem.empty()) return Unreadable(reply, "choices[0].message" + problem);
  const Json* logprobs = Member(choice, "logprobs");
  if (logprobs != nullptr && logprobs->is_object()) reply.message.logprobs = DumpJson(*logprobs);
  reply.status = ChatReply::Status::kMessage;
  if (IsBlank(reply.message.text) && reply.message.tool_calls.empty()) {
    const std::string refusal = Text(Member(*message, "refusal"));
    if (!IsBlank(refusal) || reply.finish_reason == "content_filter") {
      reply.status = ChatReply::Status::kRefusal;
      reply.problem = IsBlank(refusal)
                          ? "the content filter ended the reply"
                          : "the reply is a refusal: " + OneLine(refusal, kMaxProblemBytes);
    }
  }
  return reply;
}

}  // namespace axiometer
