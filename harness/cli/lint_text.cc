#include "harness/cli/lint_text.h"

#include <nlohmann/json.hpp>

namespace axiometer {

Json WarningsJson(const std::vector<LintWarning>& warnings) {
  Json json = Json::array();
  for (const LintWarning& warning : warnings) {
    json.push_back({{"lint", warning.lint},
                    {"where", warning.where},
                    {"what", warning.what},
                    {"hint", warning.hint}});
  }
  return json;
}

}  // namespace axiometer
