#include "harness/base/placeholders.h"

#include <functional>

namespace axiometer {
namespace {

// Calls `on_text` for the stretches between places and `on_name` for the names.
void Walk(std::string_view text, const std::function<void(std::string_view)>& on_text,
          const std::function<void(std::string_view)>& on_name) {
  while (true) {
    const size_t open = text.find("{{");
    if (open == std::string_view::npos) break;
    size_t end = open + 2;
    while (end < text.size() && ((text[end] >= 'A' && text[end] <= 'Z') || text[end] == '_')) ++end;
    if (end == open + 2 || text.substr(end, 2) != "}}") {  // braces of the text's own
      on_text(text.substr(0, open + 2));
      text.remove_prefix(open + 2);
      continue;
    }
    on_text(text.substr(0, open));
    on_name(text.substr(open + 2, end - open - 2));
    text.remove_prefix(end + 2);
  }
  on_text(text);
}

}  // namespace

std::vector<std::string> PlaceholdersIn(std::string_view text) {
  std::vector<std::string> names;
  Walk(
      text, [](std::string_view) {}, [&](std::string_view name) { names.emplace_back(name); });
  return names;
}

std::string FillPlaceholders(std::string_view text,
                             const std::map<std::string, std::string>& values) {
  std::string filled;
  Walk(
      text, [&](std::string_view between) { filled += between; },
      [&](std::string_view name) {
        const auto value = values.find(std::string(name));
        filled += value == values.end() ? "{{" + std::string(name) + "}}" : value->second;
      });
  return filled;
}

}  // namespace axiometer
