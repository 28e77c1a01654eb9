#include "environments/sandbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "harness/base/json.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr uint64_t kNobodyNumber = 65534;
constexpr char kNobody[] = "65534";
// Where each instance of bubblewrap finds its own empty file system.
constexpr char kPrivateDirectory[] = "/instance";

// .../bin/python3.11 belongs to an installation that begins two levels up.
std::string InstallationOf(const std::string& python) {
  return fs::path(python).parent_path().parent_path().string();
}

bool OpenToOthers(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return false;
  if ((status.st_mode & S_IROTH) == 0) return false;
  for (fs::path part = path; !part.empty(); part = part.parent_path()) {
    if (stat(part.c_str(), &status) != 0) return false;
    if (S_ISDIR(status.st_mode) && (status.st_mode & S_IXOTH) == 0) return false;
    if (part == part.root_path()) return true;
  }
  return false;
}

// Whether the user number is one that a process here can take: in a user namespace not all are.
bool IsMapped(const char* map, uint64_t number) {
  std::ifstream lines(map);
  uint64_t inside = 0;
  uint64_t outside = 0;
  uint64_t count = 0;
  while (lines >> inside >> outside >> count) {
    if (number >= inside && number - inside < count) return true;
  }
  return false;
}

// `private_directory`: an empty folder on which a file system of the process's own can be mounted.
std::vector<std::string> Bubblewrap(const Sandbox& sandbox, const std::string& private_directory) {
  std::vector<std::string> words = {
      "--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session",
      // The zygote mounts each instance's own files, which the instance then can do no more. It is
      // a capability over the sandbox's namespaces alone.
      "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--uid", kNobody, "--gid", kNobody,
      "--hostname", "environment", "--clearenv", "--setenv", "PYTHONHASHSEED", "0", "--setenv",
      "TZ", "UTC", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink",
      "usr/lib64", "/lib64", "--dir", "/dev", "--dev-bind", "/dev/null", "/dev/null", "--dir",
      private_directory};
  std::vector<std::string> mounted = {"/usr"};
  auto mount = [&](const std::string& directory) {
    for (const std::string& other : mounted) {
      if (IsBelow(directory, other)) return;
    }
    mounted.push_back(directory);
    words.insert(words.end(), {"--ro-bind", directory, directory});
  };
  mount(InstallationOf(sandbox.python));
  mount(sandbox.scripts);
  for (const std::string& directory : sandbox.directories) mount(directory);
  words.insert(words.end(), {"--remount-ro", "/", "--chdir", "/", "--"});
  return words;
}

std::string Setting(const Sandbox& sandbox) {
  const bool own_files = sandbox.kind == SandboxKind::kBubblewrap;
  Json setting;
  setting["private_directory"] = own_files;
  setting["directory"] = own_files ? kPrivateDirectory : sandbox.empty_directory;
  setting["readable"] = sandbox.directories;
  setting["depth"] = kDeepestAnswer;
  setting["reply_bytes"] = sandbox.limits.reply_bytes;
  return DumpJson(setting);
}

Result<ChildSpec> Command(const Sandbox& sandbox, const std::string& private_directory,
                          const char* script, std::string setting) {
  std::vector<std::string> words;
  if (RunsAsNobody(sandbox)) {
    words = {FindProgram("setpriv"), "--reuid", kNobody, "--regid", kNobody,
             "--clear-groups",       "--"};
  }
  ChildSpec spec;
  if (sandbox.kind == SandboxKind::kBubblewrap) {
    // bubblewrap itself gets an empty environment: the sandbox could read it.
    const std::string bubblewrap = FindProgram("bwrap");
    if (bubblewrap.empty()) return Failed("bubblewrap", "not installed", "install bubblewrap");
    words.push_back(bubblewrap);
    for (std::string& word : Bubblewrap(sandbox, private_directory))
      words.push_back(std::move(word));
  } else {
    spec.environment = {"PYTHONHASHSEED=0", "TZ=UTC"};
  }
  // -S: no site-packages, -P: not the folder that we stand in, -B: write no bytecode.
  words.insert(words.end(), {sandbox.python, "-S", "-P", "-B", sandbox.scripts + "/" + script,
                             std::move(setting)});
  spec.program = words.front();
  spec.arguments.assign(words.begin() + 1, words.end());
  return spec;
}

}  // namespace

const char* SandboxKindName(SandboxKind kind) {
  switch (kind) {
    case SandboxKind::kBubblewrap:
      return "bubblewrap";
    case SandboxKind::kLandlock:
      return "landlock";
  }
  return "";
}

Result<std::string> FindPython(const std::string& wanted) {
  const std::string path = wanted.empty() ? "/usr/bin/python3" : wanted;
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  if (error || access(resolved.c_str(), X_OK) != 0) {
    return Failed("python", "\"" + path + "\" cannot be run",
                  "install python3 (3.11 or newer), or name another interpreter");
  }
  return resolved.string();
}

bool IsBelow(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory + "/");
}

std::string FindProgram(const std::string& program) {
  const char* variable = std::getenv("PATH");
  const std::string places = std::string(variable == nullptr ? "" : variable) + ":/usr/bin";
  for (size_t begin = 0; begin <= places.size();) {
    const size_t end = std::min(places.find(':', begin), places.size());
    const std::string path = places.substr(begin, end - begin) + "/" + program;
    if (path[0] == '/' && access(path.c_str(), X_OK) == 0) return path;
    begin = end + 1;
  }
  return "";
}

bool RunsAsNobody(const Sandbox& sandbox) {
  if (geteuid() != 0 || FindProgram("setpriv").empty()) return false;
  if (!IsMapped("/proc/self/uid_map", kNobodyNumber) || !IsMapped("/proc/self/gid_map", kNobodyNumber)) return false;
  if (!OpenToOthers(sandbox.python) || !OpenToOthers(sandbox.scripts)) return false;
  if (!sandbox.empty_directory.empty() && !OpenToOthers(sandbox.empty_directory)) return false;
  for (const std::string& directory : sandbox.directories) {
    if (!OpenToOthers(directory)) return false;
  }
  return true;
}

Result<ChildSpec> SandboxCommand(const Sandbox& sandbox) {
  return Command(sandbox, kPrivateDirectory, "zygote.py", Setting(sandbox));
}

Result<ChildSpec> ProgramCommand(const Sandbox& sandbox, const ConfinedProgram& program) {
  Json setting;
  setting["directory"] = program.directory;
  setting["command"] = program.command;
  setting["variables"] = program.variables;
  setting["executable"] = sandbox.directories;
  setting["executable"].push_back("/usr");
  setting["reply_bytes"] = sandbox.limits.reply_bytes;
  setting["limits"]["memory_bytes"] = sandbox.limits.memory_bytes;
  setting["limits"]["cpu_seconds"] = sandbox.limits.cpu_seconds;
  return Command(sandbox, program.directory, "confined_program.py", DumpJson(setting));
}

}  // namespace axiometer
