#include "harness/model/endpoint_model.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/io/gate.h"
#include "harness/model/rate_limiter.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"
#include "harness/model/retry.h"

namespace axiometer {
namespace {

constexpr size_t kMaxErrorBytes = 2000;
constexpr size_t kMaxReplyBytes = 8u << 20;
// A shorter key is no secret ("test", "ollama") and may well be a word of the model's text.
constexpr size_t kMinSecretBytes = 16;
constexpr int64_t kConnectTimeoutMs = 30'000;
constexpr int64_t kModelsTimeoutMs = 10'000;

// One reply of the endpoint, read.
struct ReadTry {
  bool usable = false;
  WireReply wire;    // of a reply with status 2xx
  FailedTry failed;  // !usable
  std::string problem;
};

std::string Fingerprint(const HttpReply& reply) {
  if (!reply.ok()) return HttpFailureName(reply.failure);
  return std::to_string(reply.status) + " " + Sha256(reply.body);
}

ReadTry ReadReply(const WireFormat& format, const HttpReply& reply, int wanted_choices,
                  int64_t wall_ms) {
  ReadTry read;
  read.failed.failure = reply.failure;
  read.failed.status = reply.status;
  read.failed.fingerprint = Fingerprint(reply);
  read.failed.retry_after_ms = RetryAfterMs(reply.headers, wall_ms);
  const auto take_error = [&](const WireError& error) {
    read.failed.reported = error.reported;
    read.failed.code = error.code;
    read.failed.type = error.type;
    read.failed.message = error.message;
    if (!read.failed.retry_after_ms) read.failed.retry_after_ms = error.retry_after_ms;
  };
  if (!reply.ok()) {
    read.problem = reply.error.empty() ? HttpFailureName(reply.failure) : reply.error;
    return read;
  }
  if (reply.status < 200 || reply.status > 299) {
    const WireError error = DecodeError(reply.body);
    take_error(error);
    read.problem = "HTTP " + std::to_string(reply.status);
    if (!error.message.empty()) read.problem += ": " + error.message;
    return read;
  }
  read.wire = format.Decode(reply.body, wanted_choices);
  read.problem = read.wire.problem;
  switch (read.wire.status) {
    case WireReply::Status::kMessage:
    case WireReply::Status::kRefusal:
      read.usable = true;
      break;
    case WireReply::Status::kErrorReport:
      take_error(read.wire.error);
      if (read.wire.error.status != 0) read.failed.status = read.wire.error.status;
      break;
    case WireReply::Status::kUnreadable:
      break;
    case WireReply::Status::kWrongChoices:
      read.failed.final = true;
      break;
  }
  return read;
}

// That the endpoint has no model of this name, and not just nothing at this address.
bool UnknownModel(const FailedTry& failed) {
  if (!failed.reported) return false;
  return failed.status == 404 || failed.code == "model_not_found" ||
         failed.message.find("is not a valid model") != std::string::npos;
}

class EndpointModel : public Model {
 public:
  EndpointModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format, Loop& loop, Clock& clock,
                HttpTransport& http, CallCache* cache, EndpointSecrets secrets, uint64_t seed)
      : spec_(spec),
        format_(std::move(format)),
        clock_(clock),
        http_(http),
        cache_(spec.cache ? cache : nullptr),
        secrets_(std::move(secrets)),
        limiter_(loop, clock, spec.max_connections, spec.shards),
        random_(seed),
        models_gate_(loop, 1) {}

  const ModelSpec& spec() const override { return spec_; }

  EndpointState state() const override {
    EndpointState state;
    state.in_flight = limiter_.in_flight();
    state.waiting = limiter_.waiting() + between_tries_;
    state.limit = limiter_.limit();
    state.paused_for_ms = limiter_.paused_for_ms();
    state.rate_limited = rate_limited_;
    state.retries = retries_;
    state.last_error = last_error_;
    return state;
  }

  Async<Reply> Generate(const Request& request) override {
    Reply reply;
    if (const std::string lacking = format_->Lacks(request.generation); !lacking.empty()) {
      reply.error = Describe("the provider has no " + lacking, 0);
      co_return reply;
    }
    HttpRequest http;
    http.body = Encode(request, reply.request_digest);
    if (cache_ != nullptr) {
      if (std::unique_ptr<Reply> known = cache_->Find(reply.request_digest, request.epoch)) {
        known->cached = true;
        known->tries = 0;
        known->request_digest = reply.request_digest;
        co_return std::move(*known);
      }
    }
    http.url = format_->url();
    http.headers.emplace_back("Content-Type", "application/json");
    AddHeaders(http, spec_.timeout_ms);

    const int64_t began_ms = clock_.NowMs();
    int64_t asking_ms = 0;
    std::string previous_fingerprint;
    while (true) {
      const bool admitted = co_await limiter_.Acquire(request.priority);
      if (!admitted) {
        Cancelled(reply);
        break;
      }
      const int64_t asked_ms = clock_.NowMs();
      HttpReply answer = co_await http_.Perform(http);
      asking_ms += clock_.NowMs() - asked_ms;
      ++reply.tries;
      reply.http_status = answer.status;
      reply.duration_us = answer.total_us;
      // Before anything else looks: whoever echoes the key must not get it into the store.
      const bool is_error = answer.status < 200 || answer.status > 299;
      answer.body = WithoutSecrets(std::move(answer.body), is_error ? 0 : kMinSecretBytes);
      ReadTry read = ReadReply(*format_, answer, request.generation.n.value_or(1), clock_.WallMs());
      reply.usage += read.wire.usage;
      if (read.usable) {
        limiter_.Succeeded(answer.headers);
        limiter_.Release();
        Accept(std::move(read), reply);
        break;
      }
      const RetryDecision decision =
          AfterFailure(read.failed, reply.tries, spec_.max_retries, previous_fingerprint, Random());
      if (decision.overloaded) {
        ++rate_limited_;
        limiter_.Overloaded(decision.pause_ms);
      }
      limiter_.Release();
      reply.choices = read.wire.choices;
      reply.error = Describe(read.problem, reply.tries);
      if (decision.status != CallStatus::kCancelled) last_error_ = reply.error;
      if (!decision.retry) {
        reply.status = decision.status;
        if (UnknownModel(read.failed)) {
          const std::string hint = co_await NearestModel();
          if (!hint.empty()) reply.error = Describe(read.problem + ": " + hint, reply.tries);
          last_error_ = reply.error;
        }
        if (const std::string advice = format_->Advice(read.failed); !advice.empty()) {
          reply.error = Describe(read.problem + ": " + advice, reply.tries);
        }
        break;
      }
      previous_fingerprint = std::move(read.failed.fingerprint);
      ++retries_;
      ++between_tries_;
      const bool slept = co_await clock_.Sleep(decision.wait_ms);
      --between_tries_;
      if (!slept) {
        Cancelled(reply);
        break;
      }
    }
    reply.waited_us = (clock_.NowMs() - began_ms - asking_ms) * 1000;
    if (spec_.prices && reply.usage.tokens() > 0) {
      reply.usage.cost_usd = CostUsd(reply.usage, *spec_.prices);
    }
    co_return reply;
  }

 private:
  // The body; fills the digest of endpoint, body and step.
  std::string Encode(const Request& request, std::string& digest) {
    EncodedConversation afresh;
    EncodedConversation& encoded = request.encoded != nullptr ? *request.encoded : afresh;
    if (encoded.messages == 0) {
      encoded.digest.Update(format_->identity());
      encoded.digest.Update("\n");
      // Another header may mean another answer. Its value may be a secret, and a digest of it be guessed.
      for (const auto& [name, value] : secrets_.headers) encoded.digest.Update(name + "\n");
      encoded.digest.Update(format_->head());
    }
    format_->Append(*request.messages, encoded);
    const std::string tail = format_->Tail(request);
    Sha256Stream whole = encoded.digest;
    whole.Update(tail);
    whole.Update("\n");
    whole.Update(std::to_string(request.step));
    if (!spec_.cache_scope.empty()) {
      whole.Update("\n");
      whole.Update(spec_.cache_scope);
    }
    digest = whole.Hex();
    std::string body;
    body.reserve(format_->head().size() + encoded.bytes.size() + tail.size());
    body += format_->head();
    body += encoded.bytes;
    body += tail;
    return body;
  }

  void Accept(ReadTry read, Reply& reply) {
    WireReply& wire = read.wire;
    const bool refused = wire.status == WireReply::Status::kRefusal;
    reply.status = refused ? CallStatus::kRefused : CallStatus::kOk;
    reply.error = refused ? Describe(wire.problem, reply.tries) : "";
    reply.message = std::move(wire.message);
    reply.finish_reason = std::move(wire.finish_reason);
    reply.choices = wire.choices;
    reply.response_id = std::move(wire.id);
    reply.response_model = std::move(wire.model);
  }

  void Cancelled(Reply& reply) const {
    reply.status = CallStatus::kCancelled;
    reply.error = Describe("cancelled", reply.tries);
  }

  std::string Describe(const std::string& problem, int tries) const {
    std::string text = "endpoint \"" + spec_.id() + "\": " + OneLine(problem, kMaxErrorBytes - 500);
    if (tries > 1) text += " (after " + std::to_string(tries) + " tries)";
    return OneLine(WithoutSecrets(std::move(text), 0), kMaxErrorBytes);
  }

  std::string WithoutSecrets(std::string text, size_t min_bytes) const {
    if (secrets_.key.size() >= min_bytes) text = WithoutKey(std::move(text), secrets_.key);
    for (const auto& [name, value] : secrets_.headers) {
      if (value.size() >= min_bytes) text = WithoutKey(std::move(text), value);
    }
    return text;
  }

  void AddHeaders(HttpRequest& http, int64_t timeout_ms) const {
    http.headers.emplace_back("Accept", "application/json");
    for (auto& header : format_->Headers(secrets_.key)) http.headers.push_back(std::move(header));
    for (const auto& [name, value] : secrets_.headers) {
      std::erase_if(http.headers, [&name](const auto& header) {
        return LowerAscii(header.first) == LowerAscii(name);
      });
      http.headers.emplace_back(name, value);
    }
    http.timeout_ms = timeout_ms;
    http.connect_timeout_ms = std::min(timeout_ms, kConnectTimeoutMs);
    http.max_reply_bytes = kMaxReplyBytes;
  }

  // "did you mean …?", or nothing. The endpoint is asked for its models once; who comes in the
  // meantime waits for the answer.
  Async<std::string> NearestModel() {
    const bool entered = co_await models_gate_.Acquire(0);
    if (!entered) co_return "";
    if (!nearest_model_) {
      nearest_model_ = "";
      HttpRequest http;
      http.method = "GET";
      http.url = format_->models_url();
      AddHeaders(http, std::min(spec_.timeout_ms, kModelsTimeoutMs));
      HttpReply answer = co_await http_.Perform(http);
      if (answer.ok() && answer.status == 200) {
        nearest_model_ = NearestOf(DecodeModelNames(WithoutSecrets(std::move(answer.body), 0)));
      }
    }
    models_gate_.Release();
    co_return *nearest_model_;
  }

  std::string NearestOf(const std::vector<std::string>& names) const {
    constexpr size_t kShown = 5;
    if (names.empty()) return "";
    std::string few;
    for (size_t i = 0; i < std::min(names.size(), kShown); ++i)
      few += (i > 0 ? ", " : "") + names[i];
    return DidYouMean(spec_.name, names, "there are " + few + (names.size() > kShown ? ", …" : ""));
  }

  double Random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  const ModelSpec spec_;
  const std::unique_ptr<WireFormat> format_;
  Clock& clock_;
  HttpTransport& http_;
  CallCache* const cache_;
  const EndpointSecrets secrets_;
  RateLimiter limiter_;
  std::mt19937_64 random_;
  int between_tries_ = 0;
  int64_t rate_limited_ = 0;
  int64_t retries_ = 0;
  std::string last_error_;
  Gate models_gate_;
  std::optional<std::string> nearest_model_;  // absent: not asked yet
};

}  // namespace

std::unique_ptr<Model> MakeEndpointModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
                                         Loop& loop, Clock& clock, HttpTransport& http,
                                         CallCache* cache, EndpointSecrets secrets, uint64_t seed) {
  return std::make_unique<EndpointModel>(spec, std::move(format), loop, clock, http, cache,
                                         std::move(secrets), seed);
}

}  // namespace axiometer
