#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "environments/environment.h"
#include "environments/mcp_client.h"
#include "environments/mcp_description.h"
#include "environments/sandbox.h"
#include "harness/io/child.h"

namespace axiometer {

// One MCP server as an Environment, in a sandbox of its own that ends with it. Its state is
// {"files": {path: text}}, its working directory, and "snapshot", what the description's tool
// answers. Errors end with the last that the server wrote to its standard error.
class McpEnvironment : public Environment {
 public:
  // Starts the server, with `files` in its working directory, and has it list its tools. `limits`
  // are the sandbox's, with the description's laid over them. `gone` is called once, at the latest
  // by the destructor. The error's `where` is empty.
  static Async<Result<std::unique_ptr<McpEnvironment>>> Start(Loop& loop, Sandbox sandbox,
                                                              McpDescription description,
                                                              std::string files,
                                                              std::function<void()> gone);
  ~McpEnvironment() override;

  Async<CallResult> Call(const std::string& tool, const std::string& arguments) override;
  Async<CallResult> State() override;

  // Those that are offered, as the server listed them. Every name and schema is usable.
  std::vector<CatalogTool> tools() const;
  const McpServerFacts& facts() const { return client_.facts(); }

 private:
  McpEnvironment(const EnvironmentLimits& limits, McpDescription description, Child child,
                 LineChannel control, McpClient client, std::function<void()> gone);
  Async<Result<void>> Greet(const std::string& files);
  Result<void> Choose(std::vector<McpTool> listed);
  Async<std::string> Ended(std::string what, bool died);
  Async<CallResult> End(CallResult result);

  EnvironmentLimits limits_;
  const McpDescription description_;
  std::unique_ptr<Child> child_;  // null once it is gone
  LineChannel control_;
  McpClient client_;
  std::vector<McpTool> tools_;
  std::function<void()> gone_;
};

}  // namespace axiometer
