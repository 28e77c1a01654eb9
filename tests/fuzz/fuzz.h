#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/base/utf8.h"

// One target: libFuzzer's entry, which a program without libFuzzer calls with each seed
// (seeds_main.cc). Whatever the bytes are, no exception leaves it and no property named in it fails.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace axiometer {

// Ends the process as a crash would, with the property that does not hold.
inline void Require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n", property);
  std::abort();
}

// Problems are for people: they say something, and not a whole file.
inline void RequireReadable(std::string_view problem) {
  Require(!problem.empty(), "a problem has a text");
  if (problem.size() > 4000) std::fprintf(stderr, "%zu bytes: %.400s\n", problem.size(), problem.data());
  Require(problem.size() <= 4000, "a problem is short");
}
inline void RequireReadable(const Error& error) {
  Require(!error.what.empty(), "an error says what is wrong");
  RequireReadable(error.ToString());
}

// The bytes of an input. What has several readers takes the first byte for the choice: Choose(4) gives
// 0 to 3, of a digit its value, and leaves the rest.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : text_(reinterpret_cast<const char*>(data), size) {}

  size_t Choose(size_t count) {
    if (text_.empty()) return 0;
    const auto choice = static_cast<unsigned char>(text_.front() - '0');
    text_.remove_prefix(1);
    return choice % count;
  }
  // What precedes the first `mark`, which is left out; all of it where there is none.
  std::string_view Until(char mark) {
    const size_t end = text_.find(mark);
    const std::string_view part = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    return part;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace axiometer
