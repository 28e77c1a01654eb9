#pragma once

#include <cstdint>
#include <string>

namespace axiometer {

// `blocks` times 258 zeros as a gzip stream: deflate's fixed code for "258 bytes from one back",
// over and over, which is 13 bits each (RFC 1951, 3.2.6).
inline std::string ZerosInGzip(int blocks) {
  std::string bytes("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  uint32_t bits = 0;
  int count = 0;
  const auto put = [&](const char* code) {
    for (; *code != 0; ++code) {
      bits |= static_cast<uint32_t>(*code - '0') << count;
      if (++count < 8) continue;
      bytes += static_cast<char>(bits);
      bits = 0;
      count = 0;
    }
  };
  put("110");       // last block, fixed codes
  put("00110000");  // the literal zero
  for (int i = 0; i < blocks; ++i) put("1100010100000");
  put("00000000");
  return bytes;
}

}  // namespace axiometer
