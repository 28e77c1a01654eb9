#pragma once

#include <memory>

#include "harness/model/wire_format.h"

namespace axiometer {

// OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses. POST
// base_url/responses, the key as a bearer token.
//
// Nothing is kept at the endpoint (store: false): each request has the whole conversation, with the
// items of each reply as they came, reasoning items and their encrypted content included. That
// content is asked for except of models that have none and refuse the question (gpt-3…, gpt-4…,
// chatgpt-…); the argument `include` says otherwise.
//
// Tools are not strict unless they say so, as in chat completions. There are no seed, stop texts
// and n. Log-probabilities come with the text and become Message::logprobs; they are not sent back.
// finish_reason is the status (completed), or why the reply is incomplete (max_output_tokens,
// content_filter). The spec's arguments are further members of the body, laid into what is there:
// reasoning={"summary":"auto"} leaves the effort. stream=true asks for a stream of events, which is
// read at its end (openai_responses_stream.h).
std::unique_ptr<WireFormat> MakeOpenAiResponses(const ModelSpec& spec);

}  // namespace axiometer
