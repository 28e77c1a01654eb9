#include "harness/scaffold/reply.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/python_json.h"

namespace axiometer {
namespace {

std::string TextOfContent(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    if (part.is_string()) {
      text += part.get_ref<const std::string&>();
    } else if (part.is_object()) {
      for (const char* key : {"text", "content"}) {
        const auto member = part.find(key);
        if (member == part.end() || !member->is_string()) continue;
        text += member->get_ref<const std::string&>();
        break;
      }
    }
  }
  return text;
}

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
  return content == raw->end() ? "" : TextOfContent(*content);
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
