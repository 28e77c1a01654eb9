#include "harness/scaffold/react_tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "harness/base/python_json.h"
#include "harness/scaffold/reply.h"

namespace axiometer {
namespace {

Json ArgumentsMember(const ToolCall& call) {
  if (call.arguments_were_object) {
    if (std::optional<Json> object = ParsePythonJson(call.arguments)) return *object;
  }
  return call.arguments;
}

// The calls in the chat-completions form: as received, or rebuilt from the parsed ones.
Json CallsOf(const Message& reply) {
  if (!reply.raw.empty()) {
    if (const std::optional<Json> raw = ParsePythonJson(reply.raw); raw && raw->is_object()) {
      const Json& calls = Member(*raw, "tool_calls");
      return calls.is_array() ? calls : Json::array();
    }
  }
  Json calls = Json::array();
  for (const ToolCall& call : reply.tool_calls) {
    calls.push_back({{"id", call.id},
                     {"function", {{"name", call.name}, {"arguments", ArgumentsMember(call)}}}});
  }
  return calls;
}

std::string UnknownToolAnswer(const std::string& name) {
  const Json answer = {{"success", false}, {"error", "ValueError: Unknown tool call: " + name}};
  return DumpJsonAsPython(answer);
}

PlannedCall Plan(const Task& task, const Json& call, ArgumentRule rule) {
  const Json& function = Member(call, "function");
  PlannedCall planned;
  planned.id = PythonStrOrEmpty(Member(call, "id"));
  planned.name = std::string(PythonStrip(PythonStrOrEmpty(Member(function, "name"))));
  // Prepared twice, as the loop does it: once for the replay, once more for the run.
  const Json replayed = PrepareArguments(Member(function, "arguments"), rule);
  planned.arguments = DumpJsonAsPython(ReadArguments(PrepareArguments(replayed, rule), rule));
  if (std::ranges::find(task.known_tools, planned.name) == task.known_tools.end()) {
    planned.status = ToolStatus::kUnknownTool;
    planned.answer = UnknownToolAnswer(planned.name);
  }
  return planned;
}

bool FillRole(Json& message) {
  const auto role = message.find("role");
  if (role != message.end() && !PythonStrip(PythonStrOrEmpty(*role)).empty()) return false;
  message["role"] = "assistant";
  return true;
}

bool PrepareCalls(Json& message, ArgumentRule rule) {
  const auto calls = message.find("tool_calls");
  if (calls == message.end() || !calls->is_array()) return false;
  bool changed = false;
  for (Json& call : *calls) {
    if (!call.is_object()) continue;
    const auto function = call.find("function");
    if (function == call.end() || !function->is_object()) continue;
    const bool absent = !function->contains("arguments");
    Json& arguments = (*function)["arguments"];  // absent ones are replayed as null
    Json prepared = PrepareArguments(arguments, rule);
    if (!absent && prepared == arguments) continue;
    arguments = std::move(prepared);
    changed = true;
  }
  return changed;
}

}  // namespace

Step ReactTools::Next(const Task& task, const Trajectory& trajectory) const {
  const Event* reply = LastReply(trajectory);
  if (reply == nullptr) return GenerateStep{};
  const Json calls = CallsOf(reply->message);
  if (calls.empty()) return FinishWith(*reply);
  // Every tool event after the reply answers one of its calls, in order.
  const std::span after(reply, &trajectory.events.back() + 1);
  const auto answered =
      static_cast<size_t>(std::ranges::count(after, EventKind::kTool, &Event::kind));
  if (answered >= calls.size()) return GenerateStep{};
  CallToolsStep step;
  for (size_t i = answered; i < calls.size(); ++i) {
    step.calls.push_back(Plan(task, calls[i], rule_));
  }
  return step;
}

Message ReactTools::Enter(const Message& reply) const {
  Message entered = reply;
  for (ToolCall& call : entered.tool_calls) {
    const Json prepared = PrepareArguments(ArgumentsMember(call), rule_);
    call.arguments =
        prepared.is_string() ? prepared.get<std::string>() : DumpJsonAsPython(prepared);
  }
  if (reply.raw.empty()) return entered;
  std::optional<Json> raw = ParsePythonJson(reply.raw);
  if (!raw || !raw->is_object()) return entered;
  const bool filled = FillRole(*raw);
  const bool prepared = PrepareCalls(*raw, rule_);
  if (filled || prepared) entered.raw = DumpJsonAsPython(*raw);
  return entered;
}

}  // namespace axiometer
