#pragma once

#include <cmath>
#include <cstdint>
#include <string>

namespace axiometer {

// Replies as bytes, as an endpoint of the chat-completions kind writes them.

inline std::string Framed(int status, const std::string& body,
                          const char* type = "application/json", const std::string& more = "") {
  std::string bytes;
  bytes.reserve(body.size() + more.size() + 120);
  bytes += "HTTP/1.1 " + std::to_string(status) + " Mock\r\nContent-Type: " + type + "\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  bytes += body;
  return bytes;
}

inline std::string Problem(const std::string& message, const std::string& type,
                           const std::string& code) {
  return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type +
         "\",\"param\":null,\"code\":\"" + code + "\"}}";
}

inline std::string TooMany(double wait_s) {
  return Framed(
      429, Problem("Rate limit reached", "requests", "rate_limit_exceeded"), "application/json",
      "Retry-After: " + std::to_string(static_cast<int64_t>(std::ceil(wait_s))) +
          "\r\nretry-after-ms: " + std::to_string(static_cast<int64_t>(std::ceil(wait_s * 1000))) +
          "\r\n");
}

}  // namespace axiometer
