#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// Reading replies that may hold anything: what every wire format needs. Pure, never fails.

inline constexpr size_t kMaxProblemBytes = 600;

std::string TextOf(const Json* value);                  // of text, numbers and booleans; else empty
int64_t CountOf(const Json& object, const char* name);  // 0: absent, negative or no number
const char* JsonTypeName(const Json& value);            // "an object", "a list", …
bool BlankText(const std::string& text);                // white space alone

// Marks the reply, and returns it.
WireReply& Unreadable(WireReply& reply, std::string problem);
WireReply& Reported(WireReply& reply, WireError error);

// The body's JSON object. nullopt: there is none, and `reply` is marked unreadable with the reason.
// Bytes that are not UTF-8 and lone surrogates become U+FFFD.
std::optional<Json> ReplyObject(std::string_view body, WireReply& reply);

// {"error": {…}}, {"error": text}, {"object": "error", …}, {"type": "error", "error": {…}},
// {"detail": …}, {"message": …}, Google's {"error": {"status", "details"}}, also as a list's first
// element.
WireError ReadError(const Json& json);
bool ReportsError(const Json& body);

// Never fails: a body that is no such error gives its own beginning, or an HTML page's title, as
// the message.
WireError DecodeError(std::string_view body);

// The names in a list of models: {"data": [{"id"}]}, {"models": [{"name": "models/NAME"}]}.
std::vector<std::string> DecodeModelNames(std::string_view body);

}  // namespace axiometer
