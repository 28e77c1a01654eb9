#include "harness/base/utc.h"

#include <ctime>

namespace axiometer {

std::string UtcTime(int64_t wall_ms, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, format, &parts));
}

std::optional<int64_t> HttpDate(const std::string& text) {
  std::tm time = {};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&time);
}

}  // namespace axiometer
