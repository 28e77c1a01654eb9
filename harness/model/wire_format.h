#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/model/model.h"
#include "harness/model/retry.h"

namespace axiometer {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// What an endpoint says went wrong, in whatever form (see DecodeError). Empty parts were not given.
struct WireError {
  std::string message;
  std::string code;
  std::string type;
  int status = 0;                         // HTTP status that the body names; 0: none
  bool reported = false;                  // the body is JSON: the endpoint's own report
  std::optional<int64_t> retry_after_ms;  // that the body names
};

struct WireReply {
  enum class Status {
    kMessage,      // `message` holds what the model said
    kRefusal,      // a refusal and neither text nor tool calls, or a reply that a filter broke off
    kErrorReport,  // the endpoint reports an error, with HTTP 200; see `error`
    kUnreadable,   // not a reply of this format: another try may be
    kCutOff,       // a stream that ended before the reply did: as a connection closed in the middle
    kWrongChoices,  // none, or more than `wanted_choices`: the endpoint's last word
  };
  Status status = Status::kUnreadable;
  std::string problem;  // all but kMessage: what is wrong, for people; bounded
  WireError error;      // kErrorReport
  // kMessage, kRefusal; of the first choice. `raw` is the message in the chat-completions form,
  // whatever the format: what scaffolds, judges, the store and exports read. A format of another
  // form keeps what it must send back in `reasoning_details`, as provider_items.h says.
  Message message;
  std::string finish_reason;
  int choices = 0;
  Usage usage;  // as far as it was given, whatever the status; without cost
  std::string id;
  std::string model;
};

// How one provider's endpoints are spoken to: everything of a call that is not waiting, trying
// again, caching and counting (endpoint_model.h). Pure, and without state beyond what it was made
// with.
//
// A request's body is head + the encoded conversation + tail. Only the last two grow or change from
// turn to turn, and the conversation is never encoded twice: after any number of Appends the bytes
// are those of one Append of all messages.
class WireFormat {
 public:
  virtual ~WireFormat() = default;
  virtual const std::string& url() const = 0;         // of POST
  // What tells this endpoint from others, to the cache.
  virtual const std::string& identity() const { return url(); }
  virtual const std::string& models_url() const = 0;  // of GET: the models that there are
  // The key (empty: none) and what else the provider wants besides the content type.
  virtual HttpHeaders Headers(const std::string& key) const = 0;
  virtual const std::string& head() const = 0;
  // Appends the messages that `encoded` lacks and keeps its digest up to date. Messages that are in
  // already must not have changed.
  virtual void Append(const std::vector<Message>& messages, EncodedConversation& encoded) const = 0;
  virtual std::string Tail(const Request& request) const = 0;
  // Of a reply with status 2xx. Never fails; at most 100 nested containers.
  virtual WireReply Decode(std::string_view body, int wanted_choices) const = 0;
  // The option of the first setting that the provider does not have ("--seed"); empty: it has all.
  // Nothing that is asked for is left out in silence.
  virtual std::string Lacks(const Generation& generation) const = 0;
  // What the user can do about a final failure of this kind; empty: nothing that the format knows of.
  virtual std::string Advice(const FailedTry&) const { return ""; }
};

// A URL with `path` behind its own, before its query: http://h/v1?a=b with "/models" is
// http://h/v1/models?a=b.
std::string UrlWithPath(const std::string& base_url, std::string_view path);

}  // namespace axiometer
