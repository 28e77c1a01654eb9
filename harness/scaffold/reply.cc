#include "harness/scaffold/reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "harness/base/python_json.h"
#include "harness/record/content.h"

namespace axiometer {
namespace {

std::string RefusalIn(const Message& message) {
  const std::optional<Json> raw = ParsePythonJson(message.raw);
  if (!raw || !raw->is_object()) return "";
  const auto refusal = raw->find("refusal");
  if (refusal == raw->end() || !refusal->is_string()) return "";
  return std::string(PythonStrip(refusal->get_ref<const std::string&>()));
}

}  // namespace

const Event* LastReply(const Trajectory& trajectory) {
  for (auto event = trajectory.events.rbegin(); event != trajectory.events.rend(); ++event) {
    if (event->kind == EventKind::kReply) return &*event;
  }
  return nullptr;
}

// Every tool event after the reply answers one of its calls, in order.
size_t AnsweredSince(const Event& reply, const Trajectory& trajectory) {
  const std::span after(&reply, &trajectory.events.back() + 1);
  return static_cast<size_t>(std::ranges::count(after, EventKind::kTool, &Event::kind));
}

std::string VisibleText(const Message& message) {
  if (message.raw.empty()) return message.text;
  const std::optional<Json> raw = ParsePythonJson(message.raw);
  if (!raw || !raw->is_object()) return message.text;
  const auto content = raw->find("content");
  return content == raw->end() ? "" : ContentText(*content);
}

FinishStep FinishWith(const Event& reply) {
  std::string text = VisibleText(reply.message);
  if (!PythonStrip(text).empty()) return {Outcome::kFinished, std::move(text), ""};
  if (std::string refusal = RefusalIn(reply.message); !refusal.empty()) {
    return {Outcome::kRefused, "", std::move(refusal)};
  }
  if (reply.finish_reason == "content_filter") {
    return {Outcome::kRefused, "", "the endpoint's content filter removed the reply"};
  }
  return {Outcome::kEmptyReply, "", "the reply has neither text nor tool calls"};
}

void RefuseUnknownTool(const Task& task, PlannedCall& planned) {
  if (std::ranges::find(task.known_tools, planned.name) != task.known_tools.end()) return;
  planned.status = ToolStatus::kUnknownTool;
  planned.answer = DumpJsonAsPython(Json{{"success", false}, {"error", "ValueError: Unknown tool call: " + planned.name}});
}

}  // namespace axiometer
