#include "reports/inspect_messages.h"

#include <deque>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace axiometer::inspect {
namespace {

// In the words of chat completions, the Messages API, the Responses API and Gemini.
const char* StopReason(std::string_view finish_reason) {
  static constexpr std::pair<std::string_view, const char*> kReasons[] = {
      {"stop", "stop"},
      {"end_turn", "stop"},
      {"stop_sequence", "stop"},
      {"completed", "stop"},
      {"STOP", "stop"},
      {"length", "max_tokens"},
      {"max_tokens", "max_tokens"},
      {"max_output_tokens", "max_tokens"},
      {"MAX_TOKENS", "max_tokens"},
      {"model_context_window_exceeded", "model_length"},
      {"tool_calls", "tool_calls"},
      {"function_call", "tool_calls"},
      {"tool_use", "tool_calls"},
      {"content_filter", "content_filter"},
      {"refusal", "content_filter"},
      {"SAFETY", "content_filter"},
      {"RECITATION", "content_filter"},
      {"BLOCKLIST", "content_filter"},
      {"PROHIBITED_CONTENT", "content_filter"},
      {"SPII", "content_filter"}};
  for (const auto& [name, reason] : kReasons) {
    if (name == finish_reason) return reason;
  }
  return "unknown";
}

Json CallJson(const std::string& id, const std::string& name, const std::string& arguments) {
  Json call = {{"id", id}, {"function", name}, {"arguments", Json::object()}, {"type", "function"}};
  Result<Json> parsed = arguments.empty() ? Result<Json>(Json::object()) : ParseJson(arguments, "arguments");
  if (parsed && parsed->is_object()) {
    call["arguments"] = std::move(*parsed);
  } else {
    call["parse_error"] = "no JSON object: " + arguments;
  }
  return call;
}

Json ReplyJson(const Event& event, const std::string& model) {
  const Message& message = event.message;
  Json content = message.text;
  if (!message.reasoning.empty()) {
    content = Json::array({{{"type", "reasoning"}, {"reasoning", message.reasoning}}});
    if (!message.text.empty()) content.push_back({{"type", "text"}, {"text", message.text}});
  }
  return {{"id", MessageId(event.id)},
          {"content", std::move(content)},
          {"source", "generate"},
          {"role", "assistant"},
          {"model", model}};
}

// The replies as they come, with the calls whose results are still awaited.
class Story {
 public:
  explicit Story(std::string model) : model_(std::move(model)) {}

  void Add(const Event& event) {
    switch (event.kind) {
      case EventKind::kMessage:
        AddPrompt(event);
        break;
      case EventKind::kReply:
        AddReply(event);
        break;
      case EventKind::kTool:
        AddResult(event);
        break;
      case EventKind::kFailure:
        break;  // the sample's error
    }
  }

  Conversation Take(const Trajectory& trajectory) {
    Json& output = story_.output;
    output = {{"model", model_}, {"choices", Json::array()}};
    if (reply_) {
      output["choices"].push_back({{"message", story_.messages[*reply_]}, {"stop_reason", StopReason(finish_reason_)}});
    }
    output["completion"] = trajectory.final_text;
    output["usage"] = UsageJson(trajectory.usage);
    if (trajectory.outcome == Outcome::kRefused) output["error"] = trajectory.detail;
    return std::move(story_);
  }

 private:
  void AddPrompt(const Event& event) {
    Json message = PromptMessage(event.message, MessageId(event.id), !reply_);
    if (!reply_) story_.input.push_back(message);
    story_.messages.push_back(std::move(message));
  }

  void AddReply(const Event& event) {
    reply_ = story_.messages.size();
    finish_reason_ = event.finish_reason;
    awaited_.clear();
    Json message = ReplyJson(event, model_);
    for (const ToolCall& call : event.message.tool_calls) {
      awaited_.push_back(call.id.empty() ? OwnId(event.id, awaited_.size()) : call.id);
      message["tool_calls"].push_back(CallJson(awaited_.back(), call.name, call.arguments));
    }
    story_.messages.push_back(std::move(message));
  }

  void AddResult(const Event& event) {
    const ToolExchange& tool = event.tool;
    std::string id = tool.call_id;
    auto call = awaited_.begin();
    while (!id.empty() && call != awaited_.end() && *call != id) ++call;
    if (call != awaited_.end()) {
      id = *call;
      awaited_.erase(call);
    } else if (reply_) {
      if (id.empty()) id = OwnId(event.id, 0);
      story_.messages[*reply_]["tool_calls"].push_back(CallJson(id, tool.name, tool.arguments));
    }
    Json message = {{"id", MessageId(event.id)}, {"content", tool.result}, {"role", "tool"}};
    if (!id.empty()) message["tool_call_id"] = id;
    message["function"] = tool.name;
    if (tool.status != ToolStatus::kOk) {
      message["error"] = {{"type", "parsing"},
                          {"message", std::string(ToolStatusName(tool.status)) + ": " + tool.result}};
    }
    story_.messages.push_back(std::move(message));
  }

  static std::string OwnId(int event, size_t number) {
    return "call-" + std::to_string(event) + "-" + std::to_string(number + 1);
  }

  const std::string model_;
  Conversation story_;
  std::optional<size_t> reply_;  // the last one's place in `messages`
  std::string finish_reason_;
  std::deque<std::string> awaited_;  // ids of its calls without a result
};

}  // namespace

std::string MessageId(int event) { return "event-" + std::to_string(event); }

Json PromptMessage(const Message& message, const std::string& id, bool is_input) {
  Json json = {{"id", id}, {"content", message.text}};
  if (is_input) json["source"] = "input";
  json["role"] = RoleName(message.role);
  return json;
}

Conversation ConversationOf(const Trajectory& trajectory, const std::string& model) {
  Story story(model);
  for (const Event& event : trajectory.events) story.Add(event);
  return story.Take(trajectory);
}

Json UsageJson(const Usage& usage) {
  Json json = {{"input_tokens", usage.input_tokens - usage.cached_tokens},
               {"output_tokens", usage.output_tokens},
               {"total_tokens", usage.tokens()},
               {"input_tokens_cache_read", usage.cached_tokens},
               {"reasoning_tokens", usage.reasoning_tokens}};
  if (usage.cost_usd) json["total_cost"] = *usage.cost_usd;
  return json;
}

}  // namespace axiometer::inspect
