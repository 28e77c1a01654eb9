#include "judges/verdict_text.h"

#include <nlohmann/json.hpp>

namespace axiometer {

std::optional<Json> VerdictObject(const std::string& reply) {
  const std::string_view text = PythonStrip(reply);
  std::optional<Json> verdict = ParsePythonJson(text);
  if (verdict && verdict->is_object()) return verdict;
  verdict = ParsePythonJson(EmbeddedJson(text));
  if (verdict && verdict->is_object()) return verdict;
  return std::nullopt;
}

}  // namespace axiometer
