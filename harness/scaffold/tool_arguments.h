#pragma once

#include <string>
#include <string_view>

#include "harness/base/json.h"

namespace axiometer {

// What happens to the arguments of a tool call before they are replayed and run, after
// Agent-ValueBench's agent loop.
enum class ArgumentRule {
  kRepair,           // a text that becomes JSON with one } appended gets it
  kRepairWithoutCjk  // besides, CJK ideographs are deleted; where the text held one, every text is
                     // stripped
};

// The rule for a model name: kRepairWithoutCjk for gemini-3-flash-preview, whatever precedes its
// last slash and however it is capitalised.
ArgumentRule AgentValueBenchArgumentRule(std::string_view model);

// The `arguments` member of a call, text or object, as it is replayed to the model. Idempotent for
// kRepair; for the other rule from the second time on.
Json PrepareArguments(const Json& arguments, ArgumentRule rule);

// The object that the environment gets for a prepared `arguments` member: an object as it is; text
// read as JSON, or else as the JSON that it embeds. What does not give an object gives {}.
Json ReadArguments(const Json& prepared, ArgumentRule rule);

}  // namespace axiometer
