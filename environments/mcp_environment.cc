#include "environments/mcp_environment.h"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "environments/complaints.h"
#include "environments/member.h"
#include "environments/python_worker.h"
#include "harness/base/json.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

using Status = CallResult::Status;

constexpr int64_t kSandboxMs = 30'000;  // until the program's process is there
constexpr int64_t kEndMs = 1'000;  // for what is told of an end

std::string HowServerEnded(const Json& ended, const EnvironmentLimits& limits) {
  const int64_t signal = IntegerMember(ended, "signal");
  if (signal == SIGXCPU || signal == SIGKILL) {
    return "it was killed, as after " + std::to_string(limits.cpu_seconds) + " s of processor time";
  }
  if (signal != 0) {
    return "it ended by signal " + std::to_string(signal) + ", as with more than " +
           std::to_string(limits.memory_bytes >> 20) +
           " MiB of data or a call that the sandbox ends";
  }
  return "it ended with status " + std::to_string(IntegerMember(ended, "status"));
}

}  // namespace

McpEnvironment::McpEnvironment(const EnvironmentLimits& limits, McpDescription description,
                               Child child, LineChannel control, McpClient client,
                               std::function<void()> gone)
    : limits_(limits),
      description_(std::move(description)),
      child_(std::make_unique<Child>(std::move(child))),
      control_(std::move(control)),
      client_(std::move(client)),
      gone_(std::move(gone)) {}

McpEnvironment::~McpEnvironment() {
  child_.reset();
  if (gone_) std::exchange(gone_, nullptr)();
}

Async<Result<std::unique_ptr<McpEnvironment>>> McpEnvironment::Start(Loop& loop, Sandbox sandbox,
                                                                     McpDescription description,
                                                                     std::string files,
                                                                     std::function<void()> gone) {
  EnvironmentLimits& limits = sandbox.limits;
  limits.start_ms = description.start_ms.value_or(limits.start_ms);
  limits.call_ms = std::min(limits.call_ms, description.call_ms.value_or(limits.call_ms));
  sandbox.directories = description.readable;
  ConfinedProgram program;
  program.directory = kServerFiles;
  program.command = description.command;
  program.variables = {{"HOME", kServerFiles},
                       {"PATH", "/usr/local/bin:/usr/bin"},
                       {"LANG", "C.UTF-8"},
                       {"TZ", "UTC"}};
  for (const auto& [name, text] : description.variables) program.variables[name] = text;

  Result<ChildSpec> command = ProgramCommand(sandbox, program);
  auto input = MakePipe();
  auto output = MakePipe();
  auto control = MakeSocketPair();
  std::optional<Error> failed;
  if (!command) failed = command.error();
  for (const auto* pair : {&input, &output, &control}) {
    if (!*pair) failed = pair->error();
  }
  std::optional<Child> child;
  if (!failed) {
    // What the sandbox complains of comes where its first word is waited for.
    const int theirs = control->second.get();
    command->descriptors = {
        {0, input->first.get()}, {1, output->second.get()}, {2, theirs}, {3, theirs}};
    auto started = Child::Start(loop, *command);
    if (started) {
      child.emplace(std::move(*started));
    } else {
      failed = started.error();
    }
  }
  if (failed) {
    gone();
    co_return std::move(*failed);
  }
  for (Descriptor* theirs : {&input->first, &output->second, &control->second}) {
    *theirs = Descriptor();
  }
  const size_t line_bytes = 2 * limits.reply_bytes + 4096;
  McpClient client(LineChannel(loop, std::move(input->second), 1 << 16),
                   LineChannel(loop, std::move(output->first), line_bytes), limits.reply_bytes);
  std::unique_ptr<McpEnvironment> server(
      new McpEnvironment(limits, std::move(description), std::move(*child),
                         LineChannel(loop, std::move(control->first), line_bytes),
                         std::move(client), std::move(gone)));
  Result<void> greeted = co_await server->Greet(files);
  if (!greeted) co_return greeted.error();
  co_return server;
}

// From the sandbox's first word to the list of tools.
Async<Result<void>> McpEnvironment::Greet(const std::string& files) {
  const std::string first = "{\"files\":" + files + "}";
  const bool written = co_await control_.Write(first, kSandboxMs);
  const Line line = co_await control_.Read(written ? kSandboxMs : 0);
  if (line.status == LineStatus::kCancelled) co_return Failed("", "cancelled");
  if (line.status != LineStatus::kLine) co_return Failed("", "the sandbox did not come up");
  const auto ready = ParseJson(line.text, "sandbox");
  if (!ready || !ready->is_object()) {
    const std::string more = co_await Complaints(control_);
    co_return Failed("", "the sandbox did not come up: " + line.text + "; " + more);
  }
  if (!ready->contains("started")) {
    const std::string why = TextMember(*ready, "refused", "no reason given");
    co_return Failed("", why,
                     why.find("No space left") == std::string::npos
                         ? ""
                         : "its files are 256 and 16 MiB at most");
  }
  Result<void> agreed = co_await client_.Initialize(limits_.start_ms);
  if (agreed) {
    auto listed = co_await client_.ListTools(limits_.start_ms);
    agreed = listed ? Choose(std::move(*listed)) : Result<void>(listed.error());
  }
  if (!agreed) {
    Error error = agreed.error();
    const bool died = error.what == "it ended";
    error.what = co_await Ended(std::move(error.what), died);
    co_return error;
  }
  co_return Result<void>();
}

// Keeps those that are offered, if all of them can be.
Result<void> McpEnvironment::Choose(std::vector<McpTool> listed) {
  std::vector<std::string> names;
  for (const McpTool& tool : listed) names.push_back(tool.tool.name);
  for (const std::string& name : description_.offered) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return BadInput("mcp.offered", "the server has no tool " + Quoted(name),
                    DidYouMean(name, names));
  }
  if (!description_.snapshot.empty()) {
    const std::string& name = description_.snapshot;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return BadInput("mcp.snapshot", "the server has no tool " + Quoted(name),
                      DidYouMean(name, names));
    }
  }
  for (McpTool& tool : listed) {
    const std::vector<std::string>& offered = description_.offered;
    const bool wanted = offered.empty() ||
                        std::find(offered.begin(), offered.end(), tool.tool.name) != offered.end();
    const std::string where = "tool " + Quoted(tool.tool.name, 80);
    if (wanted && !IsFunctionName(tool.tool.name)) {
      return BadInput(
          where,
          "endpoints take letters, digits, \"_\" and \"-\" in the name of a function, at most 64",
          "leave it out: name the others in mcp.offered");
    }
    const auto schema = ParseJson(tool.tool.parameters, "");
    const auto problem = SchemaProblem(*schema);
    if (wanted && problem) {
      return BadInput(where, "its inputSchema: " + *problem,
                      "mend the server, or name the other tools in mcp.offered");
    }
    const auto output = ParseJson(tool.output_schema, "");  // nothing, where there is none
    const auto lie = output ? SchemaProblem(*output) : std::nullopt;
    if (wanted && lie) {
      return BadInput(where, "its outputSchema: " + *lie,
                      "mend the server, or name the other tools in mcp.offered");
    }
    tools_.push_back(std::move(tool));
  }
  return {};
}

std::vector<CatalogTool> McpEnvironment::tools() const {
  const std::vector<std::string>& offered = description_.offered;
  std::vector<CatalogTool> tools;
  for (const McpTool& tool : tools_) {
    const bool wanted = offered.empty() ||
                        std::find(offered.begin(), offered.end(), tool.tool.name) != offered.end();
    if (wanted) tools.push_back(tool.tool);
  }
  return tools;
}

// `what`, with how the process ended if it did and the last of what it wrote to standard error.
Async<std::string> McpEnvironment::Ended(std::string what, bool died) {
  Line line;
  if (died) line = co_await control_.Read(kEndMs);
  if (line.status != LineStatus::kLine) {
    const bool asked = co_await control_.Write("{\"complaints\":true}", kEndMs);
    if (asked) line = co_await control_.Read(kEndMs);
  }
  const auto told = ParseJson(line.text, "");
  if (!told || !told->is_object()) co_return what;
  if (told->contains("ended") && (*told)["ended"].is_object())
    what = HowServerEnded((*told)["ended"], limits_);
  const std::string said = told->value("complaints", "");
  if (!said.empty()) what += "; its last words: " + Quoted(said, 500);
  co_return what;
}

// After anything but an answer the server is told of and gone.
Async<CallResult> McpEnvironment::End(CallResult result) {
  if (result.status != Status::kCancelled) {
    const bool died = result.status == Status::kDied;
    const std::string what = co_await Ended(std::move(result.error), died);
    result.error = "the server: " + what;
  }
  child_.reset();
  if (gone_) std::exchange(gone_, nullptr)();
  co_return result;
}

Async<CallResult> McpEnvironment::Call(const std::string& tool, const std::string& arguments) {
  if (!child_) co_return CallResult::Failure(Status::kDied, "the server is gone");
  McpTool unknown;  // the server says that there is none
  unknown.tool.name = tool;
  const auto known = std::find_if(tools_.begin(), tools_.end(),
                                  [&](const McpTool& one) { return one.tool.name == tool; });
  CallResult result = co_await client_.CallTool(known == tools_.end() ? unknown : *known, arguments,
                                                limits_.call_ms);
  if (result.status == Status::kAnswered && NestingDepth(result.content) > kDeepestAnswer) {
    result = CallResult::Failure(
        Status::kProtocol,
        "an answer nested deeper than " + std::to_string(kDeepestAnswer) + " levels; killed");
  }
  if (result.status == Status::kAnswered) co_return result;
  CallResult ended = co_await End(std::move(result));
  co_return ended;
}

Async<CallResult> McpEnvironment::State() {
  if (!child_) co_return CallResult::Failure(Status::kDied, "the server is gone");
  CallResult snapshot;
  if (!description_.snapshot.empty()) {
    const std::string nothing = "{}";
    snapshot = co_await Call(description_.snapshot, nothing);
    if (snapshot.status != Status::kAnswered) co_return snapshot;
  }
  const bool asked = co_await control_.Write("{\"state\":true}", limits_.call_ms);
  const Line line = co_await control_.Read(asked ? limits_.call_ms : 0);
  const auto told = line.status == LineStatus::kLine ? ParseJson(line.text, "")
                                                     : Result<Json>(Failed("", "no answer"));
  CallResult state;
  if (told && told->is_object() && told->contains("result")) {
    state.status = Status::kAnswered;
    state.content = "{\"files\": " + told->value("result", "{}");
    if (!snapshot.content.empty()) state.content += ", \"snapshot\": " + snapshot.content;
    state.content += "}";
    co_return state;
  }
  if (line.status == LineStatus::kCancelled) {
    state = CallResult::Failure(Status::kCancelled, "cancelled");
  } else if (told && told->is_object() && told->contains("unusable")) {
    state = CallResult::Failure(Status::kProtocol, told->value("unusable", ""));
  } else if (told && told->is_object() && told->contains("ended")) {
    state = CallResult::Failure(Status::kDied, HowServerEnded((*told)["ended"], limits_));
  } else {
    state =
        CallResult::Failure(line.status == LineStatus::kTimeout ? Status::kTimeout : Status::kDied,
                            "it does not say its files");
  }
  child_.reset();
  if (gone_) std::exchange(gone_, nullptr)();
  co_return state;
}

}  // namespace axiometer
