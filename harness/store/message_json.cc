#include "harness/store/message_json.h"

#include <nlohmann/json.hpp>

#include "harness/base/json.h"

namespace axiometer {
namespace {

std::string Text(const Json* value) {
  if (!value) return "";
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : "";
}

// Text, or a list of texts and of objects that hold one.
std::string PartsText(const Json* content) {
  if (!content || !content->is_array()) return content && content->is_string() ? Text(content) : "";
  std::string text;
  for (const Json& part : *content) {
    if (part.is_string()) {
      text += part.get_ref<const std::string&>();
      continue;
    }
    for (const char* name : {"text", "content"}) {
      const Json* member = FindMember(part, name);
      if (!member || !member->is_string()) continue;
      text += member->get_ref<const std::string&>();
      break;
    }
  }
  return text;
}

// Endpoints name it in three ways.
std::string Reasoning(const Json& message) {
  std::string text = PartsText(FindMember(message, "reasoning"));
  if (!text.empty()) return text;
  const Json* details = FindMember(message, "reasoning_details");
  if (details && details->is_array()) {
    for (const Json& detail : *details) {
      std::string part = Text(FindMember(detail, "text"));
      if (part.empty()) part = Text(FindMember(detail, "summary"));
      if (part.empty()) continue;
      if (!text.empty()) text += '\n';
      text += part;
    }
  }
  return text.empty() ? PartsText(FindMember(message, "reasoning_content")) : text;
}

std::vector<ToolCall> ToolCalls(const Json& message) {
  std::vector<ToolCall> calls;
  const Json* given = FindMember(message, "tool_calls");
  if (!given || !given->is_array()) return calls;
  for (const Json& item : *given) {
    ToolCall& call = calls.emplace_back();
    call.id = Text(FindMember(item, "id"));
    const Json* function = FindMember(item, "function");
    if (!function) continue;
    call.name = Text(FindMember(*function, "name"));
    const Json* arguments = FindMember(*function, "arguments");
    if (!arguments || arguments->is_null()) continue;
    call.arguments_were_object = !arguments->is_string();
    call.arguments = call.arguments_were_object ? DumpJson(*arguments) : Text(arguments);
  }
  return calls;
}

}  // namespace

Message ReadAssistantMessage(const std::string& raw) {
  Message message;
  message.role = Role::kAssistant;
  message.raw = raw;
  const Result<Json> json = ParseJson(raw, "message");
  if (!json) return message;
  message.text = PartsText(FindMember(*json, "content"));
  message.reasoning = Reasoning(*json);
  message.tool_calls = ToolCalls(*json);
  if (const Json* logprobs = FindMember(*json, "logprobs"); logprobs && logprobs->is_object()) {
    message.logprobs = DumpJson(*logprobs);
    Json kept = *json;
    kept.erase("logprobs");
    message.raw = DumpJson(kept);
  }
  return message;
}

std::string WriteAssistantMessage(const Message& message) {
  Json json = {{"role", "assistant"}, {"content", message.text}};
  if (!message.reasoning.empty()) json["reasoning"] = message.reasoning;
  for (const ToolCall& call : message.tool_calls) {
    Json function = {{"name", call.name}};
    const Result<Json> object = call.arguments_were_object ? ParseJson(call.arguments, "arguments")
                                                           : Result<Json>(Json(call.arguments));
    function["arguments"] = object ? *object : Json(call.arguments);
    Json written = Json::object();
    if (!call.id.empty()) written["id"] = call.id;
    written["type"] = "function";
    written["function"] = std::move(function);
    json["tool_calls"].push_back(std::move(written));
  }
  return DumpJson(json);
}

}  // namespace axiometer
