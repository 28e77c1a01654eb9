#pragma once

#include "harness/base/json.h"

namespace axiometer {

// Lays `upper` over `lower`: objects merge member by member, anything else replaces. Keys of `lower`
// keep their places, new ones follow in the order of `upper`.
void DeepMerge(Json& lower, const Json& upper);

}  // namespace axiometer
