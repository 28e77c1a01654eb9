#pragma once

#include <optional>
#include <string>
#include <vector>

#include "environments/environment.h"
#include "environments/mcp_description.h"
#include "environments/tool.h"
#include "harness/base/result.h"

namespace axiometer {

// A built-in environment or a user's own: a folder with environment.yaml and environment.py, or with
// an environment.yaml that says how an MCP server is started. See ENVIRONMENTS.md.
struct CatalogEnvironment {
  std::string name;         // the folder's name
  std::string title;        // for people; the name if the file has none
  std::string description;  // for people and judges
  std::string directory;    // absolute
  // Empty where the file leaves them to the code, which then is asked (tool_discovery.h).
  std::vector<CatalogTool> tools;
  std::string state;         // the default state, one JSON object; a task's own is laid over it
  std::string digest;        // SHA-256 over its files, and over the tools that its code was asked for
  std::optional<McpDescription> mcp;

  const char* flavour() const { return mcp ? "mcp" : "catalog"; }
};

// How its instances start.
EnvironmentSpec SpecOf(const CatalogEnvironment& environment);

// environment.yaml:
//
//     name: ward-desk
//     title: The shift desk of a hospital ward      # optional
//     description: …
//     tools:                                         # absent: derived from the typed methods
//       - name: read_chart                           # a method of class Environment
//         description: …
//         parameters: {type: object, properties: {…}, required: […]}
//     state: {now: "2026-04-15T09:30:00", …}         # `now` is the environment's clock
//
// With a section `mcp` (mcp_description.h) in place of `tools`, the state is {"files": {path: text}},
// those of the folder files/ and of `state`, and, where there is one, the "snapshot".
//
// Errors carry file, line and column. No code is run.
Result<CatalogEnvironment> ReadCatalogEnvironment(const std::string& directory);

// The environment called `name` in the folder `catalog`; an error that offers the nearest name.
Result<CatalogEnvironment> FindCatalogEnvironment(const std::string& catalog,
                                                  const std::string& name);

// The names of the folders in `catalog` that hold an environment.yaml, sorted.
std::vector<std::string> ListCatalog(const std::string& catalog);

}  // namespace axiometer
