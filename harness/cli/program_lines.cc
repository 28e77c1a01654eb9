#include "harness/cli/program_lines.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "harness/base/utf8.h"
#include "harness/io/child.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxLineBytes = 64u << 20;
constexpr int64_t kPatienceMs = 120'000;
// Where Python and its libraries are found.
constexpr const char* kVariables[] = {"PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME",
                                      "PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_PREFIX", "TMPDIR"};

// The last line that is not blank.
std::string LastLine(int fd) {
  std::string text(16u << 10, '\0');
  const off_t size = lseek(fd, 0, SEEK_END);
  const off_t begin = size > static_cast<off_t>(text.size()) ? size - static_cast<off_t>(text.size()) : 0;
  const ssize_t got = size < 0 ? -1 : pread(fd, text.data(), text.size(), begin);
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Async<> Read(Loop& loop, ChildSpec spec, Descriptor ours, Descriptor theirs, Descriptor errors,
             const std::function<Result<void>(std::string_view)>& take, std::optional<Error>& problem) {
  Result<Child> child = Child::Start(loop, spec);
  if (!child) {
    problem = std::move(child).error();
    co_return;
  }
  theirs = Descriptor();
  LineChannel lines(loop, std::move(ours), kMaxLineBytes);
  while (true) {
    Line line = co_await lines.Read(kPatienceMs);
    if (line.status == LineStatus::kClosed) break;
    if (line.status != LineStatus::kLine) {
      problem = Failed(spec.program, line.status == LineStatus::kTooLong ? "printed a line of more than 64 MB"
                                                                         : "printed nothing for two minutes");
      co_return;
    }
    const Result<void> taken = take(line.text);
    if (!taken) {
      problem = taken.error();
      co_return;
    }
  }
  const ChildExit end = co_await child->Wait();
  if (end.signal == 0 && end.status == 0) co_return;
  const std::string said = LastLine(errors.get());
  std::string what = end.signal != 0 ? "was ended by signal " + std::to_string(end.signal)
                                     : "ended with status " + std::to_string(end.status);
  if (!said.empty()) what += ": " + Quoted(said, 300);
  problem = Failed(spec.program, std::move(what));
}

}  // namespace

Result<std::string> FindProgram(const std::string& name, const std::string& hint) {
  std::error_code ignored;
  if (name.find('/') != std::string::npos) {
    // Not made canonical: a virtual environment is known by the link through which it is started.
    const std::string path = fs::absolute(name).lexically_normal().string();
    if (access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, ignored)) return path;
    return UsageError(name, "no such program", hint);
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string folder(rest.substr(0, colon));
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    const std::string path = (fs::absolute(folder.empty() ? "." : folder) / name).lexically_normal().string();
    if (access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, ignored)) return path;
  }
  return Failed(name, "no such program on PATH", hint);
}

Result<void> ReadProgramLines(UsersProgram program, const std::function<Result<void>(std::string_view)>& take) {
  Result<std::pair<Descriptor, Descriptor>> pair = MakeSocketPair();
  if (!pair) return std::move(pair).error();
  Descriptor errors(memfd_create("errors", MFD_CLOEXEC));
  if (!errors) return Failed(program.path, "no memory for its messages");
  ChildSpec spec;
  spec.program = std::move(program.path);
  spec.arguments = std::move(program.arguments);
  spec.environment = std::move(program.environment);
  spec.directory = std::move(program.directory);
  spec.descriptors = {{1, pair->second.get()}, {2, errors.get()}};
  Loop loop;
  std::optional<Error> problem;
  loop.Spawn(Read(loop, std::move(spec), std::move(pair->first), std::move(pair->second), std::move(errors), take,
                  problem));
  loop.Run();
  if (problem) return *problem;
  return {};
}

Result<void> ReadPythonLines(const std::string& python, const std::string& script,
                             const std::vector<std::string>& arguments,
                             const std::function<Result<void>(std::string_view)>& take) {
  const bool named = !python.empty();
  Result<std::string> path = FindProgram(named ? python : "python3", named ? "name another with --python" : "install Python 3 or name one with --python");
  if (!path) return std::move(path).error();
  UsersProgram program;
  program.path = std::move(*path);
  program.arguments = {"-B", script};
  program.arguments.insert(program.arguments.end(), arguments.begin(), arguments.end());
  for (const char* name : kVariables) {
    if (const char* text = std::getenv(name)) program.environment.push_back(std::string(name) + "=" + text);
  }
  program.environment.push_back("PYTHONUTF8=1");
  return ReadProgramLines(std::move(program), take);
}

}  // namespace axiometer
