#include "harness/model/provider_items.h"

#include <nlohmann/json.hpp>

#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

constexpr char kItems[] = ".items";

void LayOver(const Json& over, Json& base) {
  if (!over.is_object() || !base.is_object()) {
    base = over;
    return;
  }
  for (const auto& [name, value] : over.items()) {
    const auto there = base.find(name);
    if (there == base.end()) {
      base[name] = value;
    } else {
      LayOver(value, *there);
    }
  }
}

}  // namespace

Message MessageOf(SaidParts parts, const char* format) {
  Message message;
  message.role = Role::kAssistant;
  Json raw = {{"role", "assistant"}};
  if (parts.text.empty() && !parts.calls.empty()) {
    raw["content"] = nullptr;
  } else {
    raw["content"] = parts.text;
  }
  if (!parts.reasoning.empty()) raw["reasoning"] = parts.reasoning;
  if (!parts.refusal.empty()) raw["refusal"] = std::move(parts.refusal);
  for (const ToolCall& call : parts.calls) {
    raw["tool_calls"].push_back(
        {{"id", call.id},
         {"type", "function"},
         {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  if (parts.items != nullptr) {
    Json detail = {{"type", std::string(format) + kItems}};
    detail["items"] = std::move(*parts.items);
    raw["reasoning_details"].push_back(std::move(detail));
  }
  message.raw = DumpJson(raw);
  message.text = std::move(parts.text);
  message.reasoning = std::move(parts.reasoning);
  message.tool_calls = std::move(parts.calls);
  return message;
}

std::optional<Json> ProviderItems(const Message& message, std::string_view format) {
  if (message.raw.empty()) return std::nullopt;
  Result<Json> raw = ParseJson(message.raw, "message");
  if (!raw) return std::nullopt;
  const Json* details = FindMember(*raw, "reasoning_details");
  if (details == nullptr || !details->is_array()) return std::nullopt;
  for (const Json& detail : *details) {
    if (TextOf(FindMember(detail, "type")) != std::string(format) + kItems) continue;
    const Json* items = FindMember(detail, "items");
    if (items != nullptr && items->is_array()) return *items;
  }
  return std::nullopt;
}

Json ArgumentsObject(const ToolCall& call) {
  Result<Json> arguments = ParseJson(call.arguments, "arguments");
  return arguments && arguments->is_object() ? *std::move(arguments) : Json::object();
}

void AddMembers(const std::map<std::string, std::string>& arguments, Json& body) {
  for (const auto& [name, text] : arguments) {
    const Result<Json> json = ParseJson(text, name);
    const Json value = json ? *json : Json(text);
    const auto there = body.find(name);
    if (there == body.end()) {
      body[name] = value;
    } else {
      LayOver(value, *there);
    }
  }
}

std::string FurtherMembers(const Json& object) {
  if (object.empty()) return "}";
  std::string text = DumpJson(object);
  text.front() = ',';
  return text;
}

const std::string& ConvertedTools::Of(const std::string& tools,
                                      Json (*convert)(const Json& tools)) const {
  if (tools == tools_) return converted_;
  const Result<Json> list = ParseJson(tools, "tools");
  converted_ = list && list->is_array() ? DumpJson(convert(*list)) : tools;
  tools_ = tools;
  return converted_;
}

}  // namespace axiometer
