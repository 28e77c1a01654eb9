#pragma once

#include <memory>
#include <string>
#include <vector>

#include "environments/environment.h"
#include "harness/io/loop.h"

namespace axiometer {

struct HostOptions {
  int max_instances = 128;
  EnvironmentLimits limits;
  std::string python;   // interpreter; empty: the system's /usr/bin/python3
  std::string scripts;  // environments/python; empty: where DataDir() has it
  std::string backend;  // "", "bubblewrap" or "landlock"; empty: the strongest that works
};

// What this machine offers, for `doctor` and for the refusal.
struct SandboxFacts {
  bool bubblewrap = false;
  std::string bubblewrap_problem;  // what to enable
  bool landlock = false;
  std::string landlock_problem;
  std::string python;  // path and version, or empty
  std::string python_problem;
};

// Tries each layer for real (starts a confined interpreter).
SandboxFacts ProbeSandbox(const HostOptions& options);

// The host with the strongest back end that works; an error that says what to enable if neither
// does. Never unconfined. Runs `loop`, which must not be at work, until the interpreter has proven itself:
// about a tenth of a second.
// Folders are mounted read-only: `directories` are all that instances of this host may need.
Result<std::unique_ptr<EnvironmentHost>> MakeEnvironmentHost(
    Loop& loop, const HostOptions& options, const std::vector<std::string>& directories);

}  // namespace axiometer
