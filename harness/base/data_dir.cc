#include "harness/base/data_dir.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "harness/base/utf8.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

bool HoldsData(const fs::path& directory) {
  std::error_code ignored;
  return fs::is_directory(directory / "tasks" / "suites", ignored);
}

}  // namespace

Result<std::string> DataDir() {
  if (const char* variable = std::getenv("AXIOMETER_DATA"); variable != nullptr && *variable != 0) {
    std::error_code error;
    const fs::path directory = fs::canonical(variable, error);
    if (error || !HoldsData(directory)) {
      return UsageError("AXIOMETER_DATA", Quoted(variable) + " has no tasks/suites",
                        "name the folder that holds tasks, environments and judges, or unset it");
    }
    return directory.string();
  }
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path installed = executable.parent_path().parent_path() / "share" / "axiometer";
    if (HoldsData(installed)) return installed.string();
  }
  if (HoldsData(AXIOMETER_SOURCE_DIR)) return std::string(AXIOMETER_SOURCE_DIR);
  return Failed("data folder", "neither beside the program nor in the source tree",
                "set AXIOMETER_DATA to the folder that holds tasks, environments and judges");
}

std::string Version() { return AXIOMETER_VERSION; }

}  // namespace axiometer
