#include "harness/scaffold/react_tools.h"

#include <nlohmann/json.hpp>
#include <optional>

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

PlannedCall Plan(const Task& task, const Json& call, ArgumentRule rule) {
  const Json& function = Member(call, "function");
  PlannedCall planned;
  planned.id = PythonStrOrEmpty(Member(call, "id"));
  planned.name = std::string(PythonStrip(PythonStrOrEmpty(Member(function, "name"))));
  // Prepared twice, as the loop does it: once for the replay, once more for the run.
  const Json replayed = PrepareArguments(Member(function, "arguments"), rule);
  planned.arguments = DumpJsonAsPython(ReadArguments(PrepareArguments(replayed, rule), rule));
  RefuseUnknownTool(task, planned);
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

RequestFrame ReactTools::Frame(const Task& task) const {
  RequestFrame frame;
  if (!task.tool_names.empty()) frame.tools = task.tools;
  return frame;
}

Step ReactTools::Next(const Task& task, const Trajectory& trajectory) const {
  const Event* reply = LastReply(trajectory);
  if (reply == nullptr) return GenerateStep{};
  const Json calls = CallsOf(reply->message);
  if (calls.empty()) return FinishWith(*reply);
  const size_t answered = AnsweredSince(*reply, trajectory);
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
