#include "environments/python_host.h"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "environments/catalog.h"
#include "environments/confined_script.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

Json Request(const EnvironmentLimits& limits, const char* flavour) {
  Json request;
  request["flavour"] = flavour;
  request["limits"]["memory_bytes"] = limits.memory_bytes;
  request["limits"]["cpu_seconds"] = limits.cpu_seconds;
  return request;
}

// What the zygote has to know; the state goes to the instance directly.
std::string Request(const EnvironmentLimits& limits, const EnvironmentSpec& spec) {
  const bool catalog = spec.flavour == EnvironmentSpec::Flavour::kCatalog;
  Json request = Request(limits, catalog ? "catalog" : "agent_valuebench");
  request["directory"] = spec.directory;
  request["name"] = spec.name;
  if (catalog) {
    request["readable"] = {spec.directory};
  } else {
    for (const std::string& file :
         {spec.name + ".json", spec.name + ".py", std::string("BaseEnv.py")}) {
      request["readable"].push_back(spec.directory + "/" + file);
    }
  }
  return DumpJson(request);
}

// A name becomes part of a path and of a module's name.
bool IsPlainName(const std::string& name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_-") == std::string::npos;
}

Error DidNotStart(const EnvironmentSpec& spec, const CallResult& result) {
  std::string hint;
  if (result.error.find("No module named 'dateutil'") != std::string::npos) {
    hint = "install python3-dateutil";
  }
  return Failed("environment \"" + spec.name + "\"", "did not start: " + result.error,
                std::move(hint));
}

}  // namespace

PythonHost::PythonHost(Loop& loop, Sandbox sandbox, int max_instances)
    : loop_(loop), sandbox_(std::move(sandbox)), gate_(loop, max_instances), starting_(loop, 1) {}

PythonHost::~PythonHost() {
  zygote_.reset();
  if (!sandbox_.empty_directory.empty()) {
    std::error_code ignored;
    fs::remove(sandbox_.empty_directory, ignored);
  }
}

Async<Result<void>> PythonHost::NeedZygote() {
  const bool mine = co_await starting_.Acquire(0);
  if (!mine) co_return Failed("sandbox", "cancelled");
  Result<void> done;
  if (!zygote_ || !zygote_->alive()) {
    zygote_.reset();
    auto zygote = co_await Zygote::Start(loop_, sandbox_);
    if (zygote) {
      zygote_ = std::move(*zygote);
    } else {
      done = zygote.error();
    }
  }
  starting_.Release();
  co_return done;
}

// A zygote that turns out to be dead is replaced once.
Async<Result<Instance>> PythonHost::Fork(const std::string& request) {
  for (int attempt = 1;; ++attempt) {
    const auto ready = co_await NeedZygote();
    if (!ready) co_return ready.error();
    const std::shared_ptr<Zygote> used = zygote_;
    auto instance = co_await used->Fork(request, sandbox_.limits.start_ms);
    if (instance || used->alive() || attempt == 2) co_return instance;
  }
}

Async<Result<std::unique_ptr<Environment>>> PythonHost::Start(const EnvironmentSpec& spec) {
  if (!IsPlainName(spec.name))
    co_return BadInput("environment \"" + spec.name + "\"", "not a plain name");
  if (spec.flavour == EnvironmentSpec::Flavour::kMcp) {
    auto server = co_await StartServer(spec);
    if (!server) co_return server.error();
    std::unique_ptr<Environment> environment = std::move(*server);
    co_return environment;
  }
  for (int attempt = 1;; ++attempt) {
    const bool admitted = co_await gate_.Acquire(0);
    if (!admitted)
      co_return Failed("environment \"" + spec.name + "\"", "cancelled");
    auto instance = co_await Fork(Request(sandbox_.limits, spec));
    if (!instance) {
      gate_.Release();
      Error error = instance.error();
      if (error.where == "environment") error.where += " \"" + spec.name + "\"";
      co_return error;
    }
    auto worker = std::make_unique<PythonWorker>(std::move(*instance), sandbox_.limits,
                                                 [this] { gate_.Release(); });
    Json first;
    first["state"] = spec.state;
    const CallResult ready = co_await worker->Begin(DumpJson(first), sandbox_.limits.start_ms);
    if (ready.status == CallResult::Status::kLost && attempt < 2) continue;  // another sandbox may do
    if (ready.status != CallResult::Status::kAnswered) co_return DidNotStart(spec, ready);
    std::unique_ptr<Environment> environment = std::move(worker);
    co_return environment;
  }
}

// One question to an instance of its own.
Async<Result<std::string>> PythonHost::RunOnce(std::string request, std::string first,
                                               int64_t deadline_ms, std::string where) {
  const bool admitted = co_await gate_.Acquire(0);
  if (!admitted) co_return Failed(std::move(where), "cancelled");
  auto instance = co_await Fork(request);
  if (!instance) {
    gate_.Release();
    co_return instance.error();
  }
  PythonWorker worker(std::move(*instance), sandbox_.limits, [this] { gate_.Release(); });
  const CallResult result = co_await worker.Begin(std::move(first), deadline_ms);
  if (result.status != CallResult::Status::kAnswered) {
    co_return Failed(std::move(where), result.error);
  }
  co_return result.content;
}

Async<Result<std::string>> PythonHost::RunScript(std::string script, std::string input,
                                                 int64_t deadline_ms) {
  Json request = Request(sandbox_.limits, "script");
  request["readable"] = sandbox_.directories;
  Json first;
  first["script"] = std::move(script);
  first["input"] = std::move(input);
  auto output = co_await RunOnce(DumpJson(request), DumpJson(first), deadline_ms, kConfinedScript);
  co_return output;
}

Async<Result<std::unique_ptr<McpEnvironment>>> PythonHost::StartServer(
    const EnvironmentSpec& spec) {
  const std::string where = "environment \"" + spec.name + "\"";
  if (sandbox_.kind != SandboxKind::kBubblewrap) {
    co_return Failed(where,
                     "an MCP server runs in bubblewrap or not at all: landlock alone bounds "
                     "neither its files nor its processes",
                     "`axiometer doctor` says what to enable");
  }
  auto described = ReadCatalogEnvironment(spec.directory);
  if (!described) co_return described.error();
  if (!described->mcp)
    co_return BadInput(spec.directory + "/environment.yaml", "no section \"mcp\" any more");
  const auto state = ParseJson(spec.state, where);
  if (!state) co_return state.error();
  const Json files = state->value("files", Json::object());
  for (const auto& [path, text] : files.items()) {
    if (!text.is_string())
      co_return BadInput(where, "state.files: " + Quoted(path) + " is no text");
  }
  if (state->contains("snapshot") && !(*state)["snapshot"].is_null()) {
    co_return BadInput(where, "state.snapshot is what the server answers", "give it files");
  }
  const bool admitted = co_await gate_.Acquire(0);
  if (!admitted) co_return Failed(where, "cancelled");
  auto started = co_await McpEnvironment::Start(loop_, sandbox_, *described->mcp, DumpJson(files),
                                                [this] { gate_.Release(); });
  if (!started) {
    Error error = started.error();
    error.where = where + (error.where.empty() ? "" : ": " + error.where);
    if (error.kind == ErrorKind::kFailed) {
      error.what = "did not start: " + error.what;
      if (error.hint.empty() && started.error().where == "initialize")
        error.hint = "start its command by hand: it has to answer on standard output, without a network";
    }
    co_return error;
  }
  if (!spec.digest.empty() && DigestWithTools(described->digest, (*started)->tools()) != spec.digest) {
    co_return Failed(where, "its files, or the tools that the server lists, are others than when the suite was opened",
                     "pin its version, and give it nothing that changes");
  }
  co_return started;
}

Async<Result<std::vector<CatalogTool>>> PythonHost::ListTools(const EnvironmentSpec& spec,
                                                              std::vector<Error>& problems) {
  if (spec.flavour == EnvironmentSpec::Flavour::kMcp) {
    auto server = co_await StartServer(spec);
    if (!server) co_return server.error();
    co_return (*server)->tools();
  }
  const std::string file = spec.directory + "/environment.py";
  const std::string describe = "{\"describe\":true}";
  const auto text =
      co_await RunOnce(Request(sandbox_.limits, spec), describe, sandbox_.limits.start_ms, file);
  if (!text) co_return text.error();
  const auto told = ParseJson(*text, file);
  if (!told || !told->is_object()) co_return Failed(file, "its tools cannot be read");
  std::vector<CatalogTool> tools;
  for (const Json& one : told->value("tools", Json::array())) {
    CatalogTool tool;
    tool.name = one.value("name", "");
    tool.description = one.value("description", "");
    tool.parameters = DumpJson(one.value("parameters", Json::object()));
    tools.push_back(std::move(tool));
  }
  for (const Json& one : told->value("problems", Json::array())) {
    problems.push_back(BadInput(file + ":" + std::to_string(one.value("line", 1)),
                                one.value("what", ""), one.value("mend", "")));
  }
  co_return tools;
}

}  // namespace axiometer
