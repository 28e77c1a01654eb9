#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// Tells when files in some folders are written, renamed or removed; not what happens in folders
// below them.
class FolderWatch {
 public:
  // At most 64 folders. Nothing that happens from now on is missed. `loop` outlives it.
  static Result<std::unique_ptr<FolderWatch>> Open(Loop& loop,
                                                   const std::vector<std::string>& folders);
  ~FolderWatch();

  // Waits for a change, then until nothing has changed for `quiet_ms`, but at most ten times as
  // long: an editor saves in several steps. What changed before the call counts. False: cancelled.
  Async<bool> Changed(Clock& clock, int64_t quiet_ms);

 private:
  struct Impl;
  explicit FolderWatch(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
