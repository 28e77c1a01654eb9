#include "environments/mcp_description.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "environments/sandbox.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/placeholders.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMostSeeds = 256;
constexpr size_t kMostSeedBytes = 4u << 20;
constexpr size_t kMostFiles = 2000;
constexpr size_t kMostFileBytes = 64u << 20;
const std::array<std::string, 7> kKeys = {"command",  "read_only",       "variables",     "offered",
                                          "snapshot", "start_timeout_s", "call_timeout_s"};

class Reader {
 public:
  Reader(const YamlView& view, const std::string& folder) : fields_(view, kKeys) {
    description_.folder = folder;
    description_.readable = {folder};
  }

  Result<McpDescription> Read() {
    const auto command = fields_.Need("command");
    const std::vector<YamlView> read_only = fields_.ItemsOr("read_only");
    description_.offered = fields_.TextsOr("offered");
    description_.snapshot = fields_.TextOr("snapshot", "");
    const double start_s = fields_.NumberOr("start_timeout_s", 0.1, 3600, 0);
    const double call_s = fields_.NumberOr("call_timeout_s", 0.1, 3600, 0);
    if (fields_.error()) return *fields_.error();
    if (start_s > 0) description_.start_ms = static_cast<int64_t>(start_s * 1000);
    if (call_s > 0) description_.call_ms = static_cast<int64_t>(call_s * 1000);
    for (const YamlView& item : read_only) {
      Result<void> read = ReadOnly(item);
      if (!read) return read.error();
    }
    Result<void> read = Command(*command);
    if (!read) return read.error();
    read = Variables();
    if (!read) return read.error();
    return std::move(description_);
  }

 private:
  Result<std::string> Filled(const YamlView& view) const {
    Result<std::string> text = view.Text();
    if (!text) return text.error();
    static const std::vector<std::string> kPlaces = {"FOLDER", "FILES"};
    for (const std::string& place : PlaceholdersIn(*text)) {
      if (std::find(kPlaces.begin(), kPlaces.end(), place) == kPlaces.end()) {
        return view.Wrong("unknown place {{" + place + "}}",
                          DidYouMean(place, kPlaces, "there are {{FOLDER}} and {{FILES}}"));
      }
    }
    return FillPlaceholders(*text, {{"FOLDER", description_.folder}, {"FILES", kServerFiles}});
  }

  Result<void> ReadOnly(const YamlView& item) {
    const Result<std::string> text = Filled(item);
    if (!text) return text.error();
    std::error_code error;
    const fs::path resolved = fs::canonical(fs::path(description_.folder) / *text, error);
    if (error || !fs::is_directory(resolved, error)) {
      return item.Wrong("no folder " + Quoted(*text) + " in " + description_.folder,
                        "make it (npm install --prefix FOLDER PACKAGE@VERSION), or name another");
    }
    if (resolved == resolved.root_path() || IsBelow(resolved.string(), kServerFiles)) {
      return item.Wrong("a server cannot be given " + Quoted(resolved.string()),
                        "name the folder that it needs");
    }
    description_.readable.push_back(resolved.string());
    return {};
  }

  Result<void> Command(const YamlView& view) {
    const auto items = view.Items();
    if (!items) return items.error();
    if (items->empty()) return view.Wrong("no program", "a list: the program and its arguments");
    for (const YamlView& item : *items) {
      Result<std::string> word = Filled(item);
      if (!word) return word.error();
      description_.command.push_back(std::move(*word));
    }
    std::string& program = description_.command.front();
    if (program.find('/') == std::string::npos) {
      for (const char* place : {"/usr/local/bin/", "/usr/bin/"}) {
        if (access((place + program).c_str(), X_OK) != 0) continue;
        program = place + program;
        return {};
      }
      return items->front().Wrong(
          "no program " + Quoted(program) + " in /usr/local/bin or /usr/bin",
          "install it, or give its path, with its folder in read_only");
    }
    program = (fs::path(description_.folder) / program).lexically_normal().string();
    if (access(program.c_str(), X_OK) != 0) {
      return items->front().Wrong(Quoted(program) + " cannot be run", "chmod +x, or name another");
    }
    const auto mounted = [&](const std::string& folder) { return IsBelow(program, folder); };
    if (!mounted("/usr") &&
        std::none_of(description_.readable.begin(), description_.readable.end(), mounted)) {
      return items->front().Wrong(Quoted(program) + " does not exist in the sandbox",
                                  "name its folder in read_only");
    }
    return {};
  }

  Result<void> Variables() {
    const auto written = fields_.Find("variables");
    if (!written) return {};
    const auto members = written->Members();
    if (!members) return members.error();
    for (const auto& [name, value] : *members) {
      const bool plain =
          !name.empty() && name.find_first_of(std::string("=\0", 2)) == std::string::npos;
      if (!plain) return value.Wrong("not a variable's name: " + Quoted(name));
      Result<std::string> text = Filled(value);
      if (!text) return text.error();
      description_.variables[name] = std::move(*text);
    }
    return {};
  }

  YamlFields fields_;
  McpDescription description_;
};

// The regular files below `folder`, by path relative to it. `passed_over` says what is not entered.
template <class PassedOver>
Result<std::map<std::string, std::string>> ReadFiles(const std::string& folder, size_t most_files,
                                                     size_t most_bytes, PassedOver passed_over) {
  std::map<std::string, std::string> found;
  size_t bytes = 0;
  std::error_code error;
  const std::string bounds = "at most " + std::to_string(most_files) + " files of together " +
                             std::to_string(most_bytes >> 20) + " MiB";
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (passed_over(*entry)) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    Result<std::string> text = ReadFile(entry->path().string(), most_bytes);
    if (!text) return text.error();
    bytes += text->size();
    if (found.size() == most_files || bytes > most_bytes) {
      return BadInput(folder, bounds, "what a server only reads goes into a folder of read_only");
    }
    found[entry->path().lexically_relative(folder).string()] = std::move(*text);
  }
  if (error) return BadInput(folder, "cannot be listed: " + error.message());
  return found;
}

}  // namespace

Result<McpDescription> ReadMcpDescription(const YamlView& view, const std::string& folder) {
  return Reader(view, folder).Read();
}

Result<std::map<std::string, std::string>> ReadSeedFiles(const std::string& folder) {
  const std::string seeds = folder + "/files";
  std::error_code ignored;
  if (!fs::exists(seeds, ignored)) return std::map<std::string, std::string>();
  auto found = ReadFiles(seeds, kMostSeeds, kMostSeedBytes,
                         [](const fs::directory_entry&) { return false; });
  if (!found) return found.error();
  for (const auto& [path, text] : *found) {
    if (IsUtf8(text) && IsUtf8(path)) continue;
    return BadInput(ForTerminal(seeds + "/" + path), "not UTF-8 text",
                    "what a server only reads goes into a folder of read_only");
  }
  return found;
}

Result<std::string> DigestOfFolder(const McpDescription& description) {
  const std::set<std::string> apart(description.readable.begin() + 1, description.readable.end());
  const auto files = ReadFiles(description.folder, kMostFiles, kMostFileBytes,
                               [&apart](const fs::directory_entry& entry) {
                                 const std::string name = entry.path().filename().string();
                                 return name.front() == '.' || name == "__pycache__" ||
                                        apart.contains(entry.path().string());
                               });
  if (!files) return files.error();
  std::string digests;
  for (const auto& [path, text] : *files) digests += Sha256(path) + Sha256(text);
  return Sha256(digests);
}

}  // namespace axiometer
