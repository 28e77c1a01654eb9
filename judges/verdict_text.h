#pragma once

#include <optional>
#include <string>

#include "harness/base/json.h"
#include "harness/base/python_json.h"

namespace axiometer {

// The JSON object in a judge's reply: the whole reply; else its first fenced block, or without one
// what stands from the first { to the last }. nullopt if that is no object.
std::optional<Json> VerdictObject(const std::string& reply);

}  // namespace axiometer
