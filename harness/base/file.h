#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace axiometer {

// The whole of a regular file of at most `max_bytes`. The error's place is `path` with line feeds
// and other control characters made visible.
Result<std::string> ReadFile(const std::string& path, size_t max_bytes);

}  // namespace axiometer
