#include "tasks/value_system.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxBytes = 4u << 20;
const std::string kKeys[] = {"key", "name", "reference", "dimensions", "circle"};
const std::string kDimensionKeys[] = {"key", "name", "definition"};

// What of a name counts when names are compared.
std::string Plain(const std::string& name) {
  std::string plain;
  for (const unsigned char c : name) {
    if (c >= 0x80 || std::isalnum(c)) plain += static_cast<char>(std::tolower(c));
  }
  return plain;
}

Result<void> ReadCircle(const YamlView& circle, ValueSystem& system) {
  const auto items = circle.Items();
  if (!items) return items.error();
  for (const YamlView& item : *items) {
    Result<std::string> key = item.Text();
    if (!key) return std::move(key).error();
    if (system.Find(*key) == nullptr) {
      return item.Wrong(Quoted(*key) + " is no dimension of " + Quoted(system.key),
                        DidYouMean(*key, system.keys(), "name the keys of \"dimensions\""));
    }
    if (std::find(system.circle.begin(), system.circle.end(), *key) != system.circle.end()) {
      return item.Wrong("dimension " + Quoted(*key) + " is on the circle twice");
    }
    system.circle.push_back(std::move(*key));
  }
  for (const Dimension& dimension : system.dimensions) {
    if (std::find(system.circle.begin(), system.circle.end(), dimension.key) != system.circle.end()) continue;
    return circle.Wrong("dimension " + Quoted(dimension.key) + " is not on the circle", "name every dimension once");
  }
  return {};
}

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
  const auto dimensions = fields.Need("dimensions");
  if (fields.error()) return *fields.error();
  if (system.key != fs::path(path).stem().string()) {
    return fields.Find("key")->Wrong("expected the file's name, " + Quoted(fs::path(path).stem().string()) +
                                     ", got " + Quoted(system.key));
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
  if (const auto circle = fields.Find("circle")) {
    const Result<void> read = ReadCircle(*circle, system);
    if (!read) return read.error();
  }
  system.digest = Sha256(*text);
  return system;
}

std::vector<ValueSystem> LoadCircles(const std::vector<std::string>& folders) {
  std::vector<ValueSystem> circles;
  for (const std::string& folder : folders) {
    std::vector<std::string> paths;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      Result<ValueSystem> system = LoadValueSystem(path);
      if (system && !system->circle.empty()) circles.push_back(std::move(*system));
    }
  }
  return circles;
}

std::vector<std::string> CircleOf(const std::vector<ValueSystem>& circles, const std::string& key,
                                  const std::vector<std::string>& dimensions) {
  std::map<std::string, std::string> written;  // by what is compared
  for (const std::string& dimension : dimensions) written.emplace(Plain(dimension), dimension);
  for (const bool by_key : {true, false}) {
    for (const ValueSystem& system : circles) {
      if (by_key && system.key != key) continue;
      std::vector<std::string> order;
      size_t found = 0;
      for (const std::string& dimension : system.circle) {
        const auto here = written.find(Plain(dimension));
        found += here != written.end();
        order.push_back(here == written.end() ? dimension : here->second);
      }
      if (found == written.size() && (by_key || found == order.size())) return order;
    }
  }
  return {};
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
