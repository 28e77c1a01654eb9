#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "environments/host.h"
#include "harness/base/result.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// Where the errors of RunConfined that are the script's own lie.
inline constexpr char kConfinedScript[] = "confined script";

// Runs the Python text `script` in a sandbox of its own, confined as an environment is: it can open
// its interpreter's library and what is below `read_only_directories` (which it finds under the
// same absolute paths), reads `input` from its standard input and has what it prints returned. For
// asking a user's checkout for what only its own code can tell. An exception of the script, more
// output than `max_output_bytes` (UTF-8) or the deadline is an error that says so. The first time,
// `loop` is blocked for about a tenth of a second while the kind of sandbox is chosen.
Async<Result<std::string>> RunConfined(Loop& loop, const HostOptions& options, std::string script,
                                       std::vector<std::string> read_only_directories,
                                       std::string input, size_t max_output_bytes,
                                       int64_t deadline_ms);

}  // namespace axiometer
