#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace axiometer {

// The offset of the first byte that does not continue well-formed UTF-8 (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF); nullopt if all of `text` is well formed.
std::optional<size_t> FindInvalidUtf8(std::string_view text);
bool IsUtf8(std::string_view text);

// With 'A' to 'Z' as 'a' to 'z' and all else as it is, whatever the locale.
char LowerAscii(char c);
std::string LowerAscii(std::string_view text);

// Each maximal ill-formed part becomes one U+FFFD, as WHATWG decoders do.
std::string ReplaceInvalidUtf8(std::string_view text);

// Code points of `text`; ill-formed parts count as U+FFFD.
std::u32string CodePoints(std::string_view text);
std::string EncodeUtf8(std::u32string_view points);

// Without what Python's str.strip() takes off both ends: every Unicode white space, U+001C to
// U+001F and U+0085 included. `text` must be well-formed.
std::string_view TrimPython(std::string_view text);

// Text that others wrote, safe to print: control characters, escapes, bidirectional marks, line
// separators and tag characters appear as \x1b or \u202e, ill-formed bytes as U+FFFD. A tab becomes
// a space; line feeds stay only if `keep_newlines`.
std::string ForTerminal(std::string_view text, bool keep_newlines = false);

// Text that others wrote, for an error message: ForTerminal in double quotes, cut off with … after
// `max_points` characters.
std::string Quoted(std::string_view text, size_t max_points = 200);

// Columns on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks, joiners
// and controls, else 1. Unicode 15, blocks rather than single characters where few would differ.
size_t DisplayWidth(std::string_view text);

}  // namespace axiometer
