#pragma once

#include <string>
#include <vector>

namespace axiometer {

enum class Role { kSystem, kUser, kAssistant, kTool };

const char* RoleName(Role role);  // "system", "user", "assistant", "tool"

// One call as the model wrote it. `arguments` is its argument text, unparsed; an endpoint that
// sends an object instead of text gets that object's JSON, and `arguments_were_object`.
struct ToolCall {
  std::string id;    // empty if the endpoint gave none
  std::string name;  // as received, not trimmed
  std::string arguments;
  bool arguments_were_object = false;
};

// One message of a conversation.
struct Message {
  Role role = Role::kUser;
  std::string text;                  // content as text; parts of a list joined
  std::vector<ToolCall> tool_calls;  // assistant only
  std::string reasoning;             // assistant only: what the endpoint gave beside the content
  std::string tool_call_id;          // tool only
  std::string tool_name;             // tool only
  // Assistant only: the message object as the endpoint sent it, one line of JSON with every field in
  // its order. What is replayed to the endpoint and shown to a judge; empty for messages that we made.
  std::string raw;
  // Assistant only: the log-probabilities beside the message, one JSON object as the endpoint sent
  // it ({"content": [{"token", "logprob", "top_logprobs"}, …]}); empty where none came. Not in `raw`.
  std::string logprobs;
  bool as_parts = false;  // ours: `text` is sent as a list of one text part, as some protocols do
};

// What is stored and exported of an assistant message: `raw`, with `logprobs` as its last member.
std::string RawWithLogprobs(const Message& message);

}  // namespace axiometer
