#pragma once

#include <string_view>

#include "harness/model/wire_format.h"

namespace axiometer {

// Chat completions as a stream of events (event_stream.h): chat.completion.chunk objects up to
// `data: [DONE]` (https://platform.openai.com/docs/api-reference/chat-streaming).

// What the stream says as DecodeChat would read it in one piece. Deltas of text, reasoning, refusal
// and arguments are joined, calls by their index. A stream that ends without a finish reason and
// without [DONE] was cut off, whatever it said until then; an error in it is an error report.
WireReply DecodeChatStream(std::string_view body);

}  // namespace axiometer
