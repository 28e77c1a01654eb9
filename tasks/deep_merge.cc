#include "tasks/deep_merge.h"

#include <nlohmann/json.hpp>

namespace axiometer {

void DeepMerge(Json& lower, const Json& upper) {
  for (const auto& [key, value] : upper.items()) {
    const auto found = lower.find(key);
    if (found == lower.end()) {
      lower.emplace(key, Json(value));
    } else if (found->is_object() && value.is_object()) {
      DeepMerge(*found, value);
    } else {
      *found = value;
    }
  }
}

}  // namespace axiometer
