#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/task.h"
#include "harness/record/trajectory.h"

namespace axiometer {

// Which world to start. The code runs confined; see SANDBOX.md.
struct EnvironmentSpec {
  enum class Flavour {
    kCatalog,         // our convention: environments/python/axiometer_environment.py
    kMcp,             // an MCP server, started as its folder's environment.yaml says
    kAgentValueBench  // the data set's: package `environment`, BaseEnv.call_tool
  };
  Flavour flavour = Flavour::kCatalog;
  std::string directory;  // kCatalog, kMcp: the environment's folder; kAgentValueBench: the data
                          // set's `environment` folder
  std::string name;       // folder name; kAgentValueBench: stem of the environment pair
  std::string state;      // JSON object; the whole initial state. kMcp: {"files": {path: text}}
  // kMcp: CatalogEnvironment::digest of folder and tools, which have to be the same; empty: anything.
  std::string digest;
};

struct EnvironmentLimits {
  int64_t start_ms = 30'000;         // until the instance answers
  int64_t call_ms = 30'000;          // one tool call
  size_t reply_bytes = 4u << 20;     // one result
  size_t memory_bytes = 512u << 20;  // address space of the instance
  int64_t cpu_seconds = 120;         // of the instance
};

// What one call changed in the state.
struct StateChange {
  int call = 0;         // which of the instance's answered calls, from 1; 0: all of them together
  std::string changes;  // JSON array, as harness/store/SCHEMA.md has it; "[]" only of all together
};

// What became of one call.
struct CallResult {
  enum class Status {
    kAnswered,  // `content` holds the answer, which may report an error of the tool's own
    kTimeout,   // the instance was killed
    kDied,      // the instance ended by itself or by a limit
    kLost,      // the sandbox around it ended, which is none of the instance's doing
    kProtocol,  // it answered what is no answer, too much or too deep; killed
    kCancelled,
  };
  Status status = Status::kDied;
  std::string content;  // one JSON text, exactly as Python dumps it with ensure_ascii=False
  std::string error;    // otherwise: what happened, for people
  std::vector<StateChange> changes;  // of State: what the calls before it changed, in their order
  int64_t duration_us = 0;

  static CallResult Failure(Status status, std::string error) {
    CallResult result;
    result.status = status;
    result.error = std::move(error);
    return result;
  }
};

// One live instance. One call at a time.
class Environment {
 public:
  virtual ~Environment() = default;  // kills it
  // `arguments` is a JSON object. After anything but kAnswered the instance is gone.
  virtual Async<CallResult> Call(const std::string& tool, const std::string& arguments) = 0;
  // The state as one JSON text; parts that JSON cannot hold are left out and named under
  // "__not_json__". With it what each call changed, if the environment is of a kind that is followed (all but
  // MCP servers). Not answered: as Call.
  virtual Async<CallResult> State() = 0;
};

// Starts instances, bounded and confined. One for the process.
class EnvironmentHost {
 public:
  virtual ~EnvironmentHost() = default;
  // Waits for a place (see Options::max_instances), starts, returns once it answers.
  virtual Async<Result<std::unique_ptr<Environment>>> Start(const EnvironmentSpec& spec) = 0;
  // "bubblewrap" or "landlock": what confines the instances.
  virtual const char* sandbox() const = 0;
  virtual int live() const = 0;
  virtual int waiting() const = 0;
};

}  // namespace axiometer
