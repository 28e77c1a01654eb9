#include "harness/model/openai_responses.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/model/event_stream.h"
#include "harness/model/openai_responses_stream.h"
#include "harness/model/provider_items.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr char kResponses[] = "openai-responses";

Json InputItems(const Message& message) {
  Json items = Json::array();
  switch (message.role) {
    case Role::kSystem:
    case Role::kUser:
      items.push_back({{"role", RoleName(message.role)}, {"content", message.text}});
      return items;
    case Role::kTool:
      items.push_back({{"type", "function_call_output"},
                       {"call_id", message.tool_call_id},
                       {"output", message.text}});
      return items;
    case Role::kAssistant:
      break;
  }
  if (std::optional<Json> said = ProviderItems(message, kResponses)) return *std::move(said);
  if (!message.text.empty()) items.push_back({{"role", "assistant"}, {"content", message.text}});
  for (const ToolCall& call : message.tool_calls) {
    items.push_back({{"type", "function_call"},
                     {"call_id", call.id},
                     {"name", call.name},
                     {"arguments", call.arguments.empty() ? "{}" : call.arguments}});
  }
  return items;
}

Json FlatTools(const Json& tools) {
  Json flat = Json::array();
  for (const Json& tool : tools) {
    const Json* function = FindMember(tool, "function");
    if (function == nullptr) continue;
    Json one = {{"type", "function"}};
    for (const auto& [name, value] : function->items()) one[name] = value;
    if (!one.contains("parameters")) one["parameters"] = nullptr;
    if (!one.contains("strict")) one["strict"] = false;  // here true is what absence means
    flat.push_back(std::move(one));
  }
  return flat;
}

void AppendLine(const std::string& text, std::string& out) {
  if (text.empty()) return;
  if (!out.empty()) out += '\n';
  out += text;
}

void ReadMessage(Json& item, SaidParts& parts, Json& logprobs) {
  const auto content = item.find("content");
  if (content == item.end() || !content->is_array()) return;
  for (Json& part : *content) {
    const std::string type = TextOf(FindMember(part, "type"));
    if (type == "refusal") AppendLine(TextOf(FindMember(part, "refusal")), parts.refusal);
    if (type != "output_text") continue;
    parts.text += TextOf(FindMember(part, "text"));
    const auto likely = part.find("logprobs");
    if (likely == part.end() || !likely->is_array() || likely->empty()) continue;
    for (Json& token : *likely) logprobs.push_back(std::move(token));
    *likely = Json::array();
  }
}

void ReadReasoning(const Json& item, SaidParts& parts) {
  for (const char* list : {"summary", "content"}) {
    const Json* texts = FindMember(item, list);
    if (texts == nullptr || !texts->is_array()) continue;
    for (const Json& one : *texts) AppendLine(TextOf(FindMember(one, "text")), parts.reasoning);
  }
}

Usage UsageOfResponse(const Json& body) {
  Usage usage;
  const Json* given = FindMember(body, "usage");
  if (given == nullptr) return usage;
  usage.input_tokens = CountOf(*given, "input_tokens");
  usage.output_tokens = CountOf(*given, "output_tokens");
  if (const Json* details = FindMember(*given, "input_tokens_details")) {
    usage.cached_tokens = std::min(CountOf(*details, "cached_tokens"), usage.input_tokens);
  }
  if (const Json* details = FindMember(*given, "output_tokens_details")) {
    usage.reasoning_tokens = CountOf(*details, "reasoning_tokens");
  }
  return usage;
}

class OpenAiResponses : public WireFormat {
 public:
  explicit OpenAiResponses(const ModelSpec& spec)
      : url_(UrlWithPath(spec.base_url, "/responses")),
        models_url_(UrlWithPath(spec.base_url, "/models")),
        head_("{\"model\":" + DumpJson(Json(spec.name)) + ",\"store\":false,\"input\":["),
        arguments_(spec.arguments),
        streams_(TakeStream(arguments_)),
        reasons_(!spec.name.starts_with("gpt-3") && !spec.name.starts_with("gpt-4") &&
                 !spec.name.starts_with("chatgpt-")) {}

  const std::string& url() const override { return url_; }
  const std::string& models_url() const override { return models_url_; }
  const std::string& head() const override { return head_; }

  HttpHeaders Headers(const std::string& key) const override {
    if (key.empty()) return {};
    return {{"Authorization", "Bearer " + key}};
  }

  void Append(const std::vector<Message>& messages, EncodedConversation& encoded) const override {
    const size_t before = encoded.bytes.size();
    for (; encoded.messages < messages.size(); ++encoded.messages) {
      for (const Json& item : InputItems(messages[encoded.messages])) {
        if (!encoded.bytes.empty()) encoded.bytes += ',';
        encoded.bytes += DumpJson(item);
      }
    }
    encoded.digest.Update(std::string_view(encoded.bytes).substr(before));
  }

  std::string Tail(const Request& request) const override {
    std::string out = "]";
    if (!request.tools.empty()) out += ",\"tools\":" + tools_.Of(request.tools, FlatTools);
    return out + FurtherMembers(Settings(request));
  }

  WireReply Decode(std::string_view body, int) const override {
    WireReply reply;
    std::optional<Json> json =
        IsEventStream(body) ? FoldResponseStream(body, reply) : ReplyObject(body, reply);
    if (!json) return reply;
    reply.usage = UsageOfResponse(*json);
    reply.id = OneLine(TextOf(FindMember(*json, "id")), 200);
    reply.model = OneLine(TextOf(FindMember(*json, "model")), 200);
    if (!reply.problem.empty()) return reply;
    const std::string status = TextOf(FindMember(*json, "status"));
    if (ReportsError(*json)) {
      WireError error = ReadError(*json);
      if (error.code == "rate_limit_exceeded") error.status = 429;
      if (error.code == "server_error") error.status = 500;
      return Reported(reply, std::move(error));
    }
    const auto output = json->find("output");
    if (output == json->end())
      return Unreadable(reply, "no \"output\" in the reply: " + OneLine(body, 200));
    if (!output->is_array()) {
      return Unreadable(reply,
                        std::string("output: expected a list, got ") + JsonTypeName(*output));
    }
    if (status == "failed" || status == "cancelled" || status == "queued" ||
        status == "in_progress") {
      return Unreadable(reply,
                        "the response's status is \"" + status + "\", expected \"completed\"");
    }
    reply.choices = 1;
    const Json* incomplete = FindMember(*json, "incomplete_details");
    const std::string reason =
        incomplete == nullptr ? "" : TextOf(FindMember(*incomplete, "reason"));
    reply.finish_reason = OneLine(reason.empty() ? status : reason, 100);
    SaidParts parts;
    Json logprobs = Json::array();
    for (size_t i = 0; i < output->size(); ++i) {
      Json& item = (*output)[i];
      if (!item.is_object()) {
        return Unreadable(reply, "output[" + std::to_string(i) + "]: expected an object, got " +
                                     JsonTypeName(item));
      }
      const std::string type = TextOf(FindMember(item, "type"));
      if (type == "message") ReadMessage(item, parts, logprobs);
      if (type == "reasoning") ReadReasoning(item, parts);
      if (type == "function_call") {
        parts.calls.push_back({TextOf(FindMember(item, "call_id")),
                               TextOf(FindMember(item, "name")),
                               TextOf(FindMember(item, "arguments")), false});
      }
    }
    reply.status = WireReply::Status::kMessage;
    if (BlankText(parts.text) && parts.calls.empty() &&
        (!parts.refusal.empty() || reply.finish_reason == "content_filter")) {
      reply.status = WireReply::Status::kRefusal;
      reply.problem = parts.refusal.empty()
                          ? "the content filter ended the reply"
                          : "the reply is a refusal: " + OneLine(parts.refusal, kMaxProblemBytes);
    }
    parts.items = &*output;
    reply.message = MessageOf(std::move(parts), kResponses);
    if (!logprobs.empty())
      reply.message.logprobs = DumpJson(Json{{"content", std::move(logprobs)}});
    return reply;
  }

  std::string Lacks(const Generation& generation) const override {
    if (generation.seed) return "--seed";
    if (!generation.stop.empty()) return "--stop";
    if (generation.n.value_or(1) > 1) return "n (several replies at once)";
    return "";
  }

  std::string Advice(const FailedTry& failed) const override { return StreamAdvice(failed); }

 private:
  Json Settings(const Request& request) const {
    const Generation& generation = request.generation;
    Json body = Json::object();
    if (reasons_) body["include"].push_back("reasoning.encrypted_content");
    if (!request.tools.empty()) {
      if (!request.tool_choice.empty()) body["tool_choice"] = request.tool_choice;
      if (generation.parallel_tool_calls)
        body["parallel_tool_calls"] = *generation.parallel_tool_calls;
    }
    if (generation.temperature) body["temperature"] = *generation.temperature;
    if (generation.max_tokens) body["max_output_tokens"] = *generation.max_tokens;
    if (generation.top_p) body["top_p"] = *generation.top_p;
    if (generation.reasoning_effort) body["reasoning"]["effort"] = *generation.reasoning_effort;
    if (generation.top_logprobs) {
      body["include"].push_back("message.output_text.logprobs");
      body["top_logprobs"] = *generation.top_logprobs;
    }
    if (!request.response_format.empty()) {
      if (Result<Json> format = ParseJson(request.response_format, "response_format")) {
        // A schema's members stand beside its type here.
        if (const Json* schema = FindMember(*format, "json_schema");
            schema != nullptr && schema->is_object()) {
          Json flat = {{"type", "json_schema"}};
          for (const auto& [name, value] : schema->items()) flat[name] = value;
          *format = std::move(flat);
        }
        body["text"]["format"] = *std::move(format);
      }
    }
    if (streams_) body["stream"] = true;
    AddMembers(arguments_, body);
    return body;
  }

  const std::string url_;
  const std::string models_url_;
  const std::string head_;
  std::map<std::string, std::string> arguments_;
  const bool streams_;
  const bool reasons_;
  const ConvertedTools tools_;
};

}  // namespace

std::unique_ptr<WireFormat> MakeOpenAiResponses(const ModelSpec& spec) {
  return std::make_unique<OpenAiResponses>(spec);
}

}  // namespace axiometer
