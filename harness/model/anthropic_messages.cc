#include "harness/model/anthropic_messages.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "harness/model/anthropic_stream.h"
#include "harness/model/event_stream.h"
#include "harness/model/provider_items.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr char kAnthropic[] = "anthropic";

std::string Path(const std::string& base_url, const char* path) {
  const std::string_view without_query = std::string_view(base_url).substr(0, base_url.find('?'));
  // The provider's own clients take the address without a version; others write it.
  return UrlWithPath(base_url, without_query.ends_with("/v1") ? path : std::string("/v1") + path);
}

// How far the bytes have come, which follows from the messages in them.
enum class Place { kStart, kInSystem, kInUser, kAfterAssistant };

Place PlaceAfter(const std::vector<Message>& messages, size_t count) {
  if (count == 0) return Place::kStart;
  if (messages[count - 1].role == Role::kAssistant) return Place::kAfterAssistant;
  const bool all_system =
      std::all_of(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(count),
                  [](const Message& message) { return message.role == Role::kSystem; });
  return all_system ? Place::kInSystem : Place::kInUser;
}

Json AssistantBlocks(const Message& message) {
  if (std::optional<Json> blocks = ProviderItems(message, kAnthropic)) return *std::move(blocks);
  Json blocks = Json::array();
  if (!message.text.empty()) blocks.push_back({{"type", "text"}, {"text", message.text}});
  for (const ToolCall& call : message.tool_calls) {
    blocks.push_back({{"type", "tool_use"},
                      {"id", call.id},
                      {"name", call.name},
                      {"input", ArgumentsObject(call)}});
  }
  return blocks;
}

// A block without its closing brace, so that a mark for the cache can still follow.
std::string OpenBlock(const Message& message) {
  Json block;
  if (message.role == Role::kTool) {
    block = {
        {"type", "tool_result"}, {"tool_use_id", message.tool_call_id}, {"content", message.text}};
  } else {
    block = {{"type", "text"}, {"text", message.text}};
  }
  std::string text = DumpJson(block);
  text.pop_back();
  return text;
}

Json ConvertTools(const Json& tools) {
  Json converted = Json::array();
  for (const Json& tool : tools) {
    const Json* function = FindMember(tool, "function");
    if (function == nullptr) continue;
    Json one = {{"name", TextOf(FindMember(*function, "name"))}};
    for (const char* member : {"description", "strict"}) {
      if (const Json* value = FindMember(*function, member)) one[member] = *value;
    }
    const Json* parameters = FindMember(*function, "parameters");
    const bool described = parameters != nullptr && parameters->is_object() && !parameters->empty();
    one["input_schema"] =
        described ? *parameters : Json{{"type", "object"}, {"properties", Json::object()}};
    converted.push_back(std::move(one));
  }
  return converted;
}

// A status for reports that come without one, as in a stream or behind a proxy.
int StatusOf(const std::string& type) {
  static constexpr std::array<std::pair<std::string_view, int>, 10> kStatuses = {
      {{"invalid_request_error", 400},
       {"authentication_error", 401},
       {"billing_error", 402},
       {"permission_error", 403},
       {"not_found_error", 404},
       {"request_too_large", 413},
       {"rate_limit_error", 429},
       {"api_error", 500},
       {"timeout_error", 504},
       {"overloaded_error", 529}}};
  for (const auto& [name, status] : kStatuses) {
    if (name == type) return status;
  }
  return 0;
}

Usage UsageOf(const Json& body) {
  Usage usage;
  const Json* given = FindMember(body, "usage");
  if (given == nullptr) return usage;
  usage.cached_tokens = CountOf(*given, "cache_read_input_tokens");
  usage.input_tokens = CountOf(*given, "input_tokens") +
                       CountOf(*given, "cache_creation_input_tokens") + usage.cached_tokens;
  usage.output_tokens = CountOf(*given, "output_tokens");
  if (const Json* details = FindMember(*given, "output_tokens_details")) {
    usage.reasoning_tokens = CountOf(*details, "thinking_tokens");
  }
  return usage;
}

class AnthropicMessages : public WireFormat {
 public:
  explicit AnthropicMessages(const ModelSpec& spec)
      : url_(Path(spec.base_url, "/messages")),
        models_url_(Path(spec.base_url, "/models")),
        head_("{\"model\":" + DumpJson(Json(spec.name)) + ','),
        arguments_(spec.arguments) {
    streams_ = TakeStream(arguments_);
    const auto cache = arguments_.find("cache_control");
    if (cache == arguments_.end()) return;
    caching_ = cache->second;
    arguments_.erase(cache);
  }

  const std::string& url() const override { return url_; }
  const std::string& models_url() const override { return models_url_; }
  const std::string& head() const override { return head_; }

  HttpHeaders Headers(const std::string& key) const override {
    HttpHeaders headers = {{"anthropic-version", "2023-06-01"}};
    if (!key.empty()) headers.emplace_back("x-api-key", key);
    return headers;
  }

  void Append(const std::vector<Message>& messages, EncodedConversation& encoded) const override {
    const size_t before = encoded.bytes.size();
    std::string& bytes = encoded.bytes;
    Place place = PlaceAfter(messages, encoded.messages);
    for (; encoded.messages < messages.size(); ++encoded.messages) {
      const Message& message = messages[encoded.messages];
      if (message.role == Role::kSystem && (place == Place::kStart || place == Place::kInSystem)) {
        bytes += place == Place::kStart ? "\"system\":[" : "},";
        bytes += OpenBlock(message);
        place = Place::kInSystem;
        continue;
      }
      if (place == Place::kStart) bytes += "\"messages\":[";
      if (place == Place::kInSystem) bytes += "}],\"messages\":[";
      if (message.role == Role::kAssistant) {
        if (place == Place::kInUser) bytes += "}]},";
        if (place == Place::kAfterAssistant) bytes += ',';
        bytes += "{\"role\":\"assistant\",\"content\":" + DumpJson(AssistantBlocks(message)) + '}';
        place = Place::kAfterAssistant;
        continue;
      }
      if (place == Place::kInUser) {
        bytes += "},";
      } else {
        if (place == Place::kAfterAssistant) bytes += ',';
        bytes += "{\"role\":\"user\",\"content\":[";
      }
      bytes += OpenBlock(message);
      place = Place::kInUser;
    }
    encoded.digest.Update(std::string_view(bytes).substr(before));
  }

  std::string Tail(const Request& request) const override {
    const std::string mark = Mark(request);
    std::string out;
    switch (PlaceAfter(*request.messages, request.messages->size())) {
      case Place::kStart:
        out = "\"messages\":[]";
        break;
      case Place::kInSystem:
        out = "}],\"messages\":[]";
        break;
      case Place::kInUser:
        out = (mark.empty() ? "" : ",\"cache_control\":" + mark) + "}]}]";
        break;
      case Place::kAfterAssistant:
        out = "]";
        break;
    }
    if (!request.tools.empty()) {
      std::string tools = tools_.Of(request.tools, ConvertTools);
      if (!mark.empty() && tools.ends_with("}]")) {
        tools.insert(tools.size() - 2, ",\"cache_control\":" + mark);
      }
      out += ",\"tools\":" + tools;
    }
    return out + FurtherMembers(Settings(request));
  }

  WireReply Decode(std::string_view body, int) const override {
    WireReply reply;
    const std::optional<Json> json =
        IsEventStream(body) ? FoldMessageStream(body, reply) : ReplyObject(body, reply);
    if (!json) return reply;
    reply.usage = UsageOf(*json);
    reply.id = OneLine(TextOf(FindMember(*json, "id")), 200);
    reply.model = OneLine(TextOf(FindMember(*json, "model")), 200);
    if (!reply.problem.empty()) return reply;
    if (ReportsError(*json)) {
      WireError error = ReadError(*json);
      if (error.status == 0) error.status = StatusOf(error.type);
      return Reported(reply, std::move(error));
    }
    const Json* content = FindMember(*json, "content");
    if (content == nullptr)
      return Unreadable(reply, "no \"content\" in the reply: " + OneLine(body, 200));
    if (!content->is_array()) {
      return Unreadable(reply,
                        std::string("content: expected a list, got ") + JsonTypeName(*content));
    }
    reply.choices = 1;
    reply.finish_reason = OneLine(TextOf(FindMember(*json, "stop_reason")), 100);
    SaidParts parts;
    for (size_t i = 0; i < content->size(); ++i) {
      const Json& block = (*content)[i];
      if (!block.is_object()) {
        return Unreadable(reply, "content[" + std::to_string(i) + "]: expected an object, got " +
                                     JsonTypeName(block));
      }
      const std::string type = TextOf(FindMember(block, "type"));
      if (type == "text") parts.text += TextOf(FindMember(block, "text"));
      if (type == "thinking") {
        if (!parts.reasoning.empty()) parts.reasoning += '\n';
        parts.reasoning += TextOf(FindMember(block, "thinking"));
      }
      if (type == "tool_use") {
        const Json* input = FindMember(block, "input");
        parts.calls.push_back({TextOf(FindMember(block, "id")), TextOf(FindMember(block, "name")),
                               input == nullptr ? "{}" : DumpJson(*input), false});
      }
    }
    const bool refused = reply.finish_reason == "refusal";
    if (refused) {
      const Json* details = FindMember(*json, "stop_details");
      const std::string why = details == nullptr ? "" : TextOf(FindMember(*details, "explanation"));
      parts.refusal = why.empty() ? "the provider's safety classifier stopped the reply" : why;
      reply.problem = "the reply is a refusal: " + OneLine(parts.refusal, kMaxProblemBytes);
    }
    Json items = *content;
    parts.items = &items;
    reply.message = MessageOf(std::move(parts), kAnthropic);
    reply.status = refused ? WireReply::Status::kRefusal : WireReply::Status::kMessage;
    return reply;
  }

  std::string Lacks(const Generation& generation) const override {
    if (generation.seed) return "--seed";
    if (generation.n.value_or(1) > 1) return "n (several replies at once)";
    if (generation.top_logprobs) return "--top-logprobs";
    if (generation.temperature.value_or(0) > 1) return "--temperature above 1";
    return "";
  }

  std::string Advice(const FailedTry& failed) const override { return StreamAdvice(failed); }

 private:
  // The mark for the prompt cache, if the request is to have it.
  std::string Mark(const Request& request) const {
    if (caching_ == "off" || (caching_.empty() && request.tools.empty())) return "";
    return caching_ == "1h" ? R"({"type":"ephemeral","ttl":"1h"})" : R"({"type":"ephemeral"})";
  }

  Json Settings(const Request& request) const {
    const Generation& generation = request.generation;
    Json body = Json::object();
    body["max_tokens"] = generation.max_tokens.value_or(kAnthropicMaxTokens);
    if (generation.temperature) body["temperature"] = *generation.temperature;
    if (generation.top_p) body["top_p"] = *generation.top_p;
    if (!generation.stop.empty()) body["stop_sequences"] = generation.stop;
    if (!request.tools.empty()) {
      const bool one_at_a_time = generation.parallel_tool_calls == false;
      if (!request.tool_choice.empty() || one_at_a_time) {
        const std::string& choice = request.tool_choice;
        body["tool_choice"] = {{"type", choice == "required" ? "any"
                                        : choice == "none"   ? "none"
                                                             : "auto"}};
        if (one_at_a_time && choice != "none")
          body["tool_choice"]["disable_parallel_tool_use"] = true;
      }
    }
    if (generation.reasoning_effort) body["output_config"]["effort"] = *generation.reasoning_effort;
    if (!request.response_format.empty()) {
      const Result<Json> format = ParseJson(request.response_format, "response_format");
      const Json* schema = format ? FindMember(*format, "json_schema") : nullptr;
      if (schema != nullptr && schema->contains("schema")) {
        body["output_config"]["format"] = {{"type", "json_schema"},
                                           {"schema", schema->at("schema")}};
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
  std::string caching_;  // "off", "5m", "1h"; empty: only with tools
  bool streams_ = false;
  const ConvertedTools tools_;
};

}  // namespace

std::unique_ptr<WireFormat> MakeAnthropicMessages(const ModelSpec& spec) {
  return std::make_unique<AnthropicMessages>(spec);
}

}  // namespace axiometer
