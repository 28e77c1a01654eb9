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

}  // namespace

Result<CatalogEnvironment> ReadCatalogEnvironment(const std::string& directory) {
  std::error_code error;
  const fs::path folder = fs::canonical(directory, error);
  if (error) return BadInput(directory, "no such folder");
  const std::string file = (folder / "environment.yaml").string();
  const auto text = ReadFile(file, kLargestFile);
  if (!text) return text.error();
  const auto code = ReadFile((folder / "environment.py").string(), kLargestFile);
  if (!code) return code.error();
  const auto root = YamlView::Parse(*text, file);
  if (!root) return root.error();

  static const std::array<std::string, 5> kKeys = {"name", "title", "description", "tools",
                                                   "state"};
  YamlFields fields(*root, kKeys);
  CatalogEnvironment environment;
  environment.directory = folder.string();
  environment.name = fields.NeedText("name");
  environment.title = fields.TextOr("title", environment.name);
  environment.description = fields.NeedText("description");
  const auto tools = fields.Need("tools");
  const auto state = fields.Need("state");
  if (fields.error()) return *fields.error();
  if (environment.name != folder.filename().string()) {
    return fields.Find("name")->Wrong("\"" + environment.name + "\" is not the folder's name \"" +
                                      folder.filename().string() + "\"");
  }
  const auto items = tools->Items();
  if (!items) return items.error();
  if (items->empty()) return tools->Wrong("no tools");
  std::set<std::string> names;
  for (const YamlView& item : *items) {
    auto tool = ReadTool(item);
    if (!tool) return tool.error();
    if (!names.insert(tool->name).second) return item.Wrong("a second tool \"" + tool->name + "\"");
    environment.tools.push_back(std::move(*tool));
  }
  const auto json = state->ToJson();
  if (!json) return json.error();
  if (!json->is_object()) return state->Unexpected("a mapping");
  environment.state = DumpJson(*json);
  environment.digest = Sha256(Sha256(*text) + Sha256(*code));
  return environment;
}

Result<CatalogEnvironment> FindCatalogEnvironment(const std::string& catalog,
                                                  const std::string& name) {
  const std::vector<std::string> names = ListCatalog(catalog);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return BadInput("", "unknown environment \"" + name + "\"",
                    DidYouMean(name, names, "none of that name in " + catalog));
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
