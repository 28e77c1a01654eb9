#include <nlohmann/json.hpp>

#include "environments/mcp_client.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

std::string Member(const Json& object, const char* key) {
  const auto member = object.find(key);
  return member == object.end() || !member->is_string() ? "" : member->get<std::string>();
}

std::string InBrackets(const std::string& kind, const Json& of, const char* data) {
  std::string text = "[" + kind;
  for (const char* key : {"name", "uri", "mimeType"}) {
    const std::string part = Member(of, key);
    if (!part.empty()) text += ", " + part;
  }
  // Base64 has four characters for three bytes.
  const size_t size = data ? Member(of, data).size() / 4 * 3 : 0;
  if (size > 0) text += ", " + std::to_string(size) + " bytes";
  return text + "]";
}

std::string TextOf(const Json& block) {
  const std::string type = Member(block, "type");
  if (type == "text") return Member(block, "text");
  if (type == "resource" && block.contains("resource") && block["resource"].is_object()) {
    const Json& resource = block["resource"];
    return resource.contains("text") ? Member(resource, "text")
                                     : InBrackets("resource", resource, "blob");
  }
  if (type == "resource_link") return InBrackets("resource", block, nullptr);
  return InBrackets(type.empty() ? "content without a type" : type, block, "data");
}

}  // namespace

McpResult ReadMcpResult(const McpTool& tool, const Json& result) {
  McpResult read;
  std::string text;
  const Json content = result.value("content", Json::array());
  if (!content.is_array()) {
    read.problem = "\"content\" is no list";
    return read;
  }
  for (const Json& block : content) {
    if (!block.is_object()) {
      read.problem = "\"content\" holds something that is no object";
      return read;
    }
    if (!text.empty()) text += "\n\n";
    text += TextOf(block);
  }
  const auto failed = result.find("isError");
  if (failed != result.end() && failed->is_boolean() && failed->get<bool>()) {
    read.content = DumpJsonAsPython(Json{{"error", text.empty() ? "the tool failed" : text}});
    return read;
  }
  const auto structured = result.find("structuredContent");
  if (structured == result.end() || structured->is_null()) {
    if (!tool.output_schema.empty())
      read.problem = "it declares an output schema and gave no structured content";
    read.content = DumpJsonAsPython(Json(text));
    return read;
  }
  if (!structured->is_object()) {
    read.problem = "\"structuredContent\" is no object";
  } else if (const auto schema = ParseJson(tool.output_schema, ""); schema) {
    const auto problem = ValueProblem(*schema, *structured);
    if (problem)
      read.problem = "its structured content is not what its output schema says: " + *problem;
  }
  read.content = DumpJsonAsPython(*structured);
  return read;
}

}  // namespace axiometer
