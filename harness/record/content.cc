#include "harness/record/content.h"

#include <nlohmann/json.hpp>

namespace axiometer {

std::string ContentText(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    if (part.is_string()) text += part.get_ref<const std::string&>();
    if (!part.is_object()) continue;
    for (const char* key : {"text", "content"}) {
      const auto member = part.find(key);
      if (member == part.end() || !member->is_string()) continue;
      text += member->get_ref<const std::string&>();
      break;
    }
  }
  return text;
}

}  // namespace axiometer
