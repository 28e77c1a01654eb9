#include "harness/model/reply_text.h"

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

// The value of `\uXXXX` at `at`, or -1.
int EscapedUnit(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

}  // namespace

std::string WithWholeCharacters(std::string_view json) {
  const std::string text = ReplaceInvalidUtf8(json);
  const std::string_view view = text;
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    const int unit = EscapedUnit(view, i);
    const bool high = unit >= 0xD800 && unit <= 0xDBFF;
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    const int next = high ? EscapedUnit(view, i + 6) : -1;
    if (high && next >= 0xDC00 && next <= 0xDFFF) {
      out += view.substr(i, 12);
      i += 12;
    } else if (high || low) {
      out += "\\ufffd";
      i += 6;
    } else {
      out += view.substr(i, 2);  // so that the second backslash of \\ begins nothing
      i += 2;
    }
  }
  return out;
}

std::string OneLine(std::string_view text, size_t max_bytes) {
  std::string out;
  bool space = false;
  size_t i = 0;
  for (; i < text.size() && out.size() <= max_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte <= 0x20 || byte == 0x7F) {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += text[i];
  }
  if (out.size() > max_bytes) {
    size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
    return ReplaceInvalidUtf8(out) + "… (" + std::to_string(text.size()) + " bytes)";
  }
  return ReplaceInvalidUtf8(out);
}

std::string WithoutKey(std::string text, std::string_view key) {
  if (key.size() < 4) return text;
  for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
    text.replace(at, key.size(), "[key]");
    at += 5;
  }
  return text;
}

}  // namespace axiometer
