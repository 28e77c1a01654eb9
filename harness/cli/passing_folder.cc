#include "harness/cli/passing_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace axiometer {

Result<std::unique_ptr<PassingFolder>> PassingFolder::Make() {
  namespace fs = std::filesystem;
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "axiometer-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) {
    return Failed(name, std::string("cannot be made: ") + std::strerror(errno), "set TMPDIR to a folder that can be written");
  }
  return std::unique_ptr<PassingFolder>(new PassingFolder(std::move(name)));
}

PassingFolder::~PassingFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace axiometer
