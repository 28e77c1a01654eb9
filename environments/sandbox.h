#pragma once

#include <map>
#include <string>
#include <vector>

#include "environments/environment.h"
#include "harness/base/result.h"
#include "harness/io/child.h"

namespace axiometer {

// The command line that puts the warm interpreter (python/zygote.py) into confinement. What either
// kind blocks and leaves open is in SANDBOX.md.
enum class SandboxKind {
  kBubblewrap,  // namespaces of its own, an empty root, private files for each instance
  kLandlock     // no namespaces; weaker: no files of its own, host name and paths can be seen
};

const char* SandboxKindName(SandboxKind kind);  // "bubblewrap", "landlock"

struct Sandbox {
  SandboxKind kind = SandboxKind::kBubblewrap;
  std::string python;                    // absolute path of the interpreter, links resolved
  std::string scripts;                   // absolute path of environments/python
  std::vector<std::string> directories;  // absolute; all that instances may read beside the library
  std::string empty_directory;  // kLandlock: an empty folder, the instances' working directory
  EnvironmentLimits limits;
};

// Nested containers in one answer.
inline constexpr int kDeepestAnswer = 100;

// The interpreter to use: `wanted`, or /usr/bin/python3 if empty, with links resolved.
Result<std::string> FindPython(const std::string& wanted);

// Whether the absolute `path` is `directory` or within it.
bool IsBelow(const std::string& path, const std::string& directory);

// The absolute path of `program` on PATH or in /usr/bin; empty if there is none.
std::string FindProgram(const std::string& program);

// Started by root, the interpreter runs as the unprivileged user 65534, unless a folder that it
// needs is closed to others or the user namespace that we are in has no such user; then as root
// without any capability.
bool RunsAsNobody(const Sandbox& sandbox);

// A foreign program in a sandbox of its own (python/confined_program.py).
struct ConfinedProgram {
  std::string directory;                         // absolute; its private file system, where it starts
  std::vector<std::string> command;              // program (absolute) and arguments
  std::map<std::string, std::string> variables;  // all that it is given
};

// Everything but the descriptors: 0 has to be the control socket, 2 may take complaints. An error
// if bubblewrap is not installed.
Result<ChildSpec> SandboxCommand(const Sandbox& sandbox);

// The same for a program, which may read and execute what is below /usr and `sandbox.directories`:
// descriptors 0 and 1 are its own, 3 the control socket, 2 may take complaints of the sandbox. Only
// of kind kBubblewrap: without namespaces neither its files nor its processes could be bounded.
Result<ChildSpec> ProgramCommand(const Sandbox& sandbox, const ConfinedProgram& program);

}  // namespace axiometer
