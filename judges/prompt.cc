#include "judges/prompt.h"

#include "harness/base/placeholders.h"

namespace axiometer {
Result<void> CheckPlaceholders(const std::string& prompt) {
  std::map<std::string, int> counts{{"ITEMS", 0}, {"TRANSCRIPT", 0}, {"MARK", 0}};
  std::string unknown;
  for (const std::string& name : PlaceholdersIn(prompt)) {
    if (!counts.contains(name) && unknown.empty()) unknown = name;
    ++counts[name];
  }
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
