#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "reports/export.h"

namespace axiometer {
namespace {

// Relative, no empty, "." or ".." part, no NUL.
bool StaysBelow(const std::string& path) {
  if (path.empty() || path[0] == '/' || path.find('\0') != std::string::npos) return false;
  for (const std::filesystem::path& part : std::filesystem::path(path)) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

}  // namespace

FileSink WriteBelow(std::string directory) {
  return [directory = std::move(directory)](const std::string& path,
                                            std::string_view content) -> Result<void> {
    if (!StaysBelow(path)) return Failed(directory, "refusing to write \"" + path + "\"");
    const std::filesystem::path target = std::filesystem::path(directory) / path;
    const std::filesystem::path unfinished = target.string() + ".part";
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    if (error) return Failed(target.parent_path().string(), error.message());
    errno = 0;
    std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    if (!out) {
      const std::string why = errno != 0 ? std::strerror(errno) : "cannot write";
      std::filesystem::remove(unfinished, error);
      return Failed(target.string(), why);
    }
    std::filesystem::rename(unfinished, target, error);
    if (error) return Failed(target.string(), error.message());
    return {};
  };
}

}  // namespace axiometer
