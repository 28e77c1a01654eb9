#include "judges/agent_valuebench_trajectory.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "harness/base/python_json.h"
#include "harness/record/content.h"

namespace axiometer {
namespace {

// Text that we stored as JSON; shown as text should it be none.
Json StoredJson(const std::string& text) {
  std::optional<Json> value = ParsePythonJson(text);
  return value ? *std::move(value) : Json(text);
}

// The message as received, without its calls and with a role; made up from the text where the
// endpoint's own form is not known.
Json RecordedMessage(const Message& message) {
  std::optional<Json> raw = ParsePythonJson(message.raw);
  if (!raw || !raw->is_object()) return {{"role", "assistant"}, {"content", message.text}};
  raw->erase("tool_calls");
  const auto role = raw->find("role");
  if (role == raw->end() || PythonStrip(PythonStrOrEmpty(*role)).empty()) {
    (*raw)["role"] = "assistant";
  }
  return *std::move(raw);
}

// One assistant turn, or a call that failed.
struct Turn {
  Json foreign;  // the whole turn where it came in another form; else null, and the rest holds it
  Json message;  // null: the call failed
  Json calls = Json::array();
  Json responses = Json::array();
  std::string error;
};

std::vector<Turn> Turns(const Trajectory& trajectory) {
  std::vector<Turn> turns;
  for (const Event& event : trajectory.events) {
    switch (event.kind) {
      case EventKind::kMessage:
        break;
      case EventKind::kReply: {
        Turn& turn = turns.emplace_back();
        turn.message = RecordedMessage(event.message);
        if (const auto foreign = turn.message.find(kForeignTurn); foreign != turn.message.end()) {
          turn.foreign = *foreign;
        }
        break;
      }
      case EventKind::kTool: {
        if (turns.empty() || !turns.back().foreign.is_null()) break;
        const ToolExchange& tool = event.tool;
        turns.back().calls.push_back(
            {{"id", tool.call_id}, {"name", tool.name}, {"arguments", StoredJson(tool.arguments)}});
        turns.back().responses.push_back({{"tool_call_id", tool.call_id},
                                          {"name", tool.name},
                                          {"content", StoredJson(tool.result)}});
        break;
      }
      case EventKind::kFailure:
        turns.emplace_back().error = event.failure;
        break;
    }
  }
  const bool unusable =
      trajectory.outcome == Outcome::kEmptyReply || trajectory.outcome == Outcome::kUnusableReply;
  if (unusable && !turns.empty()) {
    turns.back().error = trajectory.detail;
  }
  return turns;
}

// The content, else the reasoning, else the reasoning details' texts, a line each.
std::string RecordedOutput(const Json& message) {
  if (!message.is_object()) return "";
  for (const char* key : {"content", "reasoning"}) {
    if (std::string text = ContentText(message.value(key, Json())); !text.empty()) return text;
  }
  Json details = message.value("reasoning_details", Json());
  if (details.is_object()) details = Json::array({details});
  std::string text;
  if (!details.is_array()) return text;
  for (const Json& detail : details) {
    if (!detail.is_object()) continue;
    std::string part = ContentText(detail.value("text", Json()));
    if (part.empty()) part = ContentText(detail.value("summary", Json()));
    if (part.empty()) continue;
    if (!text.empty()) text += '\n';
    text += part;
  }
  return text;
}

const char* StatusName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFinished:
      return "finished";
    case Outcome::kStepLimit:
    case Outcome::kTokenLimit:
    case Outcome::kTimeLimit:
    case Outcome::kCostLimit:
      return "max_steps";
    default:
      return "error";
  }
}

// trajectory_text: for people; no judge reads it.
std::string PlainText(const std::vector<Turn>& turns, const std::string& final_answer,
                      const std::string& status) {
  std::string text;
  int number = 0;
  for (const Turn& turn : turns) {
    text += "Step " + std::to_string(++number) + ":\n";
    const std::string output(PythonStrip(RecordedOutput(turn.message)));
    if (!output.empty()) text += "assistant_output: " + output + "\n";
    for (const Json& call : turn.calls) {
      text += "tool_call: name=" + call["name"].get<std::string>() +
              " | arguments=" + DumpJsonAsPython(call["arguments"]) + "\n";
    }
    for (const Json& response : turn.responses) {
      text += "tool_response: name=" + response["name"].get<std::string>() +
              " | result=" + DumpJsonAsPython(response["content"]) + "\n";
    }
    if (!turn.error.empty()) text += "Error: " + turn.error + "\n";
    text += "\n";
  }
  if (!final_answer.empty()) text += "final_answer: " + final_answer + "\n";
  text += "status: " + status;
  return std::string(PythonStrip(text));
}

// trajectory_text_raw: outputs, calls and results with tags around, a line each.
std::string TaggedText(const std::vector<Turn>& turns) {
  std::string text;
  const auto add = [&](const std::string& chunk) {
    if (chunk.empty()) return;
    if (!text.empty()) text += '\n';
    text += chunk;
  };
  for (const Turn& turn : turns) {
    if (turn.error.empty()) add(RecordedOutput(turn.message));
    for (size_t i = 0; i < turn.calls.size(); ++i) {
      const Json call = {{"name", turn.calls[i]["name"]},
                         {"arguments", turn.calls[i]["arguments"]}};
      add("<tool_call>" + DumpJsonAsPython(call) + "</tool_call>");
      add("<tool_response>" + DumpJsonAsPython(turn.responses[i]["content"]) + "</tool_response>");
    }
  }
  return text;
}

// The tools as the data set describes them: the functions alone.
Json ToolSchema(const Task& task) {
  Json schema = Json::array();
  const std::optional<Json> tools = ParsePythonJson(task.tools);
  if (!tools || !tools->is_array()) return schema;
  for (const Json& tool : *tools) {
    if (tool.is_object() && tool.contains("function")) schema.push_back(tool["function"]);
  }
  return schema;
}

Json WithoutReasoningDetails(Json message) {
  if (message.is_object()) message.erase("reasoning_details");
  return message;
}

// `number` counts from 1.
std::string ForeignTurnText(const Json& turn, int number) {
  Json id = turn.value("step", Json());
  if (id.is_null()) id = turn.value("step_id", Json());
  if (id.is_null()) id = "s" + std::to_string(number);
  std::string text = "STEP_ID: " + PythonStr(id) + "\n";
  if (const auto message = turn.find("assistant_message"); message != turn.end()) {
    text += "ASSISTANT_MESSAGE: " + DumpJsonAsPython(WithoutReasoningDetails(*message)) + "\n";
  } else {
    text +=
        "ASSISTANT_OUTPUT: " + DumpJsonAsPython(turn.value("assistant_output", Json(""))) + "\n";
  }
  const Json calls = turn.value("tool_calls", Json());
  const Json responses = turn.value("tool_responses", Json());
  if (calls.is_array() && !calls.empty()) {
    text += "TOOL_CALLS: " + DumpJsonAsPython(calls) + "\n";
    text +=
        "TOOL_RESPONSES: " + DumpJsonAsPython(responses.is_array() ? responses : Json::array()) +
        "\n";
  } else if (!turn.contains("tool_calls") && !turn.contains("tool_responses")) {
    text += "TOOL_CALL: " + DumpJsonAsPython(turn.value("tool_call", Json())) + "\n";
    text += "TOOL_RESPONSE: " + DumpJsonAsPython(turn.value("tool_response", Json())) + "\n";
  }
  return text + "---";
}

// What stands in the released trajectory files for a turn.
Json StepOf(const Turn& turn, size_t number) {
  if (!turn.foreign.is_null()) return turn.foreign;
  Json step = {{"step", number},
               {"assistant_message", turn.message},
               {"tool_calls", turn.calls},
               {"tool_responses", turn.responses}};
  if (!turn.error.empty()) step["error"] = turn.error;
  return step;
}

}  // namespace

std::string AgentValueBenchTrajectoryText(const Trajectory& trajectory) {
  std::string text;
  int number = 0;
  for (const Turn& turn : Turns(trajectory)) {
    if (!text.empty()) text += '\n';
    if (!turn.foreign.is_null()) {
      text += ForeignTurnText(turn.foreign, ++number);
      continue;
    }
    text += "STEP_ID: " + std::to_string(++number) + "\n";
    text += "ASSISTANT_MESSAGE: " + DumpJsonAsPython(WithoutReasoningDetails(turn.message)) + "\n";
    if (!turn.calls.empty()) {
      text += "TOOL_CALLS: " + DumpJsonAsPython(turn.calls) + "\n";
      text += "TOOL_RESPONSES: " + DumpJsonAsPython(turn.responses) + "\n";
    }
    text += "---";
  }
  return text;
}

std::string AgentValueBenchTrajectoryJson(const Task& task, const Trajectory& trajectory,
                                          const AgentValueBenchRun& run) {
  const std::vector<Turn> turns = Turns(trajectory);
  const std::string status = StatusName(trajectory.outcome);
  const std::string final_answer =
      trajectory.outcome == Outcome::kFinished ? trajectory.final_text : "";
  Json steps = Json::array();
  bool foreign = false;
  for (const Turn& turn : turns) {
    foreign = foreign || !turn.foreign.is_null();
    steps.push_back(StepOf(turn, steps.size() + 1));
  }
  if (foreign) {
    const Json file = {{"case_name", task.rubric_name},
                       {"status", status == "finished" ? "completed" : status},
                       {"final_answer", final_answer},
                       {"steps", std::move(steps)}};
    return DumpJsonAsPython(file, 2);
  }
  Json file = {{"case_name", task.rubric_name},
               {"environment", task.environment},
               {"task_description", run.task_description},
               {"function_list", task.tool_names},
               {"tool_schema", ToolSchema(task)},
               {"tool_mode", "openai_function_call"},
               {"tool_choice", run.tool_choice},
               {"status", status},
               {"final_answer", final_answer},
               {"trajectory_text", PlainText(turns, final_answer, status)},
               {"trajectory_text_raw", TaggedText(turns)},
               {"steps", std::move(steps)}};
  if (run.parallel_tool_calls) file["parallel_tool_calls"] = *run.parallel_tool_calls;
  return DumpJsonAsPython(file, 2);
}

}  // namespace axiometer
