#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace axiometer {

// A time in UTC as `format` of strftime says, to the second; at most 63 bytes. `wall_ms`: since 1970.
std::string UtcTime(int64_t wall_ms, const char* format);

// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT", the one form of an HTTP date that is still generated (RFC 9110,
// section 5.6.7).
std::optional<int64_t> HttpDate(const std::string& text);

}  // namespace axiometer
