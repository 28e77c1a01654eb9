#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/json.h"
#include "harness/record/trajectory.h"
#include "harness/record/usage.h"

// A trajectory as Inspect AI's log has it (inspect_ai.model: ChatMessage, ModelOutput, ModelUsage). Pure.
namespace axiometer::inspect {

// The id of the message that was event `event`: "event-3". Judges cite events, so their scores can point at messages.
std::string MessageId(int event);

// A system or user message of ours.
Json PromptMessage(const Message& message, const std::string& id, bool is_input);

struct Conversation {
  Json input = Json::array();     // what came before the first reply
  Json messages = Json::array();  // all of it
  Json output = Json::object();   // the last reply, why it stopped, and the usage of all of them
};
// Arguments of calls are parsed; what is no JSON object is {} with a `parse_error`. A tool result whose call the reply
// does not name (a log made elsewhere) adds the call to that reply. `model`: PROVIDER/NAME.
Conversation ConversationOf(const Trajectory& trajectory, const std::string& model);

// Inspect counts cached input apart from `input_tokens`, and all of it in `total_tokens`.
Json UsageJson(const Usage& usage);

}  // namespace axiometer::inspect
