#include "harness/model/endpoint_calls.h"

#include <algorithm>
#include <utility>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/model/event_stream.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr size_t kMaxErrorBytes = 2000;
constexpr size_t kMaxReplyBytes = 8u << 20;
constexpr size_t kMaxStreamBytes = 64u << 20;  // some 300 bytes a token
// A shorter key is no secret ("test", "ollama") and may well be a word of the model's text.
constexpr size_t kMinSecretBytes = 16;
constexpr int64_t kConnectTimeoutMs = 30'000;
constexpr int64_t kModelsTimeoutMs = 10'000;

std::string Fingerprint(const HttpReply& reply) {
  if (!reply.ok()) return HttpFailureName(reply.failure);
  return std::to_string(reply.status) + " " + Sha256(reply.body);
}

ReadTry ReadReply(const WireFormat& format, const HttpReply& reply, int wanted_choices,
                  int64_t wall_ms) {
  ReadTry read;
  read.failed.failure = reply.failure;
  read.failed.status = reply.status;
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
    case WireReply::Status::kCutOff:
      read.failed.failure = HttpFailure::kClosed;
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

}  // namespace

EndpointCalls::EndpointCalls(const ModelSpec& spec, std::unique_ptr<WireFormat> format, Loop& loop,
                             HttpTransport& http, CallCache* cache, EndpointSecrets secrets)
    : spec_(spec),
      format_(std::move(format)),
      http_(http),
      cache_(spec.cache ? cache : nullptr),
      secrets_(std::move(secrets)),
      models_gate_(loop, 1) {}

void EndpointCalls::AddIdentity(Sha256Stream& digest) const {
  digest.Update(format_->identity());
  digest.Update("\n");
  // Another header may mean another answer. Its value may be a secret, and a digest of it be
  // guessed.
  for (const auto& [name, value] : secrets_.headers) digest.Update(name + "\n");
  digest.Update(format_->head());
}

std::string EndpointCalls::identity() const {
  Sha256Stream digest;
  AddIdentity(digest);
  digest.Update("\n" + spec_.cache_scope);
  return digest.Hex();
}

std::optional<std::string> EndpointCalls::Begin(const Request& request, Reply& reply) const {
  if (const std::string lacking = format_->Lacks(request.generation); !lacking.empty()) {
    reply.error = Describe("the provider has no " + lacking, 0);
    return std::nullopt;
  }
  std::string body = Encode(request, reply.request_digest);
  if (cache_ == nullptr) return body;
  std::unique_ptr<Reply> known = cache_->Find(reply.request_digest, request.epoch);
  if (!known) return body;
  known->cached = true;
  known->tries = 0;
  known->request_digest = std::move(reply.request_digest);
  reply = std::move(*known);
  return std::nullopt;
}

ReadTry EndpointCalls::Read(HttpReply& answer, int wanted_choices, int64_t wall_ms) const {
  // Before anything else looks: whoever echoes the key must not get it into the store.
  const bool is_error = answer.status < 200 || answer.status > 299;
  answer.body = WithoutSecrets(std::move(answer.body), is_error ? 0 : kMinSecretBytes);
  ReadTry read = ReadReply(*format_, answer, wanted_choices, wall_ms);
  if (!read.usable) read.failed.fingerprint = Fingerprint(answer);
  // In a stream it may come in pieces, which are one text only now.
  if (IsEventStream(answer.body)) {
    Message& message = read.wire.message;
    for (std::string* text : {&message.text, &message.reasoning, &message.raw, &message.logprobs}) {
      *text = WithoutSecrets(std::move(*text), kMinSecretBytes);
    }
    for (ToolCall& call : message.tool_calls) {
      for (std::string* text : {&call.id, &call.name, &call.arguments}) {
        *text = WithoutSecrets(std::move(*text), kMinSecretBytes);
      }
    }
  }
  return read;
}

void EndpointCalls::Price(Reply& reply, double share) const {
  if (!spec_.prices || reply.usage.tokens() == 0) return;
  reply.usage.cost_usd = share * CostUsd(reply.usage, *spec_.prices);
}

Async<std::string> EndpointCalls::DescribeFinal(const ReadTry& read, int tries) {
  std::string problem = read.problem;
  if (UnknownModel(read.failed)) {
    const std::string hint = co_await NearestModel();
    if (!hint.empty()) problem = read.problem + ": " + hint;
  }
  if (const std::string advice = format_->Advice(read.failed); !advice.empty())
    problem = read.problem + ": " + advice;
  co_return Describe(problem, tries);
}

// The body; fills the digest of endpoint, body and step.
std::string EndpointCalls::Encode(const Request& request, std::string& digest) const {
  EncodedConversation afresh;
  EncodedConversation& encoded = request.encoded != nullptr ? *request.encoded : afresh;
  if (encoded.messages == 0) AddIdentity(encoded.digest);
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

void EndpointCalls::Accept(ReadTry read, Reply& reply) const {
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

void EndpointCalls::Cancelled(Reply& reply) const {
  reply.status = CallStatus::kCancelled;
  reply.error = Describe("cancelled", reply.tries);
}

std::string EndpointCalls::Describe(const std::string& problem, int tries) const {
  std::string text = "endpoint \"" + spec_.id() + "\": " + OneLine(problem, kMaxErrorBytes - 500);
  if (tries > 1) text += " (after " + std::to_string(tries) + " tries)";
  return OneLine(WithoutSecrets(std::move(text), 0), kMaxErrorBytes);
}

std::string EndpointCalls::WithoutSecrets(std::string text, size_t min_bytes) const {
  if (secrets_.key.size() >= min_bytes) text = WithoutKey(std::move(text), secrets_.key);
  for (const auto& [name, value] : secrets_.headers) {
    if (value.size() >= min_bytes) text = WithoutKey(std::move(text), value);
  }
  return text;
}

void EndpointCalls::AddHeaders(HttpRequest& http, int64_t timeout_ms) const {
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
  const auto stream = spec_.arguments.find("stream");
  const bool streams = stream != spec_.arguments.end() && stream->second == "true";
  http.max_reply_bytes = streams ? kMaxStreamBytes : kMaxReplyBytes;
}

// "did you mean …?", or nothing. The endpoint is asked for its models once; who comes in the
// meantime waits for the answer.
Async<std::string> EndpointCalls::NearestModel() {
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

std::string EndpointCalls::NearestOf(const std::vector<std::string>& names) const {
  constexpr size_t kShown = 5;
  if (names.empty()) return "";
  std::string few;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) few += (i > 0 ? ", " : "") + names[i];
  return DidYouMean(spec_.name, names, "there are " + few + (names.size() > kShown ? ", …" : ""));
}

}  // namespace axiometer
