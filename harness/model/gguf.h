#pragma once

#include <cstdint>
#include <string>

#include "harness/base/result.h"

namespace axiometer {

// What the head of a GGUF file says of the model (versions 2 and 3, little-endian, as the format's
// description in ggml has them).
struct GgufFacts {
  std::string name;            // general.name; empty: not given
  std::string architecture;    // general.architecture
  int64_t context_length = 0;  // tokens it was trained on; 0: not given
  bool has_chat_template = false;
  bool template_knows_tools =
      false;  // the template mentions them: where it does not, servers drop tools silently
  std::string
      file_digest;  // SHA-256 over the size, the first MiB, and 64 blocks of 64 KiB spread evenly
};

// Errors: no file, no GGUF, cut short, a later part of a model in several files; each names `path`.
Result<GgufFacts> ReadGguf(const std::string& path);

}  // namespace axiometer
