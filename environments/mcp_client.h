#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "environments/environment.h"
#include "environments/tool.h"
#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/io/line_channel.h"
#include "harness/io/task.h"

namespace axiometer {

// Versions of the protocol that we speak, newest first:
// https://modelcontextprotocol.io/specification
inline constexpr const char* kMcpVersions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                               "2024-11-05"};

struct McpTool {
  CatalogTool tool;
  std::string output_schema;  // one JSON object; empty: none
};

// What a server says of itself.
struct McpServerFacts {
  std::string name;
  std::string version;
  std::string protocol;  // the version agreed on
};

// The client's side of the Model Context Protocol over stdio: a message a line. It has no
// capabilities: a server that asks for roots, sampling or elicitation gets "method not found", one
// that pings an answer. Of notifications and requests at most 1000, of 8 MiB, are read for an
// answer. After an error or anything but kAnswered the server is only good to be killed. One
// question at a time.
class McpClient {
 public:
  // To and from the server; the lines of `from` are bounded by the channel, answers by
  // `reply_bytes`.
  McpClient(LineChannel to, LineChannel from, size_t reply_bytes);
  McpClient(McpClient&&) noexcept;
  ~McpClient();

  // The handshake: we offer our newest version and take any that we speak.
  Async<Result<void>> Initialize(int64_t deadline_ms);
  const McpServerFacts& facts() const { return facts_; }

  // Every page of the tools, at most 100 pages, 1000 tools and 8 MiB; a cursor that comes again and
  // a name that is there twice are errors. Schemas are as the server gave them.
  Async<Result<std::vector<McpTool>>> ListTools(int64_t deadline_ms);

  // `arguments` is a JSON object. kAnswered: `content` is the result as one JSON text: the
  // structured content, else the text; {"error": text} if the tool failed or the server refused.
  // Images, sound and resources are named in brackets. At the deadline the server is told that it
  // is cancelled.
  Async<CallResult> CallTool(const McpTool& tool, const std::string& arguments,
                             int64_t deadline_ms);

 private:
  struct Answer;
  Async<Answer> Ask(std::string method, Json params, int64_t deadline_ms);
  Async<bool> Send(Json message, int64_t deadline_ms);
  std::string NextMessages(const std::string& line);

  LineChannel to_;
  LineChannel from_;
  const size_t reply_bytes_;
  McpServerFacts facts_;
  std::unique_ptr<std::deque<Json>> waiting_;  // messages of a batch that are not looked at yet
  int asked_ = 0;
};

// The result of tools/call as CallTool gives it, and how it contradicts the tool's output schema.
struct McpResult {
  std::string content;
  std::string problem;  // empty: none
};
McpResult ReadMcpResult(const McpTool& tool, const Json& result);

}  // namespace axiometer
