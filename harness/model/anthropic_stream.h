#pragma once

#include <string_view>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// Anthropic's Messages as a stream of events (event_stream.h):
// https://platform.claude.com/docs/en/build-with-claude/streaming.
//
// The message that the stream adds up to, as the API gives it in one piece: message_start has all
// but the content, whose blocks begin, grow by deltas and end; message_delta has why it stopped,
// and counts that take the place of those before. Text, thinking and arguments are joined,
// citations listed, and what other deltas have (a signature) is set. Pings and events of other
// names are passed over. Arguments that are no JSON object, which a length stop leaves behind,
// become
// {"INVALID_JSON": text}, as the documentation has it for sending them back.
//
// An error event becomes the error report that it is. `reply` is marked, and what is returned is as
// much as came, where the stream ends before a stop reason came (cut off), or is no such stream
// (unreadable).
Json FoldMessageStream(std::string_view body, WireReply& reply);

}  // namespace axiometer
