#include "judges/agent_valuebench_reader.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"
#include "harness/record/content.h"
#include "judges/agent_valuebench_harness.h"
#include "judges/agent_valuebench_trajectory.h"

namespace axiometer {
namespace {

std::string Text(const Json& object, const char* key) {
  const Json& member = Member(object, key);
  return member.is_string() ? member.get<std::string>() : "";
}

// An object of exactly these members, in this order.
bool HasExactly(const Json& object, std::initializer_list<std::string_view> keys) {
  if (!object.is_object() || object.size() != keys.size()) return false;
  auto key = keys.begin();
  for (const auto& [name, value] : object.items()) {
    if (name != *key++) return false;
  }
  return true;
}

// A turn as the released loop writes it, so that our events can hold all of it.
bool IsOfReleasedLoop(const Json& step, size_t number) {
  const bool failed = step.contains("error");
  const bool keys =
      failed
          ? HasExactly(step, {"step", "assistant_message", "tool_calls", "tool_responses", "error"})
          : HasExactly(step, {"step", "assistant_message", "tool_calls", "tool_responses"});
  if (!keys || step["step"] != Json(number)) return false;
  const Json& message = step["assistant_message"];
  const Json& calls = step["tool_calls"];
  const Json& responses = step["tool_responses"];
  if (!calls.is_array() || !responses.is_array() || calls.size() != responses.size()) return false;
  if (failed) return message.is_null() && calls.empty() && step["error"].is_string();
  if (!message.is_object() || message.contains("tool_calls") || message.contains(kForeignTurn) ||
      Text(message, "role").empty()) {
    return false;
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    if (!HasExactly(calls[i], {"id", "name", "arguments"}) ||
        !HasExactly(responses[i], {"tool_call_id", "name", "content"})) {
      return false;
    }
    if (!calls[i]["id"].is_string() || !calls[i]["name"].is_string() ||
        !calls[i]["arguments"].is_object() || calls[i]["id"] != responses[i]["tool_call_id"] ||
        calls[i]["name"] != responses[i]["name"]) {
      return false;
    }
  }
  return true;
}

class EventList {
 public:
  explicit EventList(Trajectory& trajectory) : trajectory_(trajectory) {}

  void AddReply(const Json& message) {
    ++step_;
    Event event;
    event.kind = EventKind::kReply;
    event.message.role = Role::kAssistant;
    event.message.text = ContentText(Member(message, "content"));
    event.message.raw = DumpJsonAsPython(message);
    Add(std::move(event));
  }

  void AddTool(const std::string& id, const std::string& name, const Json& arguments,
               const Json& result, ToolStatus status) {
    Event event;
    event.kind = EventKind::kTool;
    event.tool.call_id = id;
    event.tool.name = name;
    event.tool.arguments = DumpJsonAsPython(arguments);
    event.tool.result = DumpJsonAsPython(result);
    event.tool.status = status;
    Add(std::move(event));
  }

  void AddFailure(const std::string& what) {
    Event event;
    event.kind = EventKind::kFailure;
    event.failure = what;
    Add(std::move(event));
  }

 private:
  void Add(Event event) {
    event.id = static_cast<int>(trajectory_.events.size()) + 1;
    event.step = step_;
    trajectory_.events.push_back(std::move(event));
  }

  Trajectory& trajectory_;
  int step_ = 0;
};

// In the chat-completions form, which is what a message as received has.
Json CallsAsReceived(const Json& calls) {
  Json received = Json::array();
  for (const Json& call : calls) {
    const Json function = {{"name", call["name"]},
                           {"arguments", DumpJsonAsPython(call["arguments"])}};
    received.push_back({{"id", call["id"]}, {"type", "function"}, {"function", function}});
  }
  return received;
}

void AddReleasedTurn(const Json& step, EventList& events) {
  if (step.contains("error")) {
    events.AddFailure(step["error"].get<std::string>());
    return;
  }
  Json message = step["assistant_message"];
  const Json& calls = step["tool_calls"];
  if (!calls.empty()) message["tool_calls"] = CallsAsReceived(calls);
  events.AddReply(message);
  for (size_t i = 0; i < calls.size(); ++i) {
    events.AddTool(calls[i]["id"], calls[i]["name"], calls[i]["arguments"],
                   step["tool_responses"][i]["content"], ToolStatus::kOk);
  }
}

void AddForeignTurn(const Json& step, EventList& events) {
  std::string text = Text(step, "assistant_output");
  if (text.empty()) text = ContentText(Member(Member(step, "assistant_message"), "content"));
  Json message = {{"role", "assistant"}, {"content", std::move(text)}, {kForeignTurn, step}};
  const Json& calls = Member(step, "tool_calls");
  const Json& responses = Member(step, "tool_responses");
  if (!calls.is_array()) {
    events.AddReply(message);
    return;
  }
  events.AddReply(message);
  for (size_t i = 0; i < calls.size(); ++i) {
    // One response for several calls belongs to all of them.
    const bool each = responses.is_array() && responses.size() == calls.size();
    const Json& response = each                                         ? responses[i]
                           : responses.is_array() && !responses.empty() ? responses[0]
                                                                        : Member(step, "");
    const Json& allowed = Member(calls[i], "allowed");
    const bool refused = allowed.is_boolean() && !allowed.get<bool>();
    events.AddTool(Text(calls[i], "id"), Text(calls[i], "name"), Member(calls[i], "arguments"),
                   Member(response, "content"),
                   refused ? ToolStatus::kUnknownTool : ToolStatus::kOk);
  }
}

Result<Outcome> OutcomeOf(const Json& file, const std::string& where) {
  const Json& status = Member(file, "status");
  if (status.is_null() || status == "finished" || status == "completed") return Outcome::kFinished;
  if (status == "max_steps") return Outcome::kStepLimit;
  if (status == "error") return Outcome::kModelError;
  return BadInput(where, "status: expected finished, completed, max_steps or error, got " +
                             Quoted(PythonStr(status)));
}

}  // namespace

Result<ReleasedTrajectory> ReadTrajectoryFile(std::string_view text, const std::string& where) {
  const std::optional<Json> file = ParsePythonJson(text);
  if (!file) return BadInput(where, "not valid JSON");
  if (!file->is_object()) return BadInput(where, "expected an object");
  ReleasedTrajectory out;
  EventList events(out.trajectory);
  const Result<Outcome> outcome = OutcomeOf(*file, where);
  if (!outcome) return outcome.error();
  out.trajectory.outcome = *outcome;
  if (!Member(*file, "steps").is_array()) return BadInput(where, "steps: expected a list");
  if (IsHarborFile(*file)) {
    const Json harbor = NormalizedHarbor(*file);
    for (const Json& step : harbor["steps"]) AddForeignTurn(step, events);
    out.foreign = true;
    out.trajectory.final_text = Text(harbor, "final_answer");
  } else {
    out.case_name = Text(*file, "case_name");
    out.trajectory.final_text = Text(*file, "final_answer");
    if (const Json& parallel = Member(*file, "parallel_tool_calls"); parallel.is_boolean()) {
      out.parallel_tool_calls = parallel.get<bool>();
    }
    const Json& steps = Member(*file, "steps");
    size_t number = 0;
    bool released = true;
    for (const Json& step : steps) {
      released = released && step.is_object() && IsOfReleasedLoop(step, ++number);
      out.foreign = out.foreign || (step.is_object() && !step.contains("assistant_message"));
    }
    for (const Json& step : steps) {
      if (!step.is_object()) continue;
      if (released) {
        AddReleasedTurn(step, events);
      } else {
        AddForeignTurn(step, events);
      }
    }
  }
  const std::vector<Event>& all = out.trajectory.events;
  if (!all.empty() && all.back().kind == EventKind::kFailure) {
    out.trajectory.detail = all.back().failure;
  }
  return out;
}

Result<ReleasedTrajectory> ReadToolLog(std::string_view text, const std::string& where) {
  const Result<Json> log = NormalizedToolLog(text, where);
  if (!log) return log.error();
  ReleasedTrajectory out;
  out.foreign = true;
  out.trajectory.outcome = Outcome::kFinished;
  EventList events(out.trajectory);
  for (const Json& step : log->at("steps")) AddForeignTurn(step, events);
  return out;
}

}  // namespace axiometer
