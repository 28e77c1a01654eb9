#pragma once

#include <memory>
#include <string>
#include <vector>

#include "environments/host.h"
#include "environments/mcp_environment.h"
#include "environments/python_worker.h"
#include "environments/sandbox.h"
#include "harness/io/gate.h"

namespace axiometer {

// The EnvironmentHost over one Zygote, which it starts when the first instance is wanted and again
// when it has died.
class PythonHost : public EnvironmentHost {
 public:
  PythonHost(Loop& loop, Sandbox sandbox, int max_instances);
  ~PythonHost() override;  // no Environment of it may be left

  Async<Result<std::unique_ptr<Environment>>> Start(const EnvironmentSpec& spec) override;
  // What the code of an environment says its tools are: the typed methods of a Python one, derived in
  // an instance, or what a server lists. Tools without problems; the problems of a Python one are
  // added to `problems` with file and line.
  Async<Result<std::vector<CatalogTool>>> ListTools(const EnvironmentSpec& spec,
                                                    std::vector<Error>& problems);
  // Runs a Python text alone in an instance, `input` on its standard input; its output.
  Async<Result<std::string>> RunScript(std::string script, std::string input, int64_t deadline_ms);

  const char* sandbox() const override { return SandboxKindName(sandbox_.kind); }
  int live() const override { return gate_.in_flight(); }
  int waiting() const override { return gate_.waiting(); }
  // The warm interpreter, once there is one.
  const Zygote* zygote() const { return zygote_.get(); }

 private:
  Async<Result<Instance>> Fork(const std::string& request);
  Async<Result<void>> NeedZygote();
  Async<Result<std::unique_ptr<McpEnvironment>>> StartServer(const EnvironmentSpec& spec);
  Async<Result<std::string>> RunOnce(std::string request, std::string first, int64_t deadline_ms,
                                     std::string where);

  Loop& loop_;
  Sandbox sandbox_;
  Gate gate_;      // a place for each live instance
  Gate starting_;  // one zygote at a time
  // Shared with the forks under way: the one that finds it dead may replace it meanwhile.
  std::shared_ptr<Zygote> zygote_;
};

}  // namespace axiometer
