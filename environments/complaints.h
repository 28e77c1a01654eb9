#pragma once

#include <string>

#include "harness/io/line_channel.h"
#include "harness/io/task.h"

namespace axiometer {

// What a sandbox that did not come up wrote to its standard error before it ended, within a few
// seconds and 20 lines; "it ended without a word" if nothing.
Async<std::string> Complaints(LineChannel& channel);

}  // namespace axiometer
