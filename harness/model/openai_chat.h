#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// The chat-completions wire format: https://platform.openai.com/docs/api-reference/chat. Pure.
//
// A request's body is ChatHead + the encoded conversation + ChatTail; only the last two grow or
// change from turn to turn, and the conversation is never encoded twice. Members come in the order
// model, messages, tools, tool_choice, temperature, max_tokens, parallel_tool_calls, n, seed, stop,
// top_p, reasoning_effort, logprobs, top_logprobs, response_format, then the extra ones; absent settings
// are not sent.

std::string ChatHead(const std::string& model);

// Appends the messages that `bytes` lacks and keeps `digest` up to date. An assistant message with
// `raw` is replayed byte for byte. Messages that are in already must not have changed.
void AppendMessages(const std::vector<Message>& messages, EncodedConversation& encoded);

// `extra`: further members, name to value; a value that is JSON is sent as such, other text as a
// string.
std::string ChatTail(const Request& request, const std::map<std::string, std::string>& extra = {});

// Reads the body of a reply with HTTP status 200. Bytes that are not UTF-8 and lone surrogates
// become U+FFFD; at most 100 nested containers.
WireReply DecodeChat(std::string_view body, int wanted_choices = 1);

// Any endpoint that speaks chat completions: POST base_url/chat/completions, the key as a bearer
// token. The spec's arguments are further members of the body; stream=true asks for a stream of events,
// which is read at its end (openai_stream.h).
std::unique_ptr<WireFormat> MakeOpenAiChat(const ModelSpec& spec);

// Reads one assistant message object. Returns what is wrong with it, or nothing; the role is filled
// in where it is missing. Log-probabilities beside the content (as the store and replay files hold
// them) become Message::logprobs.
std::string DecodeChatMessage(const Json& json, Message& message);

}  // namespace axiometer
