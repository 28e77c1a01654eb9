#include "judges/prompt.h"

#include <functional>

namespace axiometer {
namespace {

// Calls `text` for the stretches between placeholders and `name` for the names in between.
void Walk(const std::string& prompt, const std::function<void(const std::string&)>& text,
          const std::function<void(const std::string&)>& name) {
  size_t at = 0;
  while (true) {
    const size_t open = prompt.find("{{", at);
    if (open == std::string::npos) break;
    size_t end = open + 2;
    while (end < prompt.size() && prompt[end] >= 'A' && prompt[end] <= 'Z') ++end;
    if (end == open + 2 || prompt.compare(end, 2, "}}") != 0) {  // braces of the text's own
      text(prompt.substr(at, open + 2 - at));
      at = open + 2;
      continue;
    }
    text(prompt.substr(at, open - at));
    name(prompt.substr(open + 2, end - open - 2));
    at = end + 2;
  }
  text(prompt.substr(at));
}

}  // namespace

Result<void> CheckPlaceholders(const std::string& prompt) {
  std::map<std::string, int> counts{{"ITEMS", 0}, {"TRANSCRIPT", 0}, {"MARK", 0}};
  std::string unknown;
  Walk(
      prompt, [](const std::string&) {},
      [&](const std::string& name) {
        if (!counts.contains(name) && unknown.empty()) unknown = name;
        ++counts[name];
      });
  if (!unknown.empty()) {
    return BadInput("judge prompt", "unknown placeholder {{" + unknown + "}}",
                    "it may hold {{ITEMS}}, {{TRANSCRIPT}} and {{MARK}}");
  }
  for (const char* name : {"ITEMS", "TRANSCRIPT"}) {
    if (counts[name] == 1) continue;
    return BadInput("judge prompt", "expected {{" + std::string(name) + "}} once, found it " +
                                        std::to_string(counts[name]) + " times");
  }
  if (counts["MARK"] == 0) {
    return BadInput("judge prompt", "{{MARK}} is missing",
                    "tell the judge that every event begins with =={{MARK}}==");
  }
  return {};
}

std::string FillPlaceholders(const std::string& prompt,
                             const std::map<std::string, std::string>& values) {
  std::string filled;
  Walk(
      prompt, [&](const std::string& text) { filled += text; },
      [&](const std::string& name) { filled += values.at(name); });
  return filled;
}

Result<std::string> FormatAsPython(const std::string& format,
                                   const std::map<std::string, std::string>& fields) {
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c != '{' && c != '}') {
      out += c;
      continue;
    }
    if (i + 1 < format.size() && format[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    const size_t close = c == '{' ? format.find_first_of("{}", i + 1) : std::string::npos;
    if (close == std::string::npos || format[close] == '{') {
      return BadInput("judge prompt", "a single \"" + std::string(1, c) + "\" at byte " +
                                          std::to_string(i) + " of the format string");
    }
    const std::string name = format.substr(i + 1, close - i - 1);
    const auto field = fields.find(name);
    if (field == fields.end()) {
      return BadInput("judge prompt", "unknown field \"{" + name + "}\" in the format string");
    }
    out += field->second;
    i = close;
  }
  return out;
}

}  // namespace axiometer
