#pragma once

#include <string>

#include "harness/record/message.h"

namespace axiometer {

// The assistant message that `raw` holds: one object in the chat-completions form, as endpoints
// send it. `raw` is kept, but for log-probabilities, which become a field of their own; what cannot
// be read of it stays empty.
Message ReadAssistantMessage(const std::string& raw);

// The same form for a message that came without one (a script's); one line. Fields that are empty
// are left out, so that what is read back equals `message`.
std::string WriteAssistantMessage(const Message& message);

}  // namespace axiometer
