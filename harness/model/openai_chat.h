#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/model/model.h"

namespace axiometer {

// The chat-completions wire format: https://platform.openai.com/docs/api-reference/chat. Pure.
//
// A request's body is ChatHead + the encoded conversation + ChatTail; only the last two grow or
// change from turn to turn, and the conversation is never encoded twice. Members come in the order
// model, messages, tools, tool_choice, temperature, max_tokens, parallel_tool_calls, n, seed, stop,
// top_p, reasoning_effort, logprobs, top_logprobs, response_format, then the extra ones; absent settings are not sent.

std::string ChatHead(const std::string& model);

// Appends the messages that `bytes` lacks and keeps `digest` up to date. An assistant message with
// `raw` is replayed byte for byte. Messages that are in already must not have changed.
void AppendMessages(const std::vector<Message>& messages, EncodedConversation& encoded);

// `extra`: further members, name to value; a value that is JSON is sent as such, other text as a
// string.
std::string ChatTail(const Request& request, const std::map<std::string, std::string>& extra = {});

// What an endpoint says went wrong, in whatever form: {"error": {…}}, {"error": text},
// {"object": "error", …}, {"detail": …}, {"message": …}. Empty parts were not given.
struct ChatError {
  std::string message;
  std::string code;
  std::string type;
  int status = 0;         // HTTP status that the body names; 0: none
  bool reported = false;  // the body is JSON: the endpoint's own report
};

// Never fails: a body that is no such error gives its own beginning, or an HTML page's title, as
// the message.
ChatError DecodeChatError(std::string_view body);

struct ChatReply {
  enum class Status {
    kMessage,       // `message` holds what the model said
    kRefusal,       // a refusal and neither text nor tool calls
    kErrorReport,   // the endpoint reports an error, with HTTP 200; see `error`
    kUnreadable,    // not a chat completion: another try may be
    kWrongChoices,  // none, or more than `wanted_choices`: the endpoint's last word
  };
  Status status = Status::kUnreadable;
  std::string problem;  // all but kMessage: what is wrong, for people; bounded
  ChatError error;      // kErrorReport
  Message message;      // kMessage, kRefusal; of the first choice
  std::string finish_reason;
  int choices = 0;
  Usage usage;  // as far as it was given, whatever the status; without cost
  std::string id;
  std::string model;
};

// Reads the body of a reply with HTTP status 200. Bytes that are not UTF-8 and lone surrogates
// become U+FFFD; at most 100 nested containers.
ChatReply DecodeChat(std::string_view body, int wanted_choices = 1);

// Reads one assistant message object. Returns what is wrong with it, or nothing; the role is filled
// in where it is missing. Log-probabilities beside the content (as the store and replay files hold
// them) become Message::logprobs.
std::string DecodeChatMessage(const Json& json, Message& message);

}  // namespace axiometer
