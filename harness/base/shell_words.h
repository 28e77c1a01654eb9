#pragma once

#include <span>
#include <string>
#include <string_view>

namespace axiometer {

// `word` as a POSIX shell reads it back: as it is where every character is plain, else in single
// quotes.
std::string ShellWord(std::string_view word);

// A command line without these options: "--name value" and "--name=value" of those `with_value`, "--name" of the others.
// Words in quotes are one, and stay as they are written.
std::string WithoutOptions(std::string_view command, std::span<const std::string_view> with_value,
                           std::span<const std::string_view> alone = {});

}  // namespace axiometer
