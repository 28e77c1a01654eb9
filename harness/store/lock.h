#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"

namespace axiometer {

// The right to write to a store: a lock on `<db>.lock`, which holds the process id for messages.
// The kernel releases it when the process ends, however it ends: a file left behind is no obstacle.
class StoreLock {
 public:
  // Fails if another holder is alive, in this process or another: with its process id.
  static Result<StoreLock> Take(const std::string& db_path);
  // The process that holds it now; 0 if it has not said yet; nullopt if nobody does.
  static std::optional<int> Holder(const std::string& db_path);

  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  ~StoreLock();  // removes the file

 private:
  StoreLock(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
};

}  // namespace axiometer
