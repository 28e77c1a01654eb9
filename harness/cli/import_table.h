#pragma once

#include "harness/base/result.h"
#include "harness/cli/options.h"

namespace axiometer {

// `import csv|jsonl FILE --suite DIR`: each row of a table becomes a task of kind choice or survey
// in a new suite. All rows are checked before anything is written, and the folder appears as a
// whole. An error names line, row and column. Refuses a folder that is not empty; with --replace a
// suite made of task files alone is replaced.
Result<int> ImportTable(const ImportOptions& options);

}  // namespace axiometer
