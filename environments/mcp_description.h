#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {

// Where an MCP server finds its own files, in its sandbox: a file system of 16 MiB and 256 files.
inline constexpr char kServerFiles[] = "/files";

// How an MCP server is started and looked at: the section `mcp` of an environment.yaml.
//
//     mcp:
//       command: [node, "{{FOLDER}}/node_modules/…/index.js", "{{FILES}}"]
//       read_only: [node_modules]           # further folders that it may read; relative to its own
//       variables: {NAME: "{{FILES}}/x"}    # all that it is given, beside HOME, PATH, LANG and TZ
//       offered: [read_file, …]             # of its tools; default: all
//       snapshot: read_graph                # a tool whose answer, to no arguments, is state as
//       well start_timeout_s: 30                 # until it has listed its tools call_timeout_s: 30
//       # of a call; --tool-timeout if that is shorter
//
// {{FOLDER}} is the environment's folder, {{FILES}} kServerFiles, where the server is started.
struct McpDescription {
  std::string folder;                 // of the environment, absolute
  std::vector<std::string> command;   // program (absolute) and arguments
  std::vector<std::string> readable;  // absolute; the environment's own folder first
  std::map<std::string, std::string> variables;
  std::vector<std::string> offered;  // empty: all
  std::string snapshot;              // empty: none
  std::optional<int64_t> start_ms;
  std::optional<int64_t> call_ms;
};

// `view` is the section, `folder` the environment's, absolute. A program without a slash is looked
// up in /usr/local/bin and /usr/bin, which every sandbox has; it and the folders have to exist.
Result<McpDescription> ReadMcpDescription(const YamlView& view, const std::string& folder);

// Paths and texts of the files that the server finds when it starts: those below `files/` in the
// environment's folder. UTF-8 text; at most 256 files of together 4 MiB. Empty if there is no such
// folder.
Result<std::map<std::string, std::string>> ReadSeedFiles(const std::string& folder);

// SHA-256 over the files of the environment's folder, names and contents, without what is below a
// further folder of `readable`, in a __pycache__ or behind a name that begins with a dot. At most
// 2000 files of together 64 MiB.
Result<std::string> DigestOfFolder(const McpDescription& description);

}  // namespace axiometer
