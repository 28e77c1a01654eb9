#pragma once

#include <memory>

#include "harness/model/wire_format.h"

namespace axiometer {

// Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages, version 2023-06-01.
// POST base_url/v1/messages, the key in x-api-key.
//
// System messages that open the conversation are the `system` member; a later one is told as the
// user. Tool results and user messages up to the next reply are one user message, as the API wants
// it for parallel calls. A reply is sent back with its blocks as they came, thinking and signatures
// included.
//
// max_tokens, which the API demands, is kAnthropicMaxTokens where it is absent. reasoning_effort is
// output_config.effort. There are no seed, n and log-probabilities, and no JSON mode:
// response_format json_object is left to the prompt, json_schema becomes output_config.format.
//
// In requests with tools the tools and the last block are marked for the prompt cache. The argument
// `cache_control` says otherwise: off, 5m (marks every request), 1h (likewise, for an hour). Others
// are further members of the body, such as thinking={"type":"adaptive"}.
//
// The argument stream=true asks for a stream of events, which is read at its end
// (anthropic_stream.h).
//
// A reply that stopped with "refusal" is one, whatever text it began with: the endpoint cut it off.
// Usage: input_tokens here include what was read from and written to the cache.
std::unique_ptr<WireFormat> MakeAnthropicMessages(const ModelSpec& spec);

inline constexpr int kAnthropicMaxTokens = 8192;

}  // namespace axiometer
