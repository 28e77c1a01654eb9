#include "harness/base/shell_words.h"

#include <algorithm>
#include <vector>

namespace axiometer {

std::string ShellWord(std::string_view word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=,+@%").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string WithoutOptions(std::string_view command, std::span<const std::string_view> with_value,
                           std::span<const std::string_view> alone) {
  std::vector<std::string> words(1);
  char quote = 0;
  for (const char c : command) {
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    }
    if (c == ' ' && quote == 0) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  const auto is_one_of = [](std::string_view name, std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::string kept;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string name = words[i].substr(0, words[i].find('='));
    if (is_one_of(name, with_value)) {
      if (name == words[i]) ++i;  // and its value
    } else if (!is_one_of(words[i], alone)) {
      kept += (kept.empty() ? "" : " ") + words[i];
    }
  }
  return kept;
}

}  // namespace axiometer
