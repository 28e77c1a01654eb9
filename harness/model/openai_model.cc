#include "harness/model/openai_model.h"

#include <algorithm>
#include <random>
#include <utility>

#include "harness/model/openai_chat.h"
#include "harness/model/rate_limiter.h"
#include "harness/model/reply_text.h"
#include "harness/model/retry.h"

namespace axiometer {
namespace {

constexpr size_t kMaxErrorBytes = 2000;
constexpr size_t kMaxReplyBytes = 8u << 20;
// A shorter key is a placeholder ("test", "ollama") and may well be a word of the model's text.
constexpr size_t kMinSecretBytes = 16;
constexpr int64_t kConnectTimeoutMs = 30'000;

// One reply of the endpoint, read.
struct ReadTry {
  bool usable = false;
  ChatReply chat;    // of a reply with status 200
  FailedTry failed;  // !usable
  std::string problem;
};

std::string Fingerprint(const HttpReply& reply) {
  if (!reply.ok()) return HttpFailureName(reply.failure);
  return std::to_string(reply.status) + " " + Sha256(reply.body);
}

ReadTry ReadReply(const HttpReply& reply, int wanted_choices, int64_t wall_ms) {
  ReadTry read;
  read.failed.failure = reply.failure;
  read.failed.status = reply.status;
  read.failed.fingerprint = Fingerprint(reply);
  read.failed.retry_after_ms = RetryAfterMs(reply.headers, wall_ms);
  const auto take_error = [&](const ChatError& error) {
    read.failed.reported = error.reported;
    read.failed.code = error.code;
    read.failed.type = error.type;
    read.failed.message = error.message;
  };
  if (!reply.ok()) {
    read.problem = reply.error.empty() ? HttpFailureName(reply.failure) : reply.error;
    return read;
  }
  if (reply.status < 200 || reply.status > 299) {
    const ChatError error = DecodeChatError(reply.body);
    take_error(error);
    read.problem = "HTTP " + std::to_string(reply.status);
    if (!error.message.empty()) read.problem += ": " + error.message;
    return read;
  }
  read.chat = DecodeChat(reply.body, wanted_choices);
  read.problem = read.chat.problem;
  switch (read.chat.status) {
    case ChatReply::Status::kMessage:
    case ChatReply::Status::kRefusal:
      read.usable = true;
      break;
    case ChatReply::Status::kErrorReport:
      take_error(read.chat.error);
      if (read.chat.error.status != 0) read.failed.status = read.chat.error.status;
      break;
    case ChatReply::Status::kUnreadable:
      break;
    case ChatReply::Status::kWrongChoices:
      read.failed.final = true;
      break;
  }
  return read;
}

class OpenAiModel : public Model {
 public:
  OpenAiModel(const ModelSpec& spec, Loop& loop, Clock& clock, HttpClient& http, CallCache* cache,
              std::string key, uint64_t seed)
      : spec_(spec),
        clock_(clock),
        http_(http),
        cache_(spec.cache ? cache : nullptr),
        key_(std::move(key)),
        url_(ChatUrl(spec.base_url)),
        head_(ChatHead(spec.name)),
        limiter_(loop, clock, spec.max_connections),
        random_(seed) {}

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
    http.url = url_;
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept", "application/json");
    if (!key_.empty()) http.headers.emplace_back("Authorization", "Bearer " + key_);
    http.timeout_ms = spec_.timeout_ms;
    http.connect_timeout_ms = std::min(spec_.timeout_ms, kConnectTimeoutMs);
    http.max_reply_bytes = kMaxReplyBytes;

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
      if (is_error || key_.size() >= kMinSecretBytes) {
        answer.body = WithoutKey(std::move(answer.body), key_);
      }
      ReadTry read = ReadReply(answer, request.generation.n.value_or(1), clock_.WallMs());
      reply.usage += read.chat.usage;
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
      reply.choices = read.chat.choices;
      reply.error = Describe(read.problem, reply.tries);
      if (decision.status != CallStatus::kCancelled) last_error_ = reply.error;
      if (!decision.retry) {
        reply.status = decision.status;
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
      encoded.digest.Update(url_);
      encoded.digest.Update("\n");
      encoded.digest.Update(head_);
    }
    AppendMessages(*request.messages, encoded);
    const std::string tail = ChatTail(request, spec_.arguments);
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
    body.reserve(head_.size() + encoded.bytes.size() + tail.size());
    body += head_;
    body += encoded.bytes;
    body += tail;
    return body;
  }

  void Accept(ReadTry read, Reply& reply) {
    ChatReply& chat = read.chat;
    const bool refused = chat.status == ChatReply::Status::kRefusal;
    reply.status = refused ? CallStatus::kRefused : CallStatus::kOk;
    reply.error = refused ? Describe(chat.problem, reply.tries) : "";
    reply.message = std::move(chat.message);
    reply.finish_reason = std::move(chat.finish_reason);
    reply.choices = chat.choices;
    reply.response_id = std::move(chat.id);
    reply.response_model = std::move(chat.model);
  }

  void Cancelled(Reply& reply) const {
    reply.status = CallStatus::kCancelled;
    reply.error = Describe("cancelled", reply.tries);
  }

  std::string Describe(const std::string& problem, int tries) const {
    std::string text = "endpoint \"" + spec_.id() + "\": " + OneLine(problem, kMaxErrorBytes - 500);
    if (tries > 1) text += " (after " + std::to_string(tries) + " tries)";
    return OneLine(WithoutKey(std::move(text), key_), kMaxErrorBytes);
  }

  double Random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  const ModelSpec spec_;
  Clock& clock_;
  HttpClient& http_;
  CallCache* const cache_;
  const std::string key_;
  const std::string url_;
  const std::string head_;
  RateLimiter limiter_;
  std::mt19937_64 random_;
  int between_tries_ = 0;
  int64_t rate_limited_ = 0;
  int64_t retries_ = 0;
  std::string last_error_;
};

}  // namespace

std::string ChatUrl(const std::string& base_url) {
  const size_t query = base_url.find('?');
  std::string url = base_url.substr(0, query);
  while (url.ends_with('/')) url.pop_back();
  url += "/chat/completions";
  if (query != std::string::npos) url += base_url.substr(query);
  return url;
}

std::unique_ptr<Model> MakeOpenAiModel(const ModelSpec& spec, Loop& loop, Clock& clock,
                                       HttpClient& http, CallCache* cache, std::string key,
                                       uint64_t seed) {
  return std::make_unique<OpenAiModel>(spec, loop, clock, http, cache, std::move(key), seed);
}

}  // namespace axiometer
