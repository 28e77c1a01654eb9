#include "environments/tool_discovery.h"

#include <memory>
#include <optional>
#include <utility>

#include "environments/python_host.h"

namespace axiometer {

Result<void> DiscoverTools(CatalogEnvironment& environment, const HostOptions& options,
                           std::vector<Error>& problems) {
  if (!environment.tools.empty()) return {};
  using Tools = Result<std::vector<CatalogTool>>;
  Loop loop;
  HostOptions own = options;
  own.max_instances = 1;
  const auto host = MakeEnvironmentHost(loop, own, {environment.directory});
  if (!host) return host.error();
  std::optional<Tools> listed;
  const auto ask = [](EnvironmentHost& host, EnvironmentSpec spec, std::vector<Error>& problems,
                      std::optional<Tools>& listed) -> Async<void> {
    listed.emplace(co_await static_cast<PythonHost&>(host).ListTools(spec, problems));
  };
  EnvironmentSpec spec = SpecOf(environment);
  spec.digest.clear();
  loop.Spawn(ask(**host, std::move(spec), problems, listed));
  loop.Run();
  if (!*listed) return listed->error();
  environment.tools = std::move(**listed);
  environment.digest = DigestWithTools(environment.digest, environment.tools);
  return {};
}

Result<void> DiscoverTools(CatalogEnvironment& environment, const HostOptions& options) {
  std::vector<Error> problems;
  Result<void> found = DiscoverTools(environment, options, problems);
  if (found && !problems.empty()) return problems.front();
  return found;
}

}  // namespace axiometer
