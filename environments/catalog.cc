#include "environments/catalog.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/nearest.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr size_t kLargestFile = 4u << 20;

// What an endpoint takes as a function name and Python as a method that is not private.
bool IsToolName(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name[0] >= 'a' && name[0] <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

Result<CatalogTool> ReadTool(const YamlView& view) {
  static const std::array<std::string, 3> kKeys = {"name", "description", "parameters"};
  YamlFields fields(view, kKeys);
  CatalogTool tool;
  tool.name = fields.NeedText("name");
  tool.description = fields.NeedText("description");
  const auto parameters = fields.Need("parameters");
  if (fields.error()) return *fields.error();
  if (!IsToolName(tool.name)) {
    return fields.Find("name")->Wrong(
        "not a tool's name: \"" + tool.name + "\"",
        "lower case letters, digits and _, a letter first, at most 64");
  }
  const auto schema = parameters->ToJson();
  if (!schema) return schema.error();
  if (!schema->is_object() || schema->value("type", Json()) != "object") {
    return parameters->Wrong("expected a JSON schema of type object");
  }
  tool.parameters = DumpJson(*schema);
  return tool;
}

Result<std::vector<CatalogTool>> ReadTools(const YamlView& view) {
  const auto items = view.Items();
  if (!items) return items.error();
  if (items->empty()) return view.Wrong("no tools");
  std::vector<CatalogTool> tools;
  std::set<std::string> names;
  for (const YamlView& item : *items) {
    auto tool = ReadTool(item);
    if (!tool) return tool.error();
    if (!names.insert(tool->name).second) return item.Wrong("a second tool \"" + tool->name + "\"");
    tools.push_back(std::move(*tool));
  }
  return tools;
}

Result<void> ReadPython(YamlFields& fields, const std::string& text,
                        CatalogEnvironment& environment) {
  const auto state = fields.Need("state");
  if (fields.error()) return *fields.error();
  if (const auto written = fields.Find("tools")) {
    auto tools = ReadTools(*written);
    if (!tools) return tools.error();
    environment.tools = std::move(*tools);
  }
  const auto json = state->ToJson();
  if (!json) return json.error();
  if (!json->is_object()) return state->Unexpected("a mapping");
  environment.state = DumpJson(*json);
  const auto code = ReadFile(environment.directory + "/environment.py", kLargestFile);
  if (!code) return code.error();
  environment.digest = Sha256(Sha256(text) + Sha256(*code));
  return {};
}

// The files of the folder files/, then those of `state`, which may replace them.
Result<void> ReadFilesOf(YamlFields& fields, CatalogEnvironment& environment) {
  Json state = {{"files", Json::object()}};
  const auto seeds = ReadSeedFiles(environment.directory);
  if (!seeds) return seeds.error();
  for (const auto& [path, text] : *seeds) state["files"][path] = text;
  if (const auto written = fields.Find("state")) {
    static const std::array<std::string, 1> kStateKeys = {"files"};
    YamlFields own(*written, kStateKeys);
    const auto files = own.Need("files");
    if (own.error()) return *own.error();
    const auto members = files->Members();
    if (!members) return members.error();
    for (const auto& [path, content] : *members) {
      const auto text = content.Text();
      if (!text) return text.error();
      state["files"][path] = *text;
    }
  }
  if (!environment.mcp->snapshot.empty()) state["snapshot"] = nullptr;
  environment.state = DumpJson(state);
  return {};
}

Result<void> ReadMcp(const YamlView& section, YamlFields& fields, CatalogEnvironment& environment) {
  if (const auto tools = fields.Find("tools")) {
    return tools->Wrong("an MCP server lists its tools itself",
                        "take \"tools\" out; mcp.offered picks some");
  }
  auto description = ReadMcpDescription(section, environment.directory);
  if (!description) return description.error();
  environment.mcp = std::move(*description);
  Result<void> read = ReadFilesOf(fields, environment);
  if (!read) return read.error();
  auto digest = DigestOfFolder(*environment.mcp);
  if (!digest) return digest.error();
  environment.digest = std::move(*digest);
  return {};
}

}  // namespace

EnvironmentSpec SpecOf(const CatalogEnvironment& environment) {
  EnvironmentSpec spec;
  spec.flavour =
      environment.mcp ? EnvironmentSpec::Flavour::kMcp : EnvironmentSpec::Flavour::kCatalog;
  spec.directory = environment.directory;
  spec.name = environment.name;
  spec.state = environment.state;
  if (!environment.tools.empty()) spec.digest = environment.digest;
  return spec;
}

Result<CatalogEnvironment> ReadCatalogEnvironment(const std::string& directory) {
  std::error_code error;
  const fs::path folder = fs::canonical(directory, error);
  if (error) return BadInput(directory, "no such folder");
  const std::string file = (folder / "environment.yaml").string();
  const auto text = ReadFile(file, kLargestFile);
  if (!text) return text.error();
  const auto root = YamlView::Parse(*text, file);
  if (!root) return root.error();

  static const std::array<std::string, 6> kKeys = {"name",  "title", "description",
                                                   "tools", "state", "mcp"};
  YamlFields fields(*root, kKeys);
  CatalogEnvironment environment;
  environment.directory = folder.string();
  environment.name = fields.NeedText("name");
  environment.title = fields.TextOr("title", environment.name);
  environment.description = fields.NeedText("description");
  if (fields.error()) return *fields.error();
  if (environment.name != folder.filename().string()) {
    return fields.Find("name")->Wrong("\"" + environment.name + "\" is not the folder's name \"" +
                                      folder.filename().string() + "\"");
  }
  const auto section = fields.Find("mcp");
  const Result<void> read =
      section ? ReadMcp(*section, fields, environment) : ReadPython(fields, *text, environment);
  if (!read) return read.error();
  return environment;
}

Result<CatalogEnvironment> FindCatalogEnvironment(const std::string& catalog,
                                                  const std::string& name) {
  const std::vector<std::string> names = ListCatalog(catalog);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return BadInput("", "unknown environment \"" + name + "\"",
                    DidYouMean(name, names, "neither built in nor in the folder environments/ of the suite"));
  }
  return ReadCatalogEnvironment(catalog + "/" + name);
}

std::vector<std::string> ListCatalog(const std::string& catalog) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(catalog, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (fs::is_regular_file(entry->path() / "environment.yaml", ignored)) {
      names.push_back(entry->path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace axiometer
