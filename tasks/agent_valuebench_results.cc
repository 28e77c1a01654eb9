#include "tasks/agent_valuebench_results.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr char kNames[] =
    "results are named case_NNNNN_result.json and case_NNNNN_traj.json for the case's file";

bool IsCaseStem(std::string_view stem) {
  constexpr std::string_view kPrefix = "case_";
  if (!stem.starts_with(kPrefix) || stem.size() == kPrefix.size()) return false;
  return stem.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

// "2026-05-01T12:00:00" with anything after it.
int64_t ParseUtc(const std::string& text) {
  std::tm utc{};
  if (text.size() < 19 ||
      strptime(text.substr(0, 19).c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr)
    return 0;
  return std::max<int64_t>(0, static_cast<int64_t>(timegm(&utc)) * 1000);
}

}  // namespace

Result<std::vector<ReleasedFiles>> FindReleasedResults(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(directory, error)) return UsageError(ForTerminal(directory), "no such folder");
  if (!fs::is_directory(directory, error))
    return UsageError(ForTerminal(directory), "not a folder");
  std::vector<fs::path> paths;
  fs::recursive_directory_iterator entries(directory, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (entries->is_directory(error)) {
      if (name.starts_with(".")) entries.disable_recursion_pending();
      continue;
    }
    paths.push_back(entries->path());
  }
  if (error) return BadInput(ForTerminal(directory), "cannot be listed: " + error.message());
  std::sort(paths.begin(), paths.end());

  std::map<std::string, ReleasedFiles> cases;
  for (const fs::path& path : paths) {
    const std::string name = path.filename().string();
    for (const char* ending : {"_result.json", "_traj.json", "_traj.jsonl"}) {
      if (name.starts_with(".") || !name.ends_with(ending)) continue;
      const std::string stem = name.substr(0, name.size() - std::string_view(ending).size());
      if (!IsCaseStem(stem))
        return BadInput(ForTerminal(path.string()), "not named for a case", kNames);
      ReleasedFiles& files = cases[stem];
      files.stem = stem;
      std::string& place = ending[1] == 'r' ? files.result : files.trajectory;
      if (!place.empty()) {
        return BadInput(ForTerminal(path.string()), stem + " has another one, " + Quoted(place),
                        "import a folder with one of them");
      }
      place = path.string();
    }
  }
  if (cases.empty())
    return BadInput(ForTerminal(directory), "holds no result and no trajectory", kNames);
  std::vector<ReleasedFiles> found;
  for (auto& [stem, files] : cases) found.push_back(std::move(files));
  return found;
}

Result<ReleasedResult> ReadReleasedResult(std::string_view text, const std::string& where) {
  const std::optional<Json> file = ParsePythonJson(text);
  if (!file) return BadInput(where, "not valid JSON");
  if (!file->is_object()) return BadInput(where, "expected an object");
  ReleasedResult result;
  const Json name = file->value("case_name", Json());
  if (name.is_string()) result.case_name = name.get<std::string>();
  const Json made = file->value("generated_at_utc", Json());
  if (made.is_string()) result.made_ms = ParseUtc(made.get<std::string>());
  const Json outputs = file->value("judge_outputs", Json());
  if (!outputs.is_array()) return BadInput(where, "judge_outputs: expected a list");
  if (outputs.empty()) return BadInput(where, "judge_outputs: no judge's verdict");
  std::set<std::string> models;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string place = "judge_outputs[" + std::to_string(i) + "]";
    if (!outputs[i].is_object()) return BadInput(where, place + ": expected an object");
    const Json judgment = outputs[i].value("judgment", Json());
    if (!judgment.is_object()) return BadInput(where, place + ".judgment: expected an object");
    const Json model = outputs[i].value("model", Json());
    if (!model.is_null() && !model.is_string())
      return BadInput(where, place + ".model: expected text");
    const std::string of = model.is_string() && !model.empty() ? model.get<std::string>() : "";
    if (!models.insert(of).second) {
      return BadInput(
          where, place + ": a second verdict of " + (of.empty() ? "an unnamed judge" : Quoted(of)));
    }
    result.verdicts.push_back({of.empty() ? "unnamed" : of, DumpJsonAsPython(judgment)});
  }
  return result;
}

}  // namespace axiometer
