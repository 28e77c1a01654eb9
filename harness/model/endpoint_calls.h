#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/io/gate.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/model.h"
#include "harness/model/retry.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// What goes with every request to an endpoint and must not reach anything else.
struct EndpointSecrets {
  std::string key;      // empty: the wire format sends none
  HttpHeaders headers;  // --model-header: behind the format's own, in place of those of equal names
};

// One reply of the endpoint, read.
struct ReadTry {
  bool usable = false;
  WireReply wire;    // of a reply with status 2xx
  FailedTry failed;  // !usable
  std::string problem;
};

// How one endpoint's model is asked, whatever carries the requests: their bytes and digests, what
// is known without asking, and what a reply says. The secrets live in this object alone: they go
// into headers and are taken out of everything that the endpoint says.
class EndpointCalls {
 public:
  // `spec` has a base URL (see CompleteEndpoint). `cache` may be null. All references outlive it.
  EndpointCalls(const ModelSpec& spec, std::unique_ptr<WireFormat> format, Loop& loop,
                HttpTransport& http, CallCache* cache, EndpointSecrets secrets);

  const ModelSpec& spec() const { return spec_; }
  const WireFormat& format() const { return *format_; }
  // Null: neither given nor wanted (ModelSpec::cache).
  CallCache* cache() const { return cache_; }
  // SHA-256 of what all requests of this model to this endpoint have in common.
  std::string identity() const;

  // The body of the request; fills `reply.request_digest`. nullopt: `reply` is the answer already,
  // a stored one or the refusal of a setting that the provider does not have.
  std::optional<std::string> Begin(const Request& request, Reply& reply) const;

  // The headers, time and size of a request to the endpoint.
  void AddHeaders(HttpRequest& http, int64_t timeout_ms) const;

  // Takes the secrets out of `answer` first. `wall_ms`: now, for what the endpoint says about
  // waiting.
  ReadTry Read(HttpReply& answer, int wanted_choices, int64_t wall_ms) const;

  void Accept(ReadTry read, Reply& reply) const;  // a usable one
  void Cancelled(Reply& reply) const;
  // The cost of what was counted, at `share` of the model's prices.
  void Price(Reply& reply, double share = 1) const;

  // The error of a failed call, for people; bounded, without secrets.
  std::string Describe(const std::string& problem, int tries) const;
  // That of a call which is not tried again: with what can be done about it. Where the endpoint
  // does not know the model, it is asked once which ones there are.
  Async<std::string> DescribeFinal(const ReadTry& read, int tries);

  // `text` without the key and headers of at least so many bytes.
  std::string WithoutSecrets(std::string text, size_t min_bytes = 0) const;

 private:
  std::string Encode(const Request& request, std::string& digest) const;
  void AddIdentity(Sha256Stream& digest) const;
  Async<std::string> NearestModel();
  std::string NearestOf(const std::vector<std::string>& names) const;

  const ModelSpec spec_;
  const std::unique_ptr<WireFormat> format_;
  HttpTransport& http_;
  CallCache* const cache_;
  const EndpointSecrets secrets_;
  Gate models_gate_;
  std::optional<std::string> nearest_model_;  // absent: not asked yet
};

}  // namespace axiometer
