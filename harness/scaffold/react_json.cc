#include "harness/scaffold/react_json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/python_json.h"

namespace axiometer {

std::string ReactJson::Convention() const {
  return "How you act: each of your messages is one JSON object and nothing else.\n"
         "- To use a tool: {\"tool\": NAME, \"arguments\": {...}}. One tool a message; its result "
         "is the next message.\n"
         "- When you are done: {\"final\": TEXT}, with your closing message as TEXT.\n"
         "The tools, one a line, each with the JSON Schema of its arguments:\n";
}

RequestFrame ReactJson::Frame(const Task& task) const {
  Json steps = Json::array();
  const Result<Json> tools = ParseJson(task.tools.empty() ? "[]" : task.tools, "tools");
  if (tools) {
    for (const Json& tool : *tools) {
      const Json& function = Member(tool, "function");
      const Json& parameters = Member(function, "parameters");
      steps.push_back(
          {{"type", "object"},
           {"properties",
            {{"tool", {{"const", Member(function, "name")}}},
             {"arguments", parameters.is_object() ? parameters : Json{{"type", "object"}}}}},
           {"required", {"tool", "arguments"}},
           {"additionalProperties", false}});
    }
  }
  steps.push_back({{"type", "object"},
                   {"properties", {{"final", {{"type", "string"}}}}},
                   {"required", Json::array({"final"})},
                   {"additionalProperties", false}});
  RequestFrame frame;
  frame.response_format = DumpJson(
      Json{{"type", "json_schema"},
           {"json_schema", {{"name", "step"}, {"schema", {{"anyOf", std::move(steps)}}}}}});
  return frame;
}

WrittenStep ReactJson::Read(const std::string& text) const {
  WrittenStep step;
  std::optional<Json> json = ParsePythonJson(text);
  if (!json) json = ParsePythonJson(EmbeddedJson(text));
  if (!json || !json->is_object()) {
    step.problem = "it is no JSON object";
    return step;
  }
  const bool calls = json->contains("tool");
  const bool ends = json->contains("final");
  if (calls == ends) {
    step.problem =
        calls ? "it has both \"tool\" and \"final\"" : "it has neither \"tool\" nor \"final\"";
  } else if (calls && !json->at("tool").is_string()) {
    step.problem = "\"tool\" is no text";
  } else if (calls) {
    return Call(json->at("tool").get_ref<const std::string&>(), Member(*json, "arguments"));
  } else if (!json->at("final").is_string()) {
    step.problem = "\"final\" is no text";
  } else {
    step.closing = json->at("final").get<std::string>();
  }
  return step;
}

std::string ReactJson::ResultText(const ToolExchange& tool) const {
  const std::optional<Json> result = ParsePythonJson(tool.result);
  if (tool.name.empty() && result) return DumpJson(Json{{"error", Member(*result, "error")}});
  return DumpJson(Json{{"tool", tool.name}, {"result", result ? *result : Json(tool.result)}});
}

}  // namespace axiometer
