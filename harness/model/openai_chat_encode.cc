#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/model/openai_chat.h"

namespace axiometer {
namespace {

std::string JsonString(const std::string& text) { return DumpJson(Json(text)); }

void AppendMessage(const Message& message, std::string& out) {
  if (!message.raw.empty()) {
    out += message.raw;
    return;
  }
  out += "{\"role\":\"";
  out += RoleName(message.role);
  out += '"';
  if (message.role == Role::kTool) {
    out += ",\"tool_call_id\":" + JsonString(message.tool_call_id);
    out += ",\"name\":" + JsonString(message.tool_name);
  }
  // An assistant message of calls alone has null, as endpoints themselves send it.
  const bool calls_alone = !message.tool_calls.empty() && message.text.empty();
  out += ",\"content\":";
  if (message.as_parts) {
    out += "[{\"type\":\"text\",\"text\":" + JsonString(message.text) + "}]";
  } else {
    out += calls_alone ? "null" : JsonString(message.text);
  }
  if (!message.tool_calls.empty()) {
    out += ",\"tool_calls\":[";
    bool first = true;
    for (const ToolCall& call : message.tool_calls) {
      if (!first) out += ',';
      first = false;
      out += "{\"id\":" + JsonString(call.id) +
             ",\"type\":\"function\",\"function\":{\"name\":" + JsonString(call.name) +
             ",\"arguments\":";
      out += call.arguments_were_object ? call.arguments : JsonString(call.arguments);
      out += "}}";
    }
    out += ']';
  }
  out += '}';
}

template <class T>
void AppendMember(const char* name, const std::optional<T>& value, std::string& out) {
  if (!value) return;
  out += ",\"";
  out += name;
  out += "\":" + DumpJson(Json(*value));
}

}  // namespace

std::string ChatHead(const std::string& model) {
  return "{\"model\":" + JsonString(model) + ",\"messages\":[";
}

void AppendMessages(const std::vector<Message>& messages, EncodedConversation& encoded) {
  const size_t before = encoded.bytes.size();
  for (; encoded.messages < messages.size(); ++encoded.messages) {
    if (encoded.messages > 0) encoded.bytes += ',';
    AppendMessage(messages[encoded.messages], encoded.bytes);
  }
  encoded.digest.Update(std::string_view(encoded.bytes).substr(before));
}

std::string ChatTail(const Request& request, const std::map<std::string, std::string>& extra) {
  const Generation& generation = request.generation;
  std::string out = "]";
  if (!request.tools.empty()) {
    out += ",\"tools\":" + request.tools;
    if (!request.tool_choice.empty()) out += ",\"tool_choice\":" + JsonString(request.tool_choice);
  }
  AppendMember("temperature", generation.temperature, out);
  AppendMember("max_tokens", generation.max_tokens, out);
  // Endpoints refuse the setting in a request without tools.
  if (!request.tools.empty()) {
    AppendMember("parallel_tool_calls", generation.parallel_tool_calls, out);
  }
  AppendMember("n", generation.n, out);
  AppendMember("seed", generation.seed, out);
  if (!generation.stop.empty()) out += ",\"stop\":" + DumpJson(Json(generation.stop));
  AppendMember("top_p", generation.top_p, out);
  AppendMember("reasoning_effort", generation.reasoning_effort, out);
  if (generation.top_logprobs) {
    out += ",\"logprobs\":true";
    AppendMember("top_logprobs", generation.top_logprobs, out);
  }
  if (!request.response_format.empty()) out += ",\"response_format\":" + request.response_format;
  for (const auto& [name, value] : extra) {
    const Result<Json> json = ParseJson(value, name);
    out += ',' + JsonString(name) + ':' + (json ? DumpJson(*json) : JsonString(value));
  }
  out += '}';
  return out;
}

}  // namespace axiometer
