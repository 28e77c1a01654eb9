#pragma once

#include <string_view>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// OpenAI's Responses as a stream of events (event_stream.h):
// https://platform.openai.com/docs/api-reference/responses-streaming.
//
// The response as the API gives it in one piece, which the last event has (response.completed,
// .incomplete, .failed, .cancelled). Where that one has no output, as some servers leave it, the
// items that response.output_item.done gave stand in its place, by their index. Deltas say nothing
// that those do not.
//
// An error event becomes the error report that it is. `reply` is marked, and what is returned is as
// much as came, where the stream ends before such an event (cut off), or is no such stream
// (unreadable).
Json FoldResponseStream(std::string_view body, WireReply& reply);

}  // namespace axiometer
