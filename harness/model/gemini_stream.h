#pragma once

#include <string_view>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// Gemini's replies as a stream of events (event_stream.h), each a reply of its own with the next
// parts: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent.
//
// The reply that the stream adds up to, as generateContent gives it in one piece. A text goes on in
// the next part if both are text alone, of the reply or of a thought; a part with a signature or
// anything else stays a part of its own, as the documentation wants it back. Calls come whole.
// Log-probabilities are joined; of all else (usage, finish reason) the last one counts.
//
// An error event becomes the error report that it is. `reply` is marked, and what is returned is as
// much as came, where the stream ends before a finish reason or the reason of a block (cut off), or
// is no such stream (unreadable).
Json FoldCandidateStream(std::string_view body, WireReply& reply);

}  // namespace axiometer
