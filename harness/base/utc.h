#pragma once

#include <cstdint>
#include <string>

namespace axiometer {

// A time in UTC as `format` of strftime says, to the second; at most 63 bytes. `wall_ms`: since 1970.
std::string UtcTime(int64_t wall_ms, const char* format);

}  // namespace axiometer
