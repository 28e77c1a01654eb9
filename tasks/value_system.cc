#include "tasks/value_system.h"

#include <algorithm>
#include <filesystem>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxBytes = 4u << 20;
const std::string kKeys[] = {"key", "name", "reference", "structure", "dimensions"};
const std::string kDimensionKeys[] = {"key", "name", "definition"};

}  // namespace

const Dimension* ValueSystem::Find(const std::string& dimension) const {
  for (const Dimension& candidate : dimensions) {
    if (candidate.key == dimension) return &candidate;
  }
  return nullptr;
}

std::vector<std::string> ValueSystem::keys() const {
  std::vector<std::string> keys;
  for (const Dimension& dimension : dimensions) keys.push_back(dimension.key);
  return keys;
}

Result<ValueSystem> LoadValueSystem(const std::string& path) {
  const Result<std::string> text = ReadFile(path, kMaxBytes);
  if (!text) return text.error();
  const Result<YamlView> view = YamlView::Parse(*text, path);
  if (!view) return view.error();
  YamlFields fields(*view, kKeys);
  ValueSystem system;
  system.key = fields.NeedText("key");
  system.name = fields.NeedText("name");
  system.reference = fields.NeedText("reference");
  system.structure = fields.TextOr("structure", "");
  const auto dimensions = fields.Need("dimensions");
  if (fields.error()) return *fields.error();
  if (system.key != fs::path(path).stem().string()) {
    return fields.Find("key")->Wrong("expected the file's name, " + Quoted(fs::path(path).stem().string()) +
                                     ", got " + Quoted(system.key));
  }
  if (!system.structure.empty() && system.structure != "circular") {
    return fields.Find("structure")->Unexpected("circular");
  }
  const auto items = dimensions->Items();
  if (!items) return items.error();
  for (const YamlView& item : *items) {
    YamlFields of(item, kDimensionKeys);
    Dimension dimension;
    dimension.key = of.NeedText("key");
    dimension.name = of.NeedText("name");
    dimension.definition = TrimPython(of.NeedText("definition"));
    if (of.error()) return *of.error();
    if (system.Find(dimension.key) != nullptr) {
      return of.Find("key")->Wrong("dimension " + Quoted(dimension.key) + " is there twice");
    }
    system.dimensions.push_back(std::move(dimension));
  }
  if (system.dimensions.size() < 2) return dimensions->Wrong("expected at least two dimensions");
  system.digest = Sha256(*text);
  return system;
}

Result<ValueSystem> FindValueSystem(const std::string& key, const std::vector<std::string>& folders) {
  std::vector<std::string> known;
  for (const std::string& folder : folders) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() != ".yaml") continue;
      if (entry.path().stem().string() == key) return LoadValueSystem(entry.path().string());
      known.push_back(entry.path().stem().string());
    }
  }
  std::sort(known.begin(), known.end());
  std::string all;
  for (const std::string& candidate : known) all += (all.empty() ? "" : ", ") + candidate;
  return BadInput("", "unknown value system " + Quoted(key),
                  DidYouMean(key, known, all.empty() ? "" : "known: " + all));
}

}  // namespace axiometer
