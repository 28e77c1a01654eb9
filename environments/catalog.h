#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

struct CatalogTool {
  std::string name;         // the method's name
  std::string description;  // what the agent is told
  std::string parameters;   // JSON schema of the arguments, one JSON object
};

// A built-in environment or a user's own: a folder with environment.yaml and environment.py.
struct CatalogEnvironment {
  std::string name;         // the folder's name
  std::string title;        // for people; the name if the file has none
  std::string description;  // for people and judges
  std::string directory;    // absolute
  std::vector<CatalogTool> tools;
  std::string state;   // the default state, one JSON object; a task's own is laid over it
  std::string digest;  // SHA-256 over both files
};

// environment.yaml:
//
//     name: ward-desk
//     title: The shift desk of a hospital ward      # optional
//     description: …
//     tools:
//       - name: read_chart                           # a method of class Environment
//         description: …
//         parameters: {type: object, properties: {…}, required: […]}
//     state: {now: "2026-04-15T09:30:00", …}         # `now` is the environment's clock
//
// Errors carry file, line and column. The Python file is not run.
Result<CatalogEnvironment> ReadCatalogEnvironment(const std::string& directory);

// The environment called `name` in the folder `catalog`; an error that offers the nearest name.
Result<CatalogEnvironment> FindCatalogEnvironment(const std::string& catalog,
                                                  const std::string& name);

// The names of the folders in `catalog` that hold an environment.yaml, sorted.
std::vector<std::string> ListCatalog(const std::string& catalog);

}  // namespace axiometer
