#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace axiometer {

// Finds the parts of a JSON text without building it: the mock endpoint reads requests of hundreds
// of kilobytes and needs three of their members. Text that is not JSON yields nothing or nonsense,
// never a read out of bounds.
inline size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r'))
    ++at;
  return at;
}

// The place after the string that begins with the quotation mark at `at`. Looks for quotation marks
// alone (memchr) and then counts the backslashes before: contents are long and escapes are few.
inline size_t SkipString(std::string_view text, size_t at) {
  const size_t begin = at + 1;
  for (size_t end = text.find('"', begin); end != std::string_view::npos;
       end = text.find('"', end + 1)) {
    size_t backslashes = 0;
    while (end - backslashes > begin && text[end - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return end + 1;
  }
  return text.size();
}

// The place after the value that begins at `at`.
inline size_t SkipValue(std::string_view text, size_t at) {
  size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = SkipString(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
      continue;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0) {
      while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' &&
             text[at] != ' ' && text[at] != '\n' && text[at] != '\r' && text[at] != '\t') {
        ++at;
      }
      return at;
    } else {
      ++at;
      continue;
    }
    if (depth == 0) return at;
  }
  return text.size();
}

// Calls visit(name as written, value's text) for every member of the object.
template <class Visit>
void ForEachMember(std::string_view object, Visit visit) {
  size_t at = SkipSpace(object, 0);
  if (at >= object.size() || object[at] != '{') return;
  ++at;
  for (;;) {
    at = SkipSpace(object, at);
    if (at >= object.size() || object[at] != '"') return;
    const size_t name_end = SkipString(object, at);
    if (name_end < at + 2) return;
    const std::string_view name = object.substr(at + 1, name_end - at - 2);
    at = SkipSpace(object, name_end);
    if (at >= object.size() || object[at] != ':') return;
    at = SkipSpace(object, at + 1);
    const size_t end = SkipValue(object, at);
    visit(name, object.substr(at, end - at));
    at = SkipSpace(object, end);
    if (at >= object.size() || object[at] != ',') return;
    ++at;
  }
}

template <class Visit>
void ForEachElement(std::string_view array, Visit visit) {
  size_t at = SkipSpace(array, 0);
  if (at >= array.size() || array[at] != '[') return;
  ++at;
  for (;;) {
    at = SkipSpace(array, at);
    if (at >= array.size() || array[at] == ']') return;
    const size_t end = SkipValue(array, at);
    visit(array.substr(at, end - at));
    at = SkipSpace(array, end);
    if (at >= array.size() || array[at] != ',') return;
    ++at;
  }
}

}  // namespace axiometer
