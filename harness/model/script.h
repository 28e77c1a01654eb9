#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/model/model.h"

namespace axiometer {

// One assistant turn of a scripted model: a tool call, or the final text.
struct ScriptStep {
  std::string tool;       // empty: `say` is the final text
  std::string arguments;  // JSON object
  std::string say;        // text beside the call, or the final text
};

struct Script {
  std::vector<ScriptStep> steps;  // turn by turn
  std::vector<ScriptStep> one_of;  // if not empty, the one turn is any of these, drawn at even odds
};

// What the named persona ("a", "b", "idle", "gold", "random", …) plays for this request: its task's
// oracle, or, for a scripted judge, a verdict made of the request's messages. "random" gets a script
// only where there are answers to draw from; otherwise it walks. The error says why there is none.
using ScriptSource =
    std::function<Result<Script>(const std::string& persona, const Request& request)>;

}  // namespace axiometer
