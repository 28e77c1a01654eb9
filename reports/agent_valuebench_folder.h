#pragma once

#include <string>

#include "harness/base/result.h"
#include "reports/export.h"

namespace axiometer {

// The folder of an agent-valuebench export: whole or untouched. The benchmark's scripts read every file
// below it, so what an earlier export left must go; whatever else is there stays.
class ValueBenchFolder {
 public:
  // A usage error if what would be replaced does not look like an earlier export.
  static Result<ValueBenchFolder> Prepare(const std::string& directory);
  ValueBenchFolder(ValueBenchFolder&& other) noexcept;
  ~ValueBenchFolder();  // not kept: nothing was done

  FileSink sink() const { return WriteBelow(unfinished_); }
  // Puts what was written in the place of the earlier export.
  Result<void> Keep();

 private:
  ValueBenchFolder(std::string directory, bool made);

  std::string directory_;
  std::string unfinished_;  // within it; empty: nothing to clear away
  bool made_ = false;       // the folder was not there before
};

}  // namespace axiometer
