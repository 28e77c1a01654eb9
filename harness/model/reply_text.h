#pragma once

#include <string>
#include <string_view>

namespace axiometer {

// One line of at most about `max_bytes`, cut between characters with a note of the full size:
// white space and control characters become single spaces, bytes that are not UTF-8 U+FFFD.
std::string OneLine(std::string_view text, size_t max_bytes);

// JSON text with half characters made whole: bytes that are not UTF-8 become U+FFFD, escapes of
// lone surrogates \ufffd. Servers cut a model's bytes and UTF-16 units where a token ends; Python's
// reader lets that pass, ours would refuse the whole reply.
std::string WithWholeCharacters(std::string_view json);

// `text` with every occurrence of `key` replaced. Keys of fewer than 4 characters are no secrets
// and stay: "-", "x" and the like are what people give to servers that want none.
std::string WithoutKey(std::string text, std::string_view key);

}  // namespace axiometer
