#pragma once

#include <string_view>

#include "harness/model/wire_format.h"

namespace axiometer {

// Chat completions as a stream of server-sent events, for endpoints that give nothing else: `data:`
// lines of chat.completion.chunk objects up to `data: [DONE]`
// (https://platform.openai.com/docs/api-reference/chat-streaming, https://html.spec.whatwg.org,
// section 9.2). The body is read when it is complete; nothing is shown while it comes. Pure.

// Whether the body is such a stream, asked for or not.
bool IsEventStream(std::string_view body);

// What the stream says as DecodeChat would read it in one piece. Deltas of text, reasoning, refusal
// and arguments are joined, calls by their index. A stream that ends without a finish reason and
// without [DONE] was cut off and is unreadable, whatever it said until then; an error in it is an
// error report.
WireReply DecodeChatStream(std::string_view body);

}  // namespace axiometer
