#include "environments/host.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "environments/confined_script.h"
#include "environments/python_host.h"
#include "environments/sandbox.h"
#include "harness/base/data_dir.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr char kEnableNamespaces[] =
    "install bubblewrap and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
    "user.max_user_namespaces>0, kernel.apparmor_restrict_unprivileged_userns=0)";
constexpr char kEnableLandlock[] =
    "use a kernel of 5.13 or newer with landlock among its security modules (lsm=)";

// An empty folder that the instances may stand in where they get no file system of their own.
Result<std::string> MakeEmptyDirectory() {
  std::error_code error;
  const fs::path place = fs::temp_directory_path(error);
  std::string name = (error ? fs::path("/tmp") : place).string() + "/axiometer-XXXXXX";
  if (mkdtemp(name.data()) == nullptr || chmod(name.c_str(), 0555) != 0) {
    return Failed(name, "cannot create a temporary folder");
  }
  return name;
}

Result<Sandbox> Describe(SandboxKind kind, const HostOptions& options,
                         const std::vector<std::string>& directories) {
  Sandbox sandbox;
  sandbox.kind = kind;
  sandbox.limits = options.limits;
  auto python = FindPython(options.python);
  if (!python) return python.error();
  sandbox.python = std::move(*python);
  sandbox.scripts = options.scripts;
  if (sandbox.scripts.empty()) {
    const auto data = DataDir();
    if (!data) return data.error();
    sandbox.scripts = *data + "/environments/python";
  }
  for (const std::string& directory : directories) {
    std::error_code error;
    const fs::path resolved = fs::canonical(directory, error);
    if (error) return BadInput(directory, "no such folder");
    sandbox.directories.push_back(resolved.string());
  }
  if (kind == SandboxKind::kLandlock) {
    auto empty = MakeEmptyDirectory();
    if (!empty) return empty.error();
    sandbox.empty_directory = std::move(*empty);
  }
  return sandbox;
}

Result<std::unique_ptr<PythonHost>> MakeHost(Loop& loop, SandboxKind kind,
                                             const HostOptions& options,
                                             const std::vector<std::string>& directories) {
  auto sandbox = Describe(kind, options, directories);
  if (!sandbox) return sandbox.error();
  return std::make_unique<PythonHost>(loop, std::move(*sandbox), options.max_instances);
}

// Starts its interpreter and lets it compute something; runs `loop` until that is done. The version of
// the interpreter, which stays for the instances to come.
Result<std::string> Prove(Loop& loop, PythonHost& host) {
  std::optional<Result<std::string>> answer;
  const auto run = [](PythonHost& host, std::optional<Result<std::string>>& answer) -> Async<void> {
    answer.emplace(co_await host.RunScript("print(6 * 7, end='')", "", 10'000));
  };
  loop.Spawn(run(host, answer));
  loop.Run();
  if (!*answer) return answer->error();
  if (**answer != "42") return Failed("sandbox", "the interpreter cannot compute");
  return host.zygote()->python_version();
}

Result<std::string> Try(SandboxKind kind, const HostOptions& options) {
  Loop loop;
  auto host = MakeHost(loop, kind, options, {});
  if (!host) return host.error();
  return Prove(loop, **host);
}

// The first of the wanted kinds for which `works` says so: its error is of kind kFailed where that kind
// is not to be had.
Result<SandboxKind> Choose(const HostOptions& options,
                           const std::function<Result<void>(SandboxKind)>& works) {
  if (!options.backend.empty() && options.backend != "bubblewrap" &&
      options.backend != "landlock") {
    return UsageError("sandbox", "unknown kind \"" + options.backend + "\"",
                      "one of bubblewrap, landlock");
  }
  std::string problems;
  for (const SandboxKind kind : {SandboxKind::kBubblewrap, SandboxKind::kLandlock}) {
    if (!options.backend.empty() && options.backend != SandboxKindName(kind)) continue;
    const Result<void> tried = works(kind);
    if (tried) return kind;
    if (tried.error().kind != ErrorKind::kFailed) return tried.error();
    if (!problems.empty()) problems += "; ";
    problems += std::string(SandboxKindName(kind)) + ": " + tried.error().what;
  }
  std::string hint;
  if (options.backend != "landlock") hint = kEnableNamespaces;
  if (options.backend.empty()) hint += ", or ";
  if (options.backend != "bubblewrap") hint += kEnableLandlock;
  return Failed(
      "sandbox",
      "environments run confined or not at all, and nothing here confines them (" + problems + ")",
      std::move(hint));
}

}  // namespace

SandboxFacts ProbeSandbox(const HostOptions& options) {
  SandboxFacts facts;
  const auto python = FindPython(options.python);
  if (!python) {
    facts.python_problem = python.error().what + ": " + python.error().hint;
    facts.bubblewrap_problem = facts.landlock_problem = "no interpreter to confine";
    return facts;
  }
  const auto bubblewrap = Try(SandboxKind::kBubblewrap, options);
  facts.bubblewrap = bubblewrap.has_value();
  if (!bubblewrap) facts.bubblewrap_problem = bubblewrap.error().what + ": " + kEnableNamespaces;
  const auto landlock = Try(SandboxKind::kLandlock, options);
  facts.landlock = landlock.has_value();
  if (!landlock) facts.landlock_problem = landlock.error().what + ": " + kEnableLandlock;
  facts.python = *python;
  if (bubblewrap || landlock) facts.python += " " + (bubblewrap ? *bubblewrap : *landlock);
  return facts;
}

Result<std::unique_ptr<EnvironmentHost>> MakeEnvironmentHost(
    Loop& loop, const HostOptions& options, const std::vector<std::string>& directories) {
  std::unique_ptr<PythonHost> host;
  const auto works = [&](SandboxKind kind) -> Result<void> {
    auto made = MakeHost(loop, kind, options, directories);
    if (!made) return made.error();
    const Result<std::string> proven = Prove(loop, **made);
    if (!proven) return proven.error();
    host = std::move(*made);
    return {};
  };
  const Result<SandboxKind> kind = Choose(options, works);
  if (!kind) return kind.error();
  return std::unique_ptr<EnvironmentHost>(std::move(host));
}

Async<Result<std::string>> RunConfined(Loop& loop, const HostOptions& options, std::string script,
                                       std::vector<std::string> read_only_directories,
                                       std::string input, size_t max_output_bytes,
                                       int64_t deadline_ms) {
  HostOptions own = options;
  own.max_instances = 1;
  own.limits.reply_bytes = max_output_bytes;
  // On a loop of its own, since the caller's is at work.
  const auto works = [&own](SandboxKind kind) -> Result<void> {
    const Result<std::string> tried = Try(kind, own);
    if (!tried) return tried.error();
    return {};
  };
  const Result<SandboxKind> kind = Choose(own, works);
  if (!kind) co_return kind.error();
  auto host = MakeHost(loop, *kind, own, read_only_directories);
  if (!host) co_return host.error();
  co_return co_await (*host)->RunScript(std::move(script), std::move(input), deadline_ms);
}

}  // namespace axiometer
