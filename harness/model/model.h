#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/result.h"
#include "harness/io/task.h"
#include "harness/record/message.h"
#include "harness/record/run_spec.h"
#include "harness/record/usage.h"

namespace axiometer {

// The conversation as one endpoint wants it, encoded once: each call appends only what is new.
// One a conversation and model, which fills it; empty at the start of an attempt.
struct EncodedConversation {
  std::string bytes;
  size_t messages = 0;  // how many of the request's messages are in `bytes`
  Sha256Stream digest;  // of the endpoint, what precedes the messages, and `bytes`
};

struct Request {
  const std::vector<Message>* messages = nullptr;  // the whole conversation; outlives the call
  EncodedConversation* encoded = nullptr;          // of these messages; null: encode afresh
  std::string tools;  // JSON array of function tools in the chat-completions form; empty: none
  std::string response_format;  // JSON object; empty: none
  Generation generation;
  std::string tool_choice;  // "auto", "required", "none"; empty: not sent. Only with tools
  // Who asks: for replay, scripted models, the cache and messages to people.
  std::string task;
  int epoch = 1;
  int step = 1;      // assistant turn, or try of a judge, from 1
  int priority = 0;  // among waiting requests the highest goes first
  // Asked each time before it is sent; false: it is not, and the reply is `unsent`. Null: always.
  std::function<bool()> admitted;
};

enum class CallStatus {
  kOk,
  kRefused,      // a content filter refused the request, or the reply is a refusal (WireReply::Status)
  kError,        // final error, or retries exhausted
  kRateLimited,  // retries exhausted on rate limits
  kTimeout,      // retries exhausted on deadlines
  kQuota,        // the account's quota or balance is used up: no later call can succeed
  kAuth,         // the key is missing, wrong or not allowed: no later call can succeed
  kCancelled,
};

const char* CallStatusName(CallStatus status);

struct Reply {
  CallStatus status = CallStatus::kError;
  bool unsent = false;        // kCancelled, since Request::admitted said no
  Message message;            // kOk; kRefused: as received, if there was one
  std::string finish_reason;  // as the endpoint named it
  int choices = 0;  // in the reply; kOk has one, or as many as Generation::n asked for (the first)
  Usage usage;      // of all tries that were counted by the endpoint
  std::string error;        // otherwise: what happened, for people; bounded, holds no key
  int http_status = 0;      // of the last try; 0: no HTTP reply
  int tries = 0;            // requests sent; 0 for a cached reply
  int64_t duration_us = 0;  // of the last try
  int64_t waited_us = 0;    // for a slot, pauses and between tries
  // SHA-256 of the endpoint, the names of further headers, the request's bytes, `step` (a judge that
  // asks the same again wants another answer) and ModelSpec::cache_scope. Empty: not cacheable.
  std::string request_digest;
  std::string response_id;
  std::string response_model;  // what the endpoint says it is
  bool cached = false;  // answered by the cache: `usage` was paid for when it was stored
};

// The replies of earlier calls.
class CallCache {
 public:
  virtual ~CallCache() = default;
  // The stored kOk reply of this digest and epoch, or null. Quick: called on the loop.
  virtual std::unique_ptr<Reply> Find(const std::string& request_digest, int epoch) = 0;
};

// Why an endpoint keeps requests waiting, for the progress display.
struct EndpointState {
  int in_flight = 0;
  int waiting = 0;
  int limit = 0;              // requests allowed in flight now
  int64_t paused_for_ms = 0;  // rate limited: until all may go on
  int64_t rate_limited = 0;   // replies so far that said so
  int64_t retries = 0;
  std::string last_error;
};

// A language model behind an endpoint, a file or a script.
class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelSpec& spec() const = 0;
  // Starts what it needs besides an endpoint, before the first request; may be called again.
  virtual Async<Result<void>> Prepare() {
    Result<void> nothing_to_start;
    co_return nothing_to_start;
  }
  // Waits for a slot, asks, retries. Never throws. `request` outlives the task.
  virtual Async<Reply> Generate(const Request& request) = 0;
  virtual EndpointState state() const { return {}; }
  // Whatever Generate returned so far is on disk.
  virtual void RepliesStored() {}
  // Whether a reply may take a day, and what is asked meanwhile goes into the same batch.
  virtual bool asks_in_batches() const { return false; }
};

}  // namespace axiometer
