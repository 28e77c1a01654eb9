#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// What the wire formats that are not chat completions have in common. Pure.
//
// Message::raw is the message in the chat-completions form, and its `reasoning_details`, which no
// judge is shown, end on {"type": "FORMAT.items", "items": […]}: what the provider sent, as it sent
// it. From there the next request has thinking blocks with their signatures, encrypted reasoning
// and the like.

// One reply, taken apart.
struct SaidParts {
  std::string text;
  std::string reasoning;
  std::string refusal;
  std::vector<ToolCall> calls;  // arguments as JSON text
  Json* items = nullptr;        // a list, moved from; null: none
};

// The assistant message of `parts`, with everything but log-probabilities.
Message MessageOf(SaidParts parts, const char* format);

// The provider's own items of an assistant message. nullopt: none of this format, since another
// provider said it, or we did.
std::optional<Json> ProviderItems(const Message& message, std::string_view format);

// A call's arguments as an object; of anything else, {}.
Json ArgumentsObject(const ToolCall& call);

// Adds members of `arguments` (JSON, or else text) to a body: objects are laid into objects,
// anything else replaces what is there.
void AddMembers(const std::map<std::string, std::string>& arguments, Json& body);

// A JSON object's members, to be appended to others: `,"a":1}`; of an empty one `}`.
std::string FurtherMembers(const Json& object);

// The tools of a request, converted when they change: requests of a run mostly have the same.
class ConvertedTools {
 public:
  // `convert` gets the chat-completions list.
  const std::string& Of(const std::string& tools, Json (*convert)(const Json& tools)) const;

 private:
  mutable std::string tools_;
  mutable std::string converted_;
};

}  // namespace axiometer
