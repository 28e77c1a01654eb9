#include "harness/model/gemini_generate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/model/event_stream.h"
#include "harness/model/gemini_stream.h"
#include "harness/model/provider_items.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr char kGemini[] = "gemini";

std::string VersionedUrl(const std::string& base_url, const std::string& path) {
  const std::string_view without_query = std::string_view(base_url).substr(0, base_url.find('?'));
  const bool versioned = without_query.ends_with("/v1beta") || without_query.ends_with("/v1") ||
                         without_query.ends_with("/v1alpha");
  return UrlWithPath(base_url, versioned ? path : "/v1beta" + path);
}

// Names may be written with the kind of thing that they name, as the API lists them.
std::string ResourceOf(const std::string& name) {
  return name.starts_with("models/") || name.starts_with("tunedModels/") ? "/" + name : "/models/" + name;
}

std::string GenerateUrl(const ModelSpec& spec, bool streams) {
  if (!streams) return VersionedUrl(spec.base_url, ResourceOf(spec.name) + ":generateContent");
  std::string url = VersionedUrl(spec.base_url, ResourceOf(spec.name) + ":streamGenerateContent");
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + "alt=sse";
}

// Whether what opens the conversation is still all that there is of it.
bool OnlySystem(const std::vector<Message>& messages, size_t count) {
  return std::all_of(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const Message& message) { return message.role == Role::kSystem; });
}

Json ModelParts(const Message& message) {
  if (std::optional<Json> parts = ProviderItems(message, kGemini)) return *std::move(parts);
  Json parts = Json::array();
  if (!message.text.empty()) parts.push_back({{"text", message.text}});
  for (const ToolCall& call : message.tool_calls) {
    parts.push_back({{"functionCall", {{"name", call.name}, {"args", ArgumentsObject(call)}}}});
  }
  return parts;
}

// Whether the endpoint gave a call of the last reply before `at` this id.
bool EndpointsOwnId(const std::vector<Message>& messages, size_t at, const std::string& id) {
  while (at > 0 && messages[at - 1].role != Role::kAssistant) --at;
  if (at == 0) return false;
  const std::optional<Json> parts = ProviderItems(messages[at - 1], kGemini);
  if (!parts) return false;
  return std::any_of(parts->begin(), parts->end(), [&id](const Json& part) {
    const Json* call = FindMember(part, "functionCall");
    return call != nullptr && TextOf(FindMember(*call, "id")) == id;
  });
}

Json UserPart(const std::vector<Message>& messages, size_t at) {
  const Message& message = messages[at];
  if (message.role != Role::kTool) return {{"text", message.text}};
  Json answer = Json::object();
  if (EndpointsOwnId(messages, at, message.tool_call_id)) answer["id"] = message.tool_call_id;
  answer["name"] = message.tool_name;
  Result<Json> result = ParseJson(message.text, "result");
  answer["response"] =
      result && result->is_object() ? *std::move(result) : Json{{"result", message.text}};
  return {{"functionResponse", std::move(answer)}};
}

Json DeclareFunctions(const Json& tools) {
  Json declarations = Json::array();
  for (const Json& tool : tools) {
    const Json* function = FindMember(tool, "function");
    if (function == nullptr) continue;
    Json one = {{"name", TextOf(FindMember(*function, "name"))}};
    if (const Json* description = FindMember(*function, "description"))
      one["description"] = *description;
    const Json* parameters = FindMember(*function, "parameters");
    if (parameters != nullptr && parameters->is_object() && !parameters->empty()) {
      one["parametersJsonSchema"] = *parameters;
    }
    declarations.push_back(std::move(one));
  }
  return Json::array({Json{{"functionDeclarations", std::move(declarations)}}});
}

Json TokenOf(const Json& candidate) {
  Json token = {{"token", TextOf(FindMember(candidate, "token"))}};
  const Json* likely = FindMember(candidate, "logProbability");
  token["logprob"] = likely != nullptr && likely->is_number() ? *likely : Json(0);
  return token;
}

// In the form of chat completions; empty: none came.
std::string LogprobsOf(const Json& candidate) {
  const Json* result = FindMember(candidate, "logprobsResult");
  const Json* chosen = result == nullptr ? nullptr : FindMember(*result, "chosenCandidates");
  if (chosen == nullptr || !chosen->is_array()) return "";
  const Json* top = FindMember(*result, "topCandidates");
  Json tokens = Json::array();
  for (size_t i = 0; i < chosen->size(); ++i) {
    Json token = TokenOf((*chosen)[i]);
    token["top_logprobs"] = Json::array();
    if (top != nullptr && top->is_array() && i < top->size()) {
      const Json* others = FindMember((*top)[i], "candidates");
      if (others != nullptr && others->is_array()) {
        for (const Json& other : *others) token["top_logprobs"].push_back(TokenOf(other));
      }
    }
    tokens.push_back(std::move(token));
  }
  return DumpJson(Json{{"content", std::move(tokens)}});
}

Usage UsageOfMetadata(const Json& body) {
  Usage usage;
  const Json* given = FindMember(body, "usageMetadata");
  if (given == nullptr) return usage;
  usage.input_tokens =
      CountOf(*given, "promptTokenCount") + CountOf(*given, "toolUsePromptTokenCount");
  usage.cached_tokens = std::min(CountOf(*given, "cachedContentTokenCount"), usage.input_tokens);
  usage.reasoning_tokens = CountOf(*given, "thoughtsTokenCount");
  usage.output_tokens = CountOf(*given, "candidatesTokenCount") + usage.reasoning_tokens;
  return usage;
}

bool IsFilter(const std::string& finish_reason) {
  static constexpr std::string_view kFilters[] = {"SAFETY", "RECITATION", "BLOCKLIST",
                                                  "PROHIBITED_CONTENT", "SPII"};
  return std::find(std::begin(kFilters), std::end(kFilters), finish_reason) != std::end(kFilters);
}

class GeminiGenerate : public WireFormat {
 public:
  explicit GeminiGenerate(const ModelSpec& spec)
      : arguments_(spec.arguments),
        streams_(TakeStream(arguments_)),
        url_(GenerateUrl(spec, streams_)),
        models_url_(VersionedUrl(spec.base_url, "/models")) {}

  const std::string& url() const override { return url_; }
  const std::string& models_url() const override { return models_url_; }
  const std::string& head() const override { return head_; }

  HttpHeaders Headers(const std::string& key) const override {
    if (key.empty()) return {};
    return {{"x-goog-api-key", key}};
  }

  // Leaves the list of parts open, since another result of the same turn may come.
  void Append(const std::vector<Message>& messages, EncodedConversation& encoded) const override {
    const size_t before = encoded.bytes.size();
    std::string& bytes = encoded.bytes;
    for (; encoded.messages < messages.size(); ++encoded.messages) {
      const size_t at = encoded.messages;
      const Message& message = messages[at];
      const bool first = OnlySystem(messages, at);
      if (message.role == Role::kSystem && first) {
        bytes += at == 0 ? "\"systemInstruction\":{\"parts\":[" : ",";
        bytes += DumpJson(UserPart(messages, at));
        continue;
      }
      if (first && at > 0) bytes += "]},";
      if (first) bytes += "\"contents\":[";
      const bool after_reply = !first && messages[at - 1].role == Role::kAssistant;
      if (message.role == Role::kAssistant) {
        if (!first) bytes += after_reply ? "," : "]},";
        bytes += "{\"role\":\"model\",\"parts\":" + DumpJson(ModelParts(message)) + '}';
        continue;
      }
      if (after_reply) bytes += ',';
      bytes += first || after_reply ? "{\"role\":\"user\",\"parts\":[" : ",";
      bytes += DumpJson(UserPart(messages, at));
    }
    encoded.digest.Update(std::string_view(bytes).substr(before));
  }

  std::string Tail(const Request& request) const override {
    const std::vector<Message>& messages = *request.messages;
    std::string out = "]";
    if (OnlySystem(messages, messages.size())) {
      out = messages.empty() ? "\"contents\":[]" : "]},\"contents\":[]";
    } else if (messages.back().role != Role::kAssistant) {
      out = "]}]";
    }
    if (!request.tools.empty()) out += ",\"tools\":" + tools_.Of(request.tools, DeclareFunctions);
    return out + FurtherMembers(Settings(request));
  }

  WireReply Decode(std::string_view body, int wanted_choices) const override {
    WireReply reply;
    std::optional<Json> json =
        IsEventStream(body) ? FoldCandidateStream(body, reply) : ReplyObject(body, reply);
    if (!json) return reply;
    reply.usage = UsageOfMetadata(*json);
    reply.id = OneLine(TextOf(FindMember(*json, "responseId")), 200);
    reply.model = OneLine(TextOf(FindMember(*json, "modelVersion")), 200);
    if (!reply.problem.empty()) return reply;
    if (ReportsError(*json)) return Reported(reply, ReadError(*json));
    const auto candidates = json->find("candidates");
    const Json* feedback = FindMember(*json, "promptFeedback");
    const std::string blocked =
        feedback == nullptr ? "" : OneLine(TextOf(FindMember(*feedback, "blockReason")), 100);
    const bool none = candidates == json->end() || (candidates->is_array() && candidates->empty());
    if (none && !blocked.empty()) return Refused(reply, "the prompt was blocked: " + blocked);
    if (candidates == json->end() && !json->contains("usageMetadata")) {
      return Unreadable(reply, "no \"candidates\" in the reply: " + OneLine(body, 200));
    }
    if (!none && !candidates->is_array()) {
      return Unreadable(
          reply, std::string("candidates: expected a list, got ") + JsonTypeName(*candidates));
    }
    reply.choices = none ? 0 : static_cast<int>(std::min<size_t>(candidates->size(), 1'000'000));
    if (reply.choices == 0 || reply.choices > std::max(1, wanted_choices)) {
      reply.status = WireReply::Status::kWrongChoices;
      reply.problem = std::to_string(reply.choices) + " candidates in the reply, expected " +
                      std::to_string(std::max(1, wanted_choices));
      return reply;
    }
    return ReadCandidate(candidates->front(), reply);
  }

  std::string Lacks(const Generation& generation) const override {
    if (generation.parallel_tool_calls == false) return "--parallel-tool-calls false";
    if (streams_ && generation.n.value_or(1) > 1) return "n (several replies at once) in a stream";
    return "";
  }

  std::string Advice(const FailedTry& failed) const override { return StreamAdvice(failed); }

 private:
  static WireReply& Refused(WireReply& reply, std::string problem) {
    reply.status = WireReply::Status::kRefusal;
    reply.problem = OneLine(problem, kMaxProblemBytes);
    return reply;
  }

  static WireReply& ReadCandidate(Json& candidate, WireReply& reply) {
    if (!candidate.is_object()) {
      return Unreadable(
          reply, std::string("candidates[0]: expected an object, got ") + JsonTypeName(candidate));
    }
    reply.finish_reason = OneLine(TextOf(FindMember(candidate, "finishReason")), 100);
    SaidParts parts;
    Json none = Json::array();
    Json* items = &none;
    if (const auto content = candidate.find("content");
        content != candidate.end() && content->is_object()) {
      if (const auto list = content->find("parts"); list != content->end() && list->is_array())
        items = &*list;
    }
    for (size_t i = 0; i < items->size(); ++i) {
      const Json& part = (*items)[i];
      if (!part.is_object()) {
        return Unreadable(reply, "candidates[0].content.parts[" + std::to_string(i) +
                                     "]: expected an object, got " + JsonTypeName(part));
      }
      const Json* thought = FindMember(part, "thought");
      const bool is_thought = thought != nullptr && *thought == true;
      (is_thought ? parts.reasoning : parts.text) += TextOf(FindMember(part, "text"));
      const Json* called = FindMember(part, "functionCall");
      if (called == nullptr) continue;
      ToolCall call;
      call.id = TextOf(FindMember(*called, "id"));
      if (call.id.empty())
        call.id =
            (reply.id.empty() ? "call" : reply.id) + "-" + std::to_string(parts.calls.size() + 1);
      call.name = TextOf(FindMember(*called, "name"));
      const Json* args = FindMember(*called, "args");
      call.arguments = args == nullptr || args->is_null() ? "{}" : DumpJson(*args);
      parts.calls.push_back(std::move(call));
    }
    const std::string why = TextOf(FindMember(candidate, "finishMessage"));
    if (IsFilter(reply.finish_reason)) {
      parts.refusal = "the filter " + reply.finish_reason + " ended the reply";
      if (!why.empty()) parts.refusal += ": " + OneLine(why, 300);
      Refused(reply, parts.refusal);
    } else if (items->empty() && reply.finish_reason != "STOP" &&
               reply.finish_reason != "MAX_TOKENS") {
      // MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL and others of which another try may have
      // none.
      return Unreadable(reply, "the reply is empty and ended by " +
                                   (reply.finish_reason.empty() ? "nothing" : reply.finish_reason) +
                                   (why.empty() ? "" : ": " + why));
    } else {
      reply.status = WireReply::Status::kMessage;
    }
    const std::string logprobs = LogprobsOf(candidate);
    parts.items = items;
    reply.message = MessageOf(std::move(parts), kGemini);
    reply.message.logprobs = logprobs;
    return reply;
  }

  Json Settings(const Request& request) const {
    const Generation& generation = request.generation;
    Json body = Json::object();
    if (!request.tools.empty() && !request.tool_choice.empty()) {
      const std::string& choice = request.tool_choice;
      body["toolConfig"]["functionCallingConfig"]["mode"] = choice == "required" ? "ANY"
                                                            : choice == "none"   ? "NONE"
                                                                                 : "AUTO";
    }
    Json config = Json::object();
    if (generation.temperature) config["temperature"] = *generation.temperature;
    if (generation.max_tokens) config["maxOutputTokens"] = *generation.max_tokens;
    if (generation.n) config["candidateCount"] = *generation.n;
    if (generation.seed) config["seed"] = *generation.seed;
    if (!generation.stop.empty()) config["stopSequences"] = generation.stop;
    if (generation.top_p) config["topP"] = *generation.top_p;
    if (generation.reasoning_effort)
      config["thinkingConfig"]["thinkingLevel"] = *generation.reasoning_effort;
    if (generation.top_logprobs) {
      config["responseLogprobs"] = true;
      if (*generation.top_logprobs > 0) config["logprobs"] = *generation.top_logprobs;
    }
    if (!request.response_format.empty()) {
      config["responseMimeType"] = "application/json";
      const Result<Json> format = ParseJson(request.response_format, "response_format");
      const Json* schema = format ? FindMember(*format, "json_schema") : nullptr;
      if (schema != nullptr && schema->contains("schema"))
        config["responseJsonSchema"] = schema->at("schema");
    }
    if (!config.empty()) body["generationConfig"] = std::move(config);
    AddMembers(arguments_, body);
    return body;
  }

  std::map<std::string, std::string> arguments_;
  const bool streams_;
  const std::string url_;
  const std::string models_url_;
  const std::string head_ = "{";
  const ConvertedTools tools_;
};

}  // namespace

std::unique_ptr<WireFormat> MakeGeminiGenerate(const ModelSpec& spec) {
  return std::make_unique<GeminiGenerate>(spec);
}

}  // namespace axiometer
