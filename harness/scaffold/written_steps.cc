#include "harness/scaffold/written_steps.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/python_json.h"
#include "harness/scaffold/reply.h"

namespace axiometer {
namespace {

// One line a tool: its name, what it does and what its arguments must be.
std::string ToolLines(const Task& task) {
  const Result<Json> tools = ParseJson(task.tools.empty() ? "[]" : task.tools, "tools");
  std::string lines;
  if (!tools) return lines;
  for (const Json& tool : *tools) {
    const Json& function = Member(tool, "function");
    lines += DumpJson(Json{{"name", Member(function, "name")},
                           {"description", Member(function, "description")},
                           {"arguments", Member(function, "parameters")}}) +
             "\n";
  }
  return lines;
}

std::string WithoutReasoning(const std::string& text) {
  static constexpr std::string_view kEnd = "</think>";
  const size_t end = text.rfind(kEnd);
  return std::string(PythonStrip(end == std::string::npos ? text : text.substr(end + kEnd.size())));
}

// Unusable replies just before the last one.
int UnusableBefore(const Trajectory& trajectory) {
  int count = 0;
  for (auto event = trajectory.events.rbegin(); event != trajectory.events.rend(); ++event) {
    if (event->kind != EventKind::kTool) continue;
    if (event->tool.status != ToolStatus::kBadCall) break;
    ++count;
  }
  return count;
}

}  // namespace

std::vector<Message> WrittenSteps::Open(const Task& task) const {
  const std::string convention = Convention() + ToolLines(task);
  std::vector<Message> opening = task.opening;
  const auto system = std::ranges::find_if(
      opening, [](const Message& message) { return message.role == Role::kSystem; });
  if (system != opening.end()) {
    system->text += (system->text.ends_with('\n') ? "\n" : "\n\n") + convention;
    return opening;
  }
  Message own;
  own.role = Role::kSystem;
  own.text = convention;
  opening.insert(opening.begin(), std::move(own));
  return opening;
}

Step WrittenSteps::Next(const Task& task, const Trajectory& trajectory) const {
  const Event* reply = LastReply(trajectory);
  if (reply == nullptr || AnsweredSince(*reply, trajectory) > 0) return GenerateStep{};
  const std::string text = WithoutReasoning(VisibleText(reply->message));
  if (text.empty()) return FinishWith(*reply);
  WrittenStep written = Read(text);
  if (written.closing) return FinishStep{Outcome::kFinished, std::move(*written.closing), ""};
  const std::string id = "step_" + std::to_string(reply->step);
  if (written.call) {
    written.call->id = id;
    RefuseUnknownTool(task, *written.call);
    return CallToolsStep{{std::move(*written.call)}};
  }
  if (reply->finish_reason == "length")
    written.problem = "it was cut at the limit of tokens (" + written.problem + ")";
  if (UnusableBefore(trajectory) + 1 >= kMostUnusable) {
    return FinishStep{Outcome::kUnusableReply, "",
                      std::to_string(kMostUnusable) + " replies in a row were no step of " +
                          name() + ", the last because " + written.problem};
  }
  PlannedCall unusable;
  unusable.id = id;
  unusable.arguments = "{}";
  unusable.status = ToolStatus::kBadCall;
  unusable.answer = DumpJsonAsPython(
      Json{{"success", false}, {"error", "The message was no step: " + written.problem + "."}});
  return CallToolsStep{{std::move(unusable)}};
}

Message WrittenSteps::Answer(const ToolExchange& tool) const {
  Message message;
  message.role = Role::kUser;
  message.text = ResultText(tool);
  return message;
}

std::string WrittenSteps::prompt_digest() const { return Sha256(Convention()); }

WrittenStep WrittenSteps::Call(const std::string& name, const Json& arguments) const {
  WrittenStep step;
  const Json prepared = PrepareArguments(arguments, rule_);
  const bool holds_object =
      prepared.is_object() ||
      (prepared.is_string() && ReadArguments(prepared, rule_) != Json::object());
  const bool blank =
      prepared.is_null() ||
      (prepared.is_string() && PythonStrip(prepared.get_ref<const std::string&>()).empty());
  const bool empty_object =
      prepared.is_string() && EmbeddedJson(prepared.get_ref<const std::string&>()) == "{}";
  if (!holds_object && !blank && !empty_object) {
    step.problem = "the arguments of " + name + " are no JSON object";
    return step;
  }
  PlannedCall call;
  call.name = std::string(PythonStrip(name));
  call.arguments = DumpJsonAsPython(ReadArguments(prepared, rule_));
  step.call = std::move(call);
  return step;
}

}  // namespace axiometer
