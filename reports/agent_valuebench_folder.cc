#include "reports/agent_valuebench_folder.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr std::pair<const char*, const char*> kFolders[] = {{"trajectory", "_traj.json"},
                                                            {"judge_result", "_result.json"},
                                                            {"choice_llm", "_choice_llm.json"}};
constexpr const char* kFiles[] = {"case_value_adherence_details.json",
                                  "system_value_adherence_summary.json",
                                  "value_priority_bradley_terry.json"};

// The first entry of `folder` that no export puts there; empty if there is none.
std::string Stranger(const fs::path& folder, const std::string& ending) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("case_") || !name.ends_with(ending)) return name;
  }
  return "";
}

Result<void> Move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  if (!error && fs::exists(from)) fs::rename(from, to, error);
  if (error) return Failed(to.string(), error.message());
  return {};
}

}  // namespace

ValueBenchFolder::ValueBenchFolder(std::string directory, bool made)
    : directory_(std::move(directory)),
      unfinished_((fs::path(directory_) / ".unfinished").string()),
      made_(made) {}

ValueBenchFolder::ValueBenchFolder(ValueBenchFolder&& other) noexcept
    : directory_(std::move(other.directory_)),
      unfinished_(std::exchange(other.unfinished_, "")),
      made_(std::exchange(other.made_, false)) {}

ValueBenchFolder::~ValueBenchFolder() {
  std::error_code ignored;
  if (!unfinished_.empty()) fs::remove_all(unfinished_, ignored);
  if (made_) fs::remove(directory_, ignored);  // only if it is empty
}

Result<ValueBenchFolder> ValueBenchFolder::Prepare(const std::string& directory) {
  std::error_code error;
  if (fs::exists(directory, error) && !fs::is_directory(directory, error)) {
    return UsageError("-o", Quoted(directory) + " is no folder", "name a new one");
  }
  for (const auto& [folder, ending] : kFolders) {
    const fs::path place = fs::path(directory) / folder;
    if (fs::exists(place, error) && !fs::is_directory(place, error)) {
      return UsageError("-o", Quoted(place.string()) + " is there and no folder", "name a new folder");
    }
    if (const std::string stranger = Stranger(place, ending); !stranger.empty()) {
      return UsageError("-o",
                        Quoted(place.string()) + " holds " + Quoted(stranger) +
                            ", which is not of an export and would be lost",
                        "name a new folder");
    }
  }
  const bool made = fs::create_directories(directory, error);
  if (error) return Failed(directory, error.message(), "name another folder with -o");
  ValueBenchFolder prepared(directory, made);
  fs::remove_all(prepared.unfinished_, error);  // of an export that was killed
  if (!error) fs::create_directory(prepared.unfinished_, error);
  if (error) return Failed(prepared.unfinished_, error.message(), "name another folder with -o");
  return prepared;
}

Result<void> ValueBenchFolder::Keep() {
  const fs::path from = unfinished_;
  const fs::path to = directory_;
  for (const auto& [folder, ending] : kFolders) {
    if (Result<void> moved = Move(from / folder, to / folder); !moved) return moved;
  }
  for (const char* file : kFiles) {
    if (Result<void> moved = Move(from / file, to / file); !moved) return moved;
  }
  made_ = false;
  return {};
}

}  // namespace axiometer
