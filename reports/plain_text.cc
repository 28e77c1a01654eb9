#include "reports/plain_text.h"

#include <algorithm>
#include <charconv>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

std::string One(char32_t character) { return EncodeUtf8(std::u32string_view(&character, 1)); }

// Bytes of the beginning of a word, longer than that, that fit into `width` cells; at least one character.
size_t Beginning(std::string_view word, int width) {
  size_t bytes = 0;
  size_t joint = 0;
  int used = 0;
  for (const char32_t point : CodePoints(word)) {
    const std::string character = One(point);
    used += CellsOf(character);
    if (used > width && bytes > 0) break;
    bytes += character.size();
    if (point == U'-' || point == U'/' || point == U'_') joint = bytes;
  }
  return joint > 0 ? joint : bytes;
}

}  // namespace

std::string Harmless(std::string_view text, bool lines) {
  std::string ends_in_line_feeds;  // CR LF as LF
  if (text.find("\r\n") != std::string_view::npos) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i, 2) != "\r\n") ends_in_line_feeds += text[i];
    }
    text = ends_in_line_feeds;
  }
  const std::string shown = ForTerminal(text, true);
  if (lines) return shown;
  std::string out;
  out.reserve(shown.size());
  bool space = false;
  for (const char c : shown) {
    if (c == ' ' || c == '\n') {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

std::string HtmlText(std::string_view text, bool lines) {
  const std::string plain = Harmless(text, lines);
  std::string out;
  out.reserve(plain.size() + plain.size() / 16);
  for (const char c : plain) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

int CellsOf(std::string_view text) { return static_cast<int>(DisplayWidth(text)); }

std::string Shortened(std::string_view text, int width) {
  if (CellsOf(text) <= width) return std::string(text);
  std::string out;
  int used = 0;
  for (const char32_t point : CodePoints(text)) {
    const std::string character = One(point);
    used += CellsOf(character);
    if (used > width - 1) break;
    out += character;
  }
  if (width > 0) out += "…";
  return out;
}

std::string PadRight(std::string_view text, int width) {
  std::string out = Shortened(text, width);
  out.append(std::max(0, width - CellsOf(out)), ' ');
  return out;
}

std::string PadLeft(std::string_view text, int width) {
  const std::string shortened = Shortened(text, width);
  std::string out(std::max(0, width - CellsOf(shortened)), ' ');
  out += shortened;
  return out;
}

std::string Wrapped(std::string_view text, int width) {
  std::string out;
  int used = 0;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    if (used > 0 && used + 1 + CellsOf(word) > width) {
      out += '\n';
      used = 0;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    std::string rest(word);
    while (CellsOf(rest) > width) {
      const size_t end = Beginning(rest, width);
      out.append(rest, 0, end).append("\n");
      rest.erase(0, end);
    }
    used += CellsOf(rest);
    out += rest;
  }
  return out;
}

std::vector<std::string> WrappedLines(std::string_view text, int width) {
  const std::string wrapped = Wrapped(text, width);
  std::vector<std::string> lines;
  for (size_t at = 0; at < wrapped.size();) {
    const size_t end = std::min(wrapped.find('\n', at), wrapped.size());
    lines.push_back(wrapped.substr(at, end - at));
    at = end + 1;
  }
  return lines;
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

std::string WithInterval(const std::optional<double>& value,
                         const std::optional<Interval>& interval, int digits) {
  if (!value) return "–";
  std::string text = Fixed(*value, digits);
  if (interval)
    text += " [" + Fixed(interval->low, digits) + ", " + Fixed(interval->high, digits) + "]";
  return text;
}

std::string Spaced(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string Counted(long long number, const std::string& noun) { return Grouped(number) + " " + noun + (number == 1 ? "" : "s"); }

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
