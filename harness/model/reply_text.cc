#include "harness/model/reply_text.h"

#include <algorithm>

namespace axiometer {
namespace {

// Length of the well-formed UTF-8 sequence at `at`, or 0.
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

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

std::string WithWholeCharacters(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\\') {
      const int unit = EscapedUnit(text, i);
      const bool high = unit >= 0xD800 && unit <= 0xDBFF;
      const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
      const int next = high ? EscapedUnit(text, i + 6) : -1;
      if (high && next >= 0xDC00 && next <= 0xDFFF) {
        out += text.substr(i, 12);
        i += 12;
      } else if (high || low) {
        out += "\\ufffd";
        i += 6;
      } else {
        const size_t length = std::min<size_t>(2, text.size() - i);
        out += text.substr(i, 1);
        // The second byte of an escape may itself be broken: only a backslash or quote is skipped.
        if (length == 2 && (text[i + 1] == '\\' || text[i + 1] == '"')) {
          out += text[i + 1];
          ++i;
        }
        ++i;
      }
      continue;
    }
    const size_t length = SequenceLength(text, i);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
    } else {
      out += text.substr(i, length);
      i += length;
    }
  }
  return out;
}

std::string OneLine(std::string_view text, size_t max_bytes) {
  std::string out;
  bool space = false;
  size_t i = 0;
  while (i < text.size() && out.size() < max_bytes) {
    const size_t length = SequenceLength(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control =
        byte <= 0x20 || byte == 0x7F ||
        (byte == 0xC2 && length == 2 && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    if (control) {
      space = !out.empty();
    } else {
      if (space) out += ' ';
      space = false;
      if (length == 0) {
        out += "\xEF\xBF\xBD";
      } else {
        out += text.substr(i, length);
      }
    }
    i += std::max<size_t>(length, 1);
  }
  if (i < text.size()) out += "… (" + std::to_string(text.size()) + " bytes)";
  return out;
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
