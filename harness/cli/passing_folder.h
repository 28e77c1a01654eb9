#pragma once

#include <memory>
#include <string>
#include <utility>

#include "harness/base/result.h"

namespace axiometer {

// A folder for a store that nobody keeps; gone with it.
class PassingFolder {
 public:
  static Result<std::unique_ptr<PassingFolder>> Make();
  ~PassingFolder();
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit PassingFolder(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

}  // namespace axiometer
