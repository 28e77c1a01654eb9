#include "reports/plain_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace axiometer {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Takes one character from the front of `text`; kReplacement for a byte that starts none.
char32_t TakeCharacter(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  char32_t character = first;
  if (length > 1) {
    character = first & (0x7F >> length);
    for (size_t i = 1; i < length; ++i) {
      if (i >= text.size() || (byte(i) & 0xC0) != 0x80) {
        text.remove_prefix(1);
        return kReplacement;
      }
      character = character << 6 | (byte(i) & 0x3F);
    }
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool bad = length == 0 || character < kSmallest[length] || character > 0x10FFFF ||
                   (character >= 0xD800 && character <= 0xDFFF);
  text.remove_prefix(bad ? 1 : length);
  return bad ? kReplacement : character;
}

void Append(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool IsDirectionMark(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

char32_t Shown(char32_t c) {
  if (c < 0x20) return 0x2400 + c;
  if (c == 0x7F) return 0x2421;
  if ((c >= 0x80 && c <= 0x9F) || IsDirectionMark(c) || c == 0x2028 || c == 0x2029 ||
      c == 0xFEFF || (c & 0xFFFE) == 0xFFFE) {
    return kReplacement;
  }
  return c;
}

using Range = std::pair<char32_t, char32_t>;

// Unicode's East Asian Width W and F, by block, and the emoji that terminals draw wide.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x26C4, 0x26C5},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x274C, 0x274C},   {0x2753, 0x2755},
    {0x2795, 0x2797},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
    {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};
constexpr Range kNoWidth[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                              {0x064B, 0x065F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},
                              {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF},
                              {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};

template <size_t n>
bool In(char32_t c, const Range (&ranges)[n]) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return range.first <= c && c <= range.second; });
}

int Width(char32_t c) {
  if (c < 0x300) return 1;
  return In(c, kNoWidth) ? 0 : In(c, kWide) ? 2 : 1;
}

}  // namespace

std::string Harmless(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  while (!text.empty()) {
    char32_t c = TakeCharacter(text);
    if (c == '\r' && !text.empty() && text[0] == '\n') continue;
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!lines && blank) {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    Append(lines && (c == '\n' || c == '\t') ? c : Shown(c), out);
  }
  return out;
}

std::string HtmlText(std::string_view text, bool lines) {
  const std::string plain = Harmless(text, lines);
  std::string out;
  out.reserve(plain.size() + plain.size() / 16);
  for (const char c : plain) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += Width(TakeCharacter(text));
  return width;
}

std::string Shortened(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string out;
  int used = 0;
  while (!text.empty()) {
    const char32_t c = TakeCharacter(text);
    if (used + Width(c) > width - 1) break;
    used += Width(c);
    Append(c, out);
  }
  if (width > 0) out += "…";
  return out;
}

std::string PadRight(std::string_view text, int width) {
  std::string out = Shortened(text, width);
  out.append(std::max(0, width - DisplayWidth(out)), ' ');
  return out;
}

std::string PadLeft(std::string_view text, int width) {
  const std::string shortened = Shortened(text, width);
  std::string out(std::max(0, width - DisplayWidth(shortened)), ' ');
  out += shortened;
  return out;
}

std::string Wrapped(std::string_view text, int width) {
  std::string out;
  int used = 0;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    if (used > 0 && used + 1 + DisplayWidth(word) > width) {
      out += '\n';
      used = 0;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    while (!word.empty()) {
      const char32_t c = TakeCharacter(word);
      if (used + Width(c) > width) {
        out += '\n';
        used = 0;
      }
      used += Width(c);
      Append(c, out);
    }
  }
  return out;
}

std::string Excerpt(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string out(text.substr(0, end));
  out += "…";
  return out;
}

std::string Fixed(double number, int digits) {
  char buffer[400];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, digits).ptr;
  std::string text(buffer, end);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string Grouped(long long number) {
  std::string text = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace axiometer
