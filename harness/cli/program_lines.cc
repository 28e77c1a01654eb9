#include "harness/cli/program_lines.h"

#include <optional>

#include "harness/base/utf8.h"
#include "harness/io/child.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"
#include "harness/io/users_program.h"

namespace axiometer {
namespace {

constexpr size_t kMaxLineBytes = 64u << 20;
constexpr int64_t kPatienceMs = 120'000;
Async<> Read(Loop& loop, ChildSpec spec, Descriptor ours, Descriptor theirs, const ProgramLog& log,
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
  const std::string said = log.LastLine();
  std::string what = end.signal != 0 ? "was ended by signal " + std::to_string(end.signal)
                                     : "ended with status " + std::to_string(end.status);
  if (!said.empty()) what += ": " + Quoted(said, 300);
  problem = Failed(spec.program, std::move(what));
}

}  // namespace

Result<void> ReadProgramLines(UsersProgram program, const std::function<Result<void>(std::string_view)>& take) {
  Result<std::pair<Descriptor, Descriptor>> pair = MakeSocketPair();
  if (!pair) return std::move(pair).error();
  const ProgramLog log;
  ChildSpec spec;
  spec.program = std::move(program.path);
  spec.arguments = std::move(program.arguments);
  spec.environment = std::move(program.environment);
  spec.directory = std::move(program.directory);
  spec.descriptors = {{1, pair->second.get()}, {2, log.descriptor()}};
  Loop loop;
  std::optional<Error> problem;
  loop.Spawn(Read(loop, std::move(spec), std::move(pair->first), std::move(pair->second), log, take, problem));
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
  program.environment = ProgramEnvironment();
  program.environment.push_back("PYTHONUTF8=1");
  return ReadProgramLines(std::move(program), take);
}

}  // namespace axiometer
