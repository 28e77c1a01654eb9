#include "harness/scaffold/reply.h"

#include <nlohmann/json.hpp>
#include <optional>

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

}  // namespace axiometer
