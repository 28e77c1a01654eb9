#pragma once

#include <memory>

#include "harness/model/wire_format.h"

namespace axiometer {

// Google's Gemini API: https://ai.google.dev/api/generate-content. POST
// base_url/v1beta/models/NAME:generateContent, the key in x-goog-api-key.
//
// System messages that open the conversation are the systemInstruction; a later one is told as the
// user. Tool results and user messages up to the next reply are one content, as the API wants it
// for parallel calls. A result that is a JSON object is sent as such, anything else as {"result":
// text}. A reply is sent back with its parts as they came, thought signatures included. Calls
// without an id get one that the response's id and their place make, which the endpoint never sees.
//
// reasoning_effort is thinkingConfig.thinkingLevel. Calls in parallel cannot be switched off. Tools
// and schemas are sent as JSON Schema (parametersJsonSchema, responseJsonSchema). The spec's
// arguments are further members of the body, laid into what is there:
// generationConfig={"thinkingConfig":{"thinkingBudget":0}} leaves the temperature. stream=true asks
// :streamGenerateContent?alt=sse for a stream of events, which is read at its end
// (gemini_stream.h).
//
// A prompt that was blocked, or a reply that a filter ended (SAFETY, PROHIBITED_CONTENT, …), is a
// refusal. Output tokens here include those of thoughts.
std::unique_ptr<WireFormat> MakeGeminiGenerate(const ModelSpec& spec);

}  // namespace axiometer
