#include "harness/base/json_members.h"

#include <algorithm>
#include <cstddef>

namespace axiometer {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
    ++at;
  return at;
}

// Behind the string that begins at `at`; kNone: it does not end.
size_t SkipString(std::string_view text, size_t at) {
  while ((at = text.find('"', at + 1)) != kNone) {
    size_t before = at;
    while (text[before - 1] == '\\') --before;  // no further than to the quote at the beginning
    if ((at - before) % 2 == 0) return at + 1;
  }
  return kNone;
}

// Behind the value that begins at `at`; kNone: it does not end.
size_t SkipValue(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = SkipString(text, at);
        if (at == kNone) return kNone;
        break;
      case '{':
      case '[':
        ++depth;
        ++at;
        break;
      case '}':
      case ']':
        if (depth == 0) return at;  // of the object around it
        --depth;
        ++at;
        break;
      case ',':
        if (depth == 0) return at;
        ++at;
        continue;
      default:
        ++at;
        continue;
    }
    if (depth == 0) return at;
  }
  return kNone;
}

}  // namespace

std::string OnlyMembers(std::string_view text, std::span<const std::string_view> keys) {
  size_t at = SkipSpace(text, 0);
  if (at >= text.size() || text[at] != '{') return "";
  std::string out = "{";
  at = SkipSpace(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    const size_t key = at;
    at = SkipString(text, at);
    if (at == kNone) return "";
    const std::string_view name = text.substr(key + 1, at - key - 2);
    at = SkipSpace(text, at);
    if (at >= text.size() || text[at] != ':') return "";
    const size_t value = SkipSpace(text, at + 1);
    at = SkipValue(text, value);
    if (at == kNone || at == value) return "";
    if (std::ranges::find(keys, name) != keys.end()) {
      if (out.size() > 1) out += ',';
      out += text.substr(key, at - key);
    }
    at = SkipSpace(text, at);
    if (at >= text.size() || text[at] != ',') break;
    at = SkipSpace(text, at + 1);
  }
  if (at >= text.size() || text[at] != '}' || SkipSpace(text, at + 1) != text.size()) return "";
  return out + '}';
}

}  // namespace axiometer
