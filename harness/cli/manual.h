#pragma once

#include <string>

#include "harness/base/result.h"

namespace CLI {
class App;
}

namespace axiometer {

// Made of the very options that are parsed, so that they cannot fall behind.

// The manual page axiometer(1), in man(7) macros.
std::string ManualPage(const CLI::App& app);

// A script for "bash", "zsh" or "fish" that completes verbs, options and, where an option takes one
// of a few words, those; anything else is a file. Another shell: a usage error.
Result<std::string> CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace axiometer
