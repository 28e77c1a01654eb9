#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "tasks/dvmap.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

// Where the repository keeps its splits.
constexpr const char* kFolders[] = {"", "DVMap_Corpus", "Demographic_Value_Alignment/DVMap_Corpus",
                                    "Triple-Generalization_Evaluation_Benchmark"};
constexpr const char* kSystemModule = "Triple-Generalization_Evaluation_Benchmark/eval_api_parallel.py";
constexpr const char* kEndings[] = {".parquet", ".jsonl", ".arrow"};

// The module of the checkout that `path` lies in.
std::string SystemModule(const fs::path& path) {
  fs::path folder = path;
  for (int up = 0; up < 5 && !folder.empty(); ++up) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / kSystemModule, ignored)) return (folder / kSystemModule).string();
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return "";
}

// The shards that state.json names, in its order.
Result<std::vector<std::string>> Shards(const fs::path& folder) {
  const std::string state = (folder / "state.json").string();
  Result<std::string> text = ReadFile(state, 1u << 20);
  if (!text) return std::move(text).error();
  const Result<Json> json = ParseJson(*text, state);
  if (!json) return json.error();
  const auto files = json->is_object() ? json->find("_data_files") : json->end();
  if (!json->is_object() || files == json->end() || !files->is_array() || files->empty()) {
    return BadInput(state, "names no \"_data_files\"");
  }
  std::vector<std::string> shards;
  for (const Json& file : *files) {
    const auto name = file.is_object() ? file.find("filename") : file.end();
    if (!file.is_object() || name == file.end() || !name->is_string()) {
      return BadInput(state, "_data_files[" + std::to_string(shards.size()) + "]: expected an object with \"filename\"");
    }
    const std::string shard = name->get<std::string>();
    if (shard.empty() || fs::path(shard).filename() != shard) {
      return BadInput(state, "_data_files[" + std::to_string(shards.size()) + "]: " + Quoted(shard) +
                                 " is no name of a file in this folder");
    }
    const fs::path path = folder / shard;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
      return BadInput(state, "names " + Quoted(shard) + ", which is not in the folder", kDvmapPublished);
    }
    shards.push_back(path.string());
  }
  return shards;
}

struct Candidate {
  std::string split;
  fs::path path;  // a file, or a folder with a state.json
};

// Every split in the places where one can be.
std::vector<Candidate> Candidates(const fs::path& root) {
  std::vector<Candidate> found;
  for (const char* place : kFolders) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(*place ? root / place : root, error)) {
      entries.push_back(entry.path());
    }
    std::sort(entries.begin(), entries.end());
    for (const fs::path& path : entries) {
      const std::string ending = path.extension().string();
      const bool known = std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
      if (fs::is_directory(path, error) && fs::is_regular_file(path / "state.json", error)) {
        found.push_back({path.filename().string(), path});
      } else if (known && fs::is_regular_file(path, error)) {
        found.push_back({path.stem().string(), path});
      }
    }
  }
  return found;
}

Result<DvmapFiles> Open(const std::string& split, const fs::path& path) {
  DvmapFiles files;
  files.split = split;
  if (fs::is_directory(path)) {
    Result<std::vector<std::string>> shards = Shards(path);
    if (!shards) return std::move(shards).error();
    files.files = std::move(*shards);
  } else {
    files.files = {path.string()};
  }
  files.system_module = SystemModule(path);
  return files;
}

}  // namespace

Result<DvmapFiles> FindDvmap(const std::string& path, const std::string& split) {
  const fs::path root = fs::absolute(path).lexically_normal();
  std::error_code error;
  const bool folder = fs::is_directory(root, error);
  if (!folder && !fs::is_regular_file(root, error)) return UsageError(path, "no such file or folder", kDvmapPublished);
  const bool shards = folder && fs::is_regular_file(root / "state.json", error);
  if (!folder || shards) {
    const fs::path named = root.filename().empty() ? root.parent_path() : root;
    std::string own = folder ? named.filename().string() : root.stem().string();
    if (!split.empty() && LowerAscii(split) != LowerAscii(own)) {
      return UsageError("-T split", "--data names one split, " + Quoted(own) + ", not " + Quoted(split));
    }
    return Open(own, named);
  }
  const std::vector<Candidate> candidates = Candidates(root);
  if (candidates.empty()) {
    return BadInput(root.string(), "no split of DVMap: no .parquet or .jsonl file and no folder with a state.json", kDvmapPublished);
  }
  if (split.empty() && candidates.size() == 1) return Open(candidates[0].split, candidates[0].path);
  const std::string wanted = split.empty() ? "test" : split;
  for (const Candidate& candidate : candidates) {
    if (LowerAscii(candidate.split) == LowerAscii(wanted)) return Open(candidate.split, candidate.path);
  }
  std::vector<std::string> names;
  std::string listed;
  for (const Candidate& candidate : candidates) {
    names.push_back(candidate.split);
    listed += (listed.empty() ? "" : ", ") + candidate.split;
  }
  for (const char* published : {"train", "dev", "test"}) {
    if (LowerAscii(wanted) == published) {
      return BadInput(root.string(), "no " + std::string(published) + ".parquet; there are " + listed, kDvmapPublished);
    }
  }
  return UsageError("-T split", "no split " + Quoted(wanted) + " below " + root.string(),
                    DidYouMean(wanted, names, "there are " + listed));
}

}  // namespace axiometer
