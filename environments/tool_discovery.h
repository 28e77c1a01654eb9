#pragma once

#include <vector>

#include "environments/catalog.h"
#include "environments/host.h"
#include "harness/base/result.h"

namespace axiometer {

// Asks the environment's code for its tools, in a sandbox, where its file leaves them to the code:
// those of typed Python methods, those that an MCP server lists. They enter its digest, and what a
// server listed is what it has to list again at every start. Nothing happens if the file has them.
// On a loop of its own; takes as long as the code takes to start.
Result<void> DiscoverTools(CatalogEnvironment& environment, const HostOptions& options);

// The same for a check: every problem that the code has with its tools, in `problems`; of an error
// the tools that are sound are kept.
Result<void> DiscoverTools(CatalogEnvironment& environment, const HostOptions& options,
                           std::vector<Error>& problems);

}  // namespace axiometer
