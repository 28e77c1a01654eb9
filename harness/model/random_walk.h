#pragma once

#include <cstdint>
#include <string>

#include "harness/model/model.h"
#include "harness/model/script.h"

namespace axiometer {

// The next turn of a subject without any leaning: 1 to 8 random calls of the request's tools, then
// a short text. Arguments follow the tools' schemas; identifiers come from what earlier tool
// results and the task's text mention, so that calls reach real entries. A function of `seed`, the
// task, the epoch and the conversation alone.
ScriptStep RandomStep(const Request& request, uint64_t seed);

// One of `answers`, which are not empty, at even odds: a function of `seed`, the task and the epoch.
const ScriptStep& RandomAnswer(const Request& request, uint64_t seed, const std::vector<ScriptStep>& answers);

}  // namespace axiometer
