#pragma once

#include <string>
#include <string_view>

namespace axiometer {

// `word` as a POSIX shell reads it back: as it is where every character is plain, else in single
// quotes.
std::string ShellWord(std::string_view word);

}  // namespace axiometer
