#include "environments/mcp_client.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "environments/member.h"
#include "environments/sandbox.h"
#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

using Status = CallResult::Status;

constexpr int kMostOtherMessages = 1000;
constexpr size_t kMostOtherBytes = 8u << 20;
constexpr int kMostPages = 100;
constexpr size_t kMostTools = 1000;
constexpr size_t kMostListBytes = 8u << 20;
constexpr int64_t kCancelMs = 100;
constexpr int kMethodNotFound = -32601;

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Json NewMessage() { return Json{{"jsonrpc", "2.0"}}; }

std::string Ms(int64_t ms) { return std::to_string(ms) + " ms"; }

}  // namespace

// What became of one question.
struct McpClient::Answer {
  Status status = Status::kDied;
  bool refused = false;  // kAnswered: by an error of the protocol, whose text is `problem`
  Json result;
  std::string problem;  // what happened, unless a result came
};

McpClient::McpClient(LineChannel to, LineChannel from, size_t reply_bytes)
    : to_(std::move(to)),
      from_(std::move(from)),
      reply_bytes_(reply_bytes),
      waiting_(std::make_unique<std::deque<Json>>()) {}
McpClient::McpClient(McpClient&&) noexcept = default;
McpClient::~McpClient() = default;

Async<bool> McpClient::Send(Json message, int64_t deadline_ms) {
  const std::string line = DumpJson(message);
  const bool sent = co_await to_.Write(line, deadline_ms);
  co_return sent;
}

// Appends the messages of a line to waiting_; what is wrong with it, or nothing.
std::string McpClient::NextMessages(const std::string& line) {
  Result<Json> read = ParseJson(line, "", kDeepestAnswer + 20);
  if (!read || !(read->is_object() || read->is_array())) {
    return "a line on standard output that is no message: " + Quoted(line, 100) +
           "; a server logs to standard error";
  }
  if (read->is_object()) {
    waiting_->push_back(std::move(*read));
    return "";
  }
  // A batch, which version 2025-03-26 knows.
  for (Json& message : *read) {
    if (!message.is_object()) return "a batch that holds something that is no message";
    waiting_->push_back(std::move(message));
  }
  return "";
}

Async<McpClient::Answer> McpClient::Ask(std::string method, Json params, int64_t deadline_ms) {
  const int64_t until = SteadyMs() + deadline_ms;
  const int id = ++asked_;
  Json question = NewMessage();
  question["id"] = id;
  question["method"] = method;
  question["params"] = std::move(params);
  Answer answer;
  const auto ends = [&answer](Status status, std::string problem) {
    answer.status = status;
    answer.problem = std::move(problem);
  };
  const bool sent = co_await Send(std::move(question), deadline_ms);
  if (!sent) {
    const bool cancelled = co_await IsCancelled();
    if (cancelled) {
      ends(Status::kCancelled, "cancelled");
      co_return answer;
    }
    if (SteadyMs() >= until) {
      ends(Status::kTimeout, "it did not read its input within " + Ms(deadline_ms) + "; killed");
      co_return answer;
    }
  }
  int others = 0;
  size_t bytes = 0;
  const auto floods = [&] {
    ends(Status::kProtocol,
         "more than " + std::to_string(kMostOtherMessages) +
             " lines, requests and notifications, or 8 MiB of them, before an answer to " + method +
             "; killed");
  };
  while (true) {
    if (waiting_->empty()) {
      const Line line = co_await from_.Read(std::max<int64_t>(0, until - SteadyMs()));
      switch (line.status) {
        case LineStatus::kLine:
          break;
        case LineStatus::kClosed:
          ends(Status::kDied, "it ended");
          co_return answer;
        case LineStatus::kTooLong:
          ends(Status::kProtocol,
               "an answer of more than " + std::to_string(reply_bytes_) + " bytes; killed");
          co_return answer;
        case LineStatus::kCancelled:
          ends(Status::kCancelled, "cancelled");
          co_return answer;
        case LineStatus::kTimeout: {
          Json cancelled = NewMessage();
          cancelled["method"] = "notifications/cancelled";
          cancelled["params"] = {{"requestId", id}, {"reason", "deadline"}};
          co_await Send(std::move(cancelled), kCancelMs);
          ends(Status::kTimeout,
               "no answer to " + method + " within " + Ms(deadline_ms) + "; killed");
          co_return answer;
        }
      }
      bytes += line.text.size();
      if (++others > kMostOtherMessages) {
        floods();
        co_return answer;
      }
      if (line.text.empty()) continue;
      std::string problem = NextMessages(line.text);
      if (!problem.empty()) {
        ends(Status::kProtocol, problem);
        co_return answer;
      }
      continue;
    }
    const Json message = std::move(waiting_->front());
    waiting_->pop_front();
    if (message.contains("method")) {
      // The line that brought it is counted; of a batch each message is.
      if (bytes > kMostOtherBytes || (!waiting_->empty() && ++others > kMostOtherMessages)) {
        floods();
        co_return answer;
      }
      if (!message.contains("id")) continue;  // a notification
      Json reply = NewMessage();
      reply["id"] = message["id"];
      if (message["method"] == "ping") {
        reply["result"] = Json::object();
      } else {
        reply["error"] = {{"code", kMethodNotFound}, {"message", "method not found"}};
      }
      co_await Send(std::move(reply), std::max<int64_t>(0, until - SteadyMs()));
      continue;
    }
    if (!message.contains("id") || message["id"] != id) {
      // An error without an id says that it could not read us.
      const Json error = message.value("error", Json::object());
      const std::string said = error.is_object() ? TextMember(error, "message") : "";
      ends(Status::kProtocol, "an answer that was not asked for" +
                                  (said.empty() ? "" : ": " + Quoted(said)) + "; killed");
      co_return answer;
    }
    if (const auto error = message.find("error"); error != message.end() && error->is_object()) {
      answer.refused = true;
      ends(Status::kAnswered, TextMember(*error, "message"));
      if (answer.problem.empty())
        answer.problem = "error " + DumpJson(error->value("code", Json()));
      co_return answer;
    }
    const auto result = message.find("result");
    if (result == message.end() || !result->is_object()) {
      ends(Status::kProtocol, "an answer to " + method + " without a result; killed");
      co_return answer;
    }
    answer.status = Status::kAnswered;
    answer.result = *result;
    co_return answer;
  }
}

Async<Result<void>> McpClient::Initialize(int64_t deadline_ms) {
  Json params;
  params["protocolVersion"] = kMcpVersions[0];
  params["capabilities"] = Json::object();
  params["clientInfo"] = {{"name", "axiometer"}, {"version", Version()}};
  const Answer answer = co_await Ask("initialize", std::move(params), deadline_ms);
  if (answer.status != Status::kAnswered || answer.refused) {
    co_return Failed("initialize", answer.problem);
  }
  facts_.protocol = TextMember(answer.result, "protocolVersion");
  const bool known = std::find(std::begin(kMcpVersions), std::end(kMcpVersions), facts_.protocol) !=
                     std::end(kMcpVersions);
  if (!known) {
    std::string ours;
    for (const char* version : kMcpVersions)
      ours += (ours.empty() ? "" : ", ") + std::string(version);
    co_return Failed("initialize",
                     "the server speaks version " + Quoted(facts_.protocol) + " of the protocol",
                     "use a release of it that speaks one of " + ours);
  }
  const Json info = answer.result.value("serverInfo", Json::object());
  if (info.is_object()) {
    facts_.name = TextMember(info, "name");
    facts_.version = TextMember(info, "version");
  }
  const Json capabilities = answer.result.value("capabilities", Json::object());
  if (!capabilities.is_object() || !capabilities.contains("tools")) {
    co_return Failed("initialize", "the server has no tools",
                     "an environment is what its tools do: use another server");
  }
  Json done = NewMessage();
  done["method"] = "notifications/initialized";
  co_await Send(std::move(done), deadline_ms);  // if it is gone, the next question says so
  co_return Result<void>();
}

Async<Result<std::vector<McpTool>>> McpClient::ListTools(int64_t deadline_ms) {
  const int64_t until = SteadyMs() + deadline_ms;
  std::vector<McpTool> tools;
  std::set<std::string> names;
  std::set<std::string> cursors;
  std::string cursor;
  size_t bytes = 0;
  for (int page = 1;; ++page) {
    Json params = Json::object();
    if (page > 1) params["cursor"] = cursor;
    const Answer answer =
        co_await Ask("tools/list", std::move(params), std::max<int64_t>(1, until - SteadyMs()));
    if (answer.status != Status::kAnswered || answer.refused)
      co_return Failed("tools/list", answer.problem);
    const auto listed = answer.result.find("tools");
    if (listed == answer.result.end() || !listed->is_array()) {
      co_return Failed("tools/list", "an answer without a list \"tools\"");
    }
    bytes += DumpJson(*listed).size();
    for (const Json& one : *listed) {
      McpTool read;
      read.tool.name = one.is_object() ? TextMember(one, "name") : "";
      if (read.tool.name.empty()) co_return Failed("tools/list", "a tool without a name");
      if (!names.insert(read.tool.name).second) {
        co_return Failed("tools/list", "a second tool " + Quoted(read.tool.name),
                         "each needs a name of its own");
      }
      read.tool.description = TextMember(one, "description");
      read.tool.parameters = DumpJson(one.value("inputSchema", Json()));
      const auto output = one.find("outputSchema");
      if (output != one.end() && !output->is_null()) read.output_schema = DumpJson(*output);
      tools.push_back(std::move(read));
    }
    if (tools.size() > kMostTools || bytes > kMostListBytes) {
      co_return Failed("tools/list", "more than " + std::to_string(kMostTools) + " tools or 8 MiB");
    }
    cursor = TextMember(answer.result, "nextCursor");
    if (cursor.empty()) break;
    if (!cursors.insert(cursor).second) {
      co_return Failed("tools/list",
                       "the cursor " + Quoted(cursor, 60) + " comes again: its pages have no end");
    }
    if (page == kMostPages)
      co_return Failed("tools/list", "more than " + std::to_string(kMostPages) + " pages");
  }
  if (tools.empty()) co_return Failed("tools/list", "the server has no tools");
  co_return tools;
}

Async<CallResult> McpClient::CallTool(const McpTool& tool, const std::string& arguments,
                                      int64_t deadline_ms) {
  const int64_t begin = SteadyMs();
  CallResult call;
  const Result<Json> parsed = ParseJson(arguments, "arguments");
  Json params;
  params["name"] = tool.tool.name;
  params["arguments"] = parsed && parsed->is_object() ? *parsed : Json::object();
  const Answer answer = co_await Ask("tools/call", std::move(params), deadline_ms);
  call.duration_us = (SteadyMs() - begin) * 1000;
  call.status = answer.status;
  call.error = answer.problem;
  if (answer.status != Status::kAnswered) co_return call;
  if (answer.refused) {
    call.content = DumpJsonAsPython(Json{{"error", answer.problem}});
    call.error.clear();
    co_return call;
  }
  McpResult read = ReadMcpResult(tool, answer.result);
  if (!read.problem.empty()) {
    call.status = Status::kProtocol;
    call.error = "tool " + Quoted(tool.tool.name) + ": " + read.problem;
  } else if (read.content.size() > reply_bytes_) {
    call.status = Status::kProtocol;
    call.error = "an answer of more than " + std::to_string(reply_bytes_) + " bytes; killed";
  } else {
    call.content = std::move(read.content);
  }
  co_return call;
}

}  // namespace axiometer
