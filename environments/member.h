#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/json.h"

namespace axiometer {

// Members of what a confined process says, which may be of any type; `otherwise` for another or none.
inline std::string TextMember(const Json& object, const char* name, std::string otherwise = "") {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : otherwise;
}

inline int64_t IntegerMember(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_number_integer() ? member->get<int64_t>() : 0;
}

}  // namespace axiometer
